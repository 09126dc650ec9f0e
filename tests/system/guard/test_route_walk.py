"""Every route of every listener, with every kind of credential: the lists are those of the code, and of the docs."""

import http.client
import json
import re
import socket
import time

import grpc
import pytest
from tests.doubles.oidc import Provider

from trimtab.server import admin
from trimtab.server.app import ROUTES
from trimtab.server.grpc.calls import HEALTH, INFERENCE
from trimtab.server.grpc.proto import load
from trimtab.server.guard.keys.file import KeyEntry, encode_keys
from trimtab.server.guard.keys.text import hash_of, new_id, new_key
from trimtab.server.guard.principal import SCOPES, Grant

GRPC = {
    f"{load(service).name}/{name}": way
    for service, table in (("inference", INFERENCE), ("health", HEALTH))
    for name, way in table.items()
}
WALK = [
    *(("data", f"{route.method} {route.pattern}", route.scope) for route in ROUTES),
    *(("control", route, way.scope) for route, way in admin.ROUTES.items()),
    *(("grpc", name, way.scope) for name, way in GRPC.items()),
]
ALL = tuple(map(Grant, SCOPES))
VERSION = "ab" * 6
DENIED = {"UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "RESOURCE_EXHAUSTED": 429}


class World:
    """A server that asks, what its callers show, and where each route is asked."""

    def __init__(self, serve, folder, provider):
        self.provider, self.keys, self.audit, entries = provider, {}, folder / "audit", []
        now = int(time.time())
        for name, grants, more in self._callers(now):
            id_ = new_id()
            key = self.keys[name] = new_key(id_)
            entries.append(KeyEntry(id_, name.replace(" ", "-"), hash_of(key), grants, now - 100, **more))
        file = folder / "keys.json"
        file.write_bytes(encode_keys(entries))
        file.chmod(0o600)
        issuer = provider.settings(
            provider.main, grants=(), roles={name: grants for name, grants, _ in self._callers(0)}
        )
        plain = {name: getattr(issuer, name) for name in ("name", "issuer", "audiences", "jwks", "roles")}
        guard = {
            "keys": str(file),
            "issuers": [plain | {"authorities": str(issuer.authorities)}],
            "audit": str(self.audit),
        }
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.served = serve(guard=guard, admin_port=port, processes=1, workers=0)
        self.places = {"data": self.served.http, "control": f"127.0.0.1:{port}", "grpc": self.served.grpc}
        self.channel = grpc.insecure_channel(self.served.grpc)

    @staticmethod
    def _callers(now):
        yield "good", ALL, {}
        yield "expired", ALL, {"expires": now - 50}
        yield "revoked", ALL, {"revoked": now - 50}
        for scope in SCOPES:
            others = tuple(grant for grant in ALL if grant.scope != scope)
            # what is said of answers names no model: to be heard about some is enough, and ids show whose they are
            another = () if scope == "feedback" else (Grant(scope, "another-*"),)
            yield f"without {scope}", (*others, *another), {}

    def token(self, name, **claims):
        return self.provider.main.token(roles=[name], **claims)

    def ask(self, listener, route, shown):
        headers = {} if shown is None else {"authorization": f"Bearer {shown}"}
        if listener == "grpc":
            return self._call(route, headers)
        method, _, pattern = route.partition(" ")
        path = pattern.format(model="churn", name="churn", version=VERSION)
        connection = http.client.HTTPConnection(self.places[listener], timeout=30)
        connection.request(method, path, b"{}", headers | {"content-type": "application/json"})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        if response.status == 401:
            assert response.getheader("www-authenticate", "").startswith('Bearer realm="trimtab"')
        if response.status in (401, 403, 429):
            assert shown is None or shown not in body.decode()
        return response.status

    def _call(self, route, headers):
        metadata = tuple(headers.items())
        request = b"" if "Infer" not in route else b"\x0a\x05churn"
        try:
            if route.endswith("Watch"):
                next(self.channel.unary_stream(f"/{route}")(request, timeout=20, metadata=metadata))
            else:
                self.channel.unary_unary(f"/{route}")(request, timeout=20, metadata=metadata)
        except grpc.RpcError as error:
            return DENIED.get(error.code().name, 400)
        return 200


@pytest.fixture(scope="module")
def world(serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("walk")
    with Provider(folder) as provider:
        yield World(serve, folder, provider)


@pytest.mark.parametrize(("listener", "route", "scope"), WALK, ids=str)
def test_a_route_is_answered_to_whom_it_is_meant_for_and_to_nobody_else(world, listener, route, scope):
    now = int(time.time())
    strangers = {
        "none": None,
        "wrong key": new_key(new_id()),
        "no key": "tt_x",
        "expired key": world.keys["expired"],
        "revoked key": world.keys["revoked"],
        "expired token": world.token("good", exp=now - 3600),
        "wrong token": world.token("good", aud="another"),
        "no token": "a.b.c",
    }
    got = {name: world.ask(listener, route, shown) for name, shown in strangers.items()}
    if scope is None:
        assert set(got.values()) <= {200, 400, 503}
        return
    assert got.pop("none") == 401
    assert set(got.values()) <= {401, 429}, got  # who tries again and again is told to wait
    assert world.ask(listener, route, world.keys[f"without {scope}"]) == 403
    assert world.ask(listener, route, world.token(f"without {scope}")) == 403
    assert world.ask(listener, route, world.token("of no role")) == 403
    for other in set(SCOPES) - {scope}:
        assert world.ask(listener, route, world.keys[f"without {other}"]) not in (401, 403)
    assert world.ask(listener, route, world.keys["good"]) not in (401, 403)
    assert world.ask(listener, route, world.token("good")) not in (401, 403)


def test_there_are_routes_of_every_scope_and_listener():
    assert {listener for listener, _, _ in WALK} == {"data", "control", "grpc"}
    assert {scope for _, _, scope in WALK} == {None, *SCOPES}


def test_the_list_in_the_docs_is_the_list_in_the_code(root):
    line = re.compile(r"^\| (\S+) \| `(\S+)` \| (\w+) \| `?(\w+)`? \|$", re.MULTILINE)
    listed = line.findall((root / "docs/auth.md").read_text())
    coded = []
    for listener, route, scope in WALK:
        method, _, path = ("gRPC", "", route) if listener == "grpc" else route.partition(" ")
        coded.append((method, path, "data" if listener == "grpc" else listener, scope or "none"))
    assert listed == coded


def test_other_methods_and_unknown_routes_are_closed_too(world):
    for listener in ("data", "control"):
        for route in ("DELETE /v2", "PUT /v2/models/churn/infer", "GET /nowhere", "POST /v2/models/secret/infer"):
            assert world.ask(listener, route, None) in (401, 404, 405)
    assert world.ask("data", "POST /v2/models/secret/infer", None) == 401
    only = world.keys["without infer"]
    assert world.ask("data", "POST /v2/models/secret/infer", only) in (403, 404)


def test_every_refusal_and_change_is_written_down_and_holds_no_credential(world):
    load = "POST /v2/repository/models/{name}/load"
    asked = [world.ask("control", load, shown) for shown in (world.keys["good"], world.keys["without operate"], None)]
    assert asked == [200, 403, 401]
    text = "".join(path.read_text() for path in world.audit.glob("*.jsonl"))
    records = [json.loads(line) for line in text.splitlines()]
    assert {record["kind"] for record in records} == {"refused", "control"}
    assert {record["reason"] for record in records if record["kind"] == "refused"} >= {"unauthenticated", "forbidden"}
    (done,) = [record for record in records if record["kind"] == "control" and record["outcome"] == "done"][-1:]
    assert (done["who"], done["what"], done["endpoint"], done["client"]) == ("key:good", "load", "churn", "127.0.0.1")
    for key in world.keys.values():
        assert key not in text
    assert "eyJ" not in text
