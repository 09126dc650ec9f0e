"""Promotion in a real store: whatever is killed when, exactly one revision answers after a restart; and who may."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from trimtab.bundle.store import LATEST, Store
from trimtab.server.guard.keys.file import KeyEntry, encode_keys
from trimtab.server.guard.keys.text import hash_of, new_id, new_key
from trimtab.server.guard.principal import Grant

START = "from trimtab.cli.main import main; main()"


class Shop:
    """A store with two bundles of `small`, which answer with 1 and 2 times x, and servers of it."""

    def __init__(self, workshop):
        self.root, self.store, self.digests = workshop.root, workshop.store, []
        for word in ("1", "2"):
            workshop.write(model=f"def predict(data):\n    return data['x'] * {word}\n")
            self.digests.append(workshop.package(lock="off").digest)
        self.server = None

    def serve(self, reference="small", *, auth=False):
        """A server of its own session; its address is known when it answers."""
        (self.root / "trimtab.toml").write_text(
            'name = "small"\n[model]\npath = "model:predict"\n'
            + ('[server.auth]\nkeys = "keys.json"\n' if auth else "")
        )
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = [sys.executable, "-c", START, "serve", reference, "--store", str(self.store.root), "--port", "0"]
        command += ["--processes", "2", "--workers", "1", "--admin-port", str(self.port), "--json"]
        self.server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd=self.root
        )
        line = self.server.stdout.readline()
        assert line, self.server.stderr.read()
        self.place = json.loads(line)["address"].removeprefix("http://")

    def kill(self):
        """The whole tree, at once."""
        if self.server is not None:
            os.killpg(self.server.pid, signal.SIGKILL)
            self.server.communicate()
            self.server = None

    def control(self, method, path, body=None, **headers):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, f"/v1/flights/small{path}", json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def ask(self, **headers):
        """Status, and by what x is multiplied."""
        with contextlib.closing(http.client.HTTPConnection(self.place, timeout=60)) as connection:
            said = {"content-type": "application/json"} | {
                key.replace("_", "-"): value for key, value in headers.items()
            }
            connection.request("POST", "/v1/models/small/rows", json.dumps([{"x": 1.0}]), said)
            response = connection.getresponse()
            body = json.loads(response.read())
            return response.status, next(iter(body["rows"][0].values())) if response.status == 200 else body["code"]

    def answers(self):
        return {self.ask() for _ in range(20)}

    def fly(self, challenger, **headers):
        assert self.control("POST", "", {"flight": "f1", "challenger": challenger}, **headers)[0] == 202
        end = time.monotonic() + 60
        while (state := self.control("GET", "", **headers)[1]["state"]) == "loading":
            assert time.monotonic() < end
            time.sleep(0.02)
        assert state == "ready"

    def means(self):
        return self.store.pointed("small", LATEST)


@pytest.fixture
def shop(workshop):
    made = Shop(workshop)
    yield made
    made.kill()


def test_what_was_packaged_since_means_nothing_until_it_is_promoted(shop):
    old, new = shop.digests
    shop.serve(f"small@{old}")
    assert shop.control("POST", "", {"flight": "f1", "challenger": "small"})[0] == 202
    while shop.control("GET", "")[1]["state"] == "loading":
        time.sleep(0.02)
    assert shop.control("POST", "/promote", {"flight": "f1"})[1]["code"] == "P365"
    assert (shop.answers(), shop.means()) == ({(200, 1.0)}, new)
    shop.kill()
    shop.store.tag("small", LATEST, old)
    shop.serve()
    shop.store.tag("small", LATEST, new)
    shop.fly("small")
    assert (shop.answers(), shop.means()) == ({(200, 1.0)}, old)


@pytest.mark.parametrize("after_s", [0.0, 0.002, 0.005, 0.01, 0.03])
def test_killed_around_a_promotion_one_revision_answers_and_the_store_says_which(shop, after_s):
    old, new = shop.digests
    shop.store.tag("small", LATEST, old)
    shop.serve()
    shop.fly(new)
    connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=60)
    connection.request("POST", "/v1/flights/small/promote", json.dumps({"flight": "f1"}))
    time.sleep(after_s)  # not for luck: the moment of the kill is what varies
    shop.kill()
    connection.close()
    means = shop.means()
    assert means in (old, new)
    shop.serve()
    assert shop.answers() == {(200, 1.0 if means == old else 2.0)}
    assert shop.control("GET", "")[0] == 404


def test_what_was_promised_holds_after_a_kill(shop):
    old, new = shop.digests
    shop.store.tag("small", "prod", old)
    shop.serve("small:prod")
    shop.fly(new)
    assert shop.control("POST", "/promote", {"flight": "f1"}) == (200, {})
    shop.kill()
    assert Store(shop.store.root).pointed("small", "prod") == new
    shop.serve("small:prod")
    assert shop.answers() == {(200, 2.0)}


def test_only_operators_fly_and_pick(shop):
    scopes = {"caller": ("infer", "read"), "pilot": ("infer", "read", "operate")}
    ids = {name: new_id() for name in scopes}
    keys = {name: new_key(id_) for name, id_ in ids.items()}
    entries = [
        KeyEntry(ids[name], name, hash_of(keys[name]), tuple(Grant(scope, "small") for scope in may), 1)
        for name, may in scopes.items()
    ]
    (shop.root / "keys.json").write_bytes(encode_keys(entries))
    (shop.root / "keys.json").chmod(0o600)
    caller, pilot = ({"authorization": f"Bearer {keys[name]}"} for name in ("caller", "pilot"))
    old, new = shop.digests
    shop.store.tag("small", LATEST, old)
    shop.serve(auth=True)
    begin = {"flight": "f1", "challenger": new}
    assert [shop.control("POST", "", begin)[0], shop.control("POST", "", begin, **caller)[0]] == [401, 403]
    shop.fly(new, **pilot)
    assert shop.control("GET", "", **caller)[0] == 200
    assert shop.control("DELETE", "?flight=f1", **caller)[0] == 403
    assert shop.ask(x_trimtab_arm="challenger", **caller) == (403, "P332")
    assert shop.ask(x_trimtab_arm="challenger", **pilot) == (200, 2.0)
    assert shop.ask(**caller) == (200, 1.0)
    steer = {"flight": "f1", "share": 0.5, "lease_s": 60, "split": {"by": "principal"}}
    assert shop.control("PUT", "/traffic", steer, **pilot)[0] == 200
    assert len({shop.ask(**caller) for _ in range(20)}) == 1  # a caller stays in its arm
    os.killpg(shop.server.pid, signal.SIGTERM)
    _, said = shop.server.communicate(timeout=30)
    shop.server = None
    records = [json.loads(line)["record"] for line in said.splitlines() if '"audit"' in line]
    done = [(record.get("what"), record.get("outcome")) for record in records if record["who"] == "key:pilot"]
    assert done == [("flight begin", "done"), ("flight steer", "done")]
