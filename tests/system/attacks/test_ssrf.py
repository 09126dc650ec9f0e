"""Addresses in every field: nothing that a caller writes makes the server open a connection."""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Iterator

import pytest
from tests.conftest import Child
from tests.system.attacks.target import INFER, ROWS, Target, answers, head, said

HEADERS = [
    "host", "forwarded", "x-forwarded-host", "x-forwarded-for", "x-forwarded-server", "x-original-url", "x-rewrite-url",
    "x-http-host-override", "x-real-ip", "referer", "origin", "traceparent", "tracestate", "baggage", "from", "via",
    "x-request-id", "user-agent", "x-wap-profile", "true-client-ip", "client-ip", "destination", "ce-source", "link",
    "ce-dataschema", "webhook-request-callback", "webhook-request-origin", "authorization", "proxy-authorization",
    "cookie", "content-location", "accept", "content-type", "content-encoding", "expect", "upgrade", "if-match",
]  # fmt: skip


class Listening:
    """A service of this machine that nobody is to call."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]

    def called(self) -> bool:
        """Whether anybody has connected so far."""
        return bool(select.select([self.socket], [], [], 0.2)[0])

    @property
    def places(self) -> list[str]:
        """Its address as a thing to fetch."""
        place = f"127.0.0.1:{self.port}"
        schemes = ["http://", "https://", "gopher://", "ftp://", "s3://", "oci://", "//", "", "file://", "tcp://"]
        return [f"{scheme}{place}/ssrf" for scheme in schemes] + [
            f"http://user@{place}/",
            f"http://localhost:{self.port}/",
        ]


@pytest.fixture
def listening() -> Iterator[Listening]:
    """One that counts, shown to work at the end."""
    one = Listening()
    yield one
    with socket.create_connection(("127.0.0.1", one.port)):
        assert one.called()
    one.socket.close()


def bodies(place: str) -> list[dict[str, object]]:
    """The place in every field that a body may have."""
    fields = ["model_uri", "uri", "url", "callback", "api_base", "source", "type", "dataschema", "path", "id"]
    tensor = {"name": place, "datatype": place, "shape": [1], "data": [place], "parameters": {"url": place}}
    text = {"name": "do", "datatype": "BYTES", "shape": [1], "data": [place]}
    return [
        dict.fromkeys(fields, place),
        {"rows": [{"x": 1.0, "do": place}], "id": place},
        {"rows": [{"x": place, place: 1}], "parameters": {"url": place}},
        {
            "id": place,
            "inputs": [tensor],
            "outputs": [{"name": place}],
            "parameters": {"load": place, "callback": place},
        },
        {"inputs": [text, {"name": "x", "datatype": "FP64", "shape": [1], "data": [1.0]}]},
        {"parameters": {"config": place, "file:model.json": place, "model_uri": place, "unload_dependents": place}},
    ]


def test_ssrf(target: Target, listening: Listening) -> None:
    """Bodies, headers and targets of the data plane."""
    for place in listening.places:
        for route in (ROWS, INFER):
            for body in bodies(place):
                assert target.send("POST", route, body)[0] < 500
        for name in HEADERS:
            given = [f"{name}: {place}", "connection: close"]
            lines = (
                head("GET /v2/models/m", *given)
                if name != "host"
                else head("GET /v2/models/m", given[1]).replace(b"localhost", place.encode())
            )
            assert len(answers(said(target.port, lines))) == 1
        for line in (
            f"GET {place}",
            f"CONNECT {place}",
            f"OPTIONS {place}",
            f"GET /v2/models/{place}",
            f"GET /?u={place}",
        ):
            assert len(answers(said(target.port, head(line, "connection: close")))) == 1
    assert not listening.called()


def test_ssrf_by_the_control_plane(target: Target, real: Child, listening: Listening) -> None:
    """The same for what may load models, from a store too: the body and the name carry no place to load from."""
    ports = target.admin, json.loads(real.out)["admin_port"]
    routes = ["/v2/repository/index", "/v2/repository/models/NAME/load", "/v2/repository/models/NAME/unload"]
    for place in listening.places:
        quoted = place.replace("/", "%2f").replace(":", "%3a")
        for port in ports:
            for route in routes:
                for name in (quoted, place, f"oci:{quoted}"):
                    body = json.dumps(bodies(place)[-1]).encode()
                    line = f"POST {route.replace('NAME', name)}"
                    ask = head(line, f"content-length: {len(body)}", "connection: close") + body
                    status = answers(said(port, ask))
                    assert status[0] < 500, (line, status)
            for line in (f"GET {place}", f"CONNECT {place}"):
                said(port, head(line, f"x-forwarded-host: {place}", "connection: close"))
    assert not listening.called()
