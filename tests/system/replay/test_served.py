"""What a real server logs is replayed: with the policies of its columns, before it is sealed, and while it goes on."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys

import pytest

PROJECT = """
name = "small"
[model]
path = "model:predict"
container = "arrays"
golden = "sample.jsonl"
[signature.inputs]
mail = { dtype = "BYTES", nullable = true }
[server]
processes = 1
[server.log]
mode = "written"
[server.log.columns]
mail = "drop"
{more}
"""
RIGHT = "def predict(rows):\n    return {'label': ['yes' if x > 10 else 'no' for x in rows['x']]}\n"
OTHER = RIGHT.replace("x > 10", "x > 12 and 1 // int(x - 55) < 9")
MAIL = (
    "def predict(rows):\n    pairs = zip(rows['x'], rows['mail'])\n"
    "    return {'label': ['yes' if x > 10 and mail else 'no' for x, mail in pairs]}\n"
)
ROWS = [{"x": float(x), "plan": "plus" if x % 2 else "basic", "mail": f"{x}@example.org"} for x in range(60)]


def trimtab(workshop, *words):
    command = [sys.executable, "-m", "trimtab", *words]
    ran = subprocess.run(command, cwd=workshop.root, capture_output=True, text=True, timeout=100, check=False)
    return ran.returncode, ran.stdout, ran.stderr


def package(workshop, text):
    """The bundle of that model; its digest."""
    workshop.write(model=text)
    status, out, err = trimtab(workshop, "package", "--json")
    assert status == 0, err
    return json.loads(out)["digest"]


@pytest.fixture
def asked(workshop, start):
    """A server that logs, and was asked sixty rows one by one, and all of them at once."""

    def ask(more=""):
        workshop.write({"trimtab.toml": PROJECT.replace("{more}", more)}, model=RIGHT)
        workshop.write({"sample.jsonl": "".join(f"{json.dumps(row)}\n" for row in ROWS[:20])})
        workshop.lock_everything()
        right = package(workshop, RIGHT)
        server = start("trimtab", "serve", "--port", "0", "--json", cwd=workshop.root)
        server.wait_until(lambda: bool(server.out.strip()))
        address = json.loads(server.out.splitlines()[0])["address"]
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
        for batch in [*([row] for row in ROWS), ROWS]:
            connection.request("POST", "/v1/models/small/rows", json.dumps(batch), {"content-type": "application/json"})
            answer = connection.getresponse()
            assert (answer.status, answer.read() != b"") == (200, True)
        connection.close()
        return right, server

    return ask


def test_what_a_server_has_logged_is_replayed_while_it_serves_and_after(workshop, asked):
    right, server = asked()
    other = package(workshop, OTHER)
    first = trimtab(workshop, "replay", other, "--without", "mail", "--json")
    assert first[0] == 0, first[2]
    said = json.loads(first[1])
    assert said["revisions"] == [{"revision": right, "rows": 120}]
    assert (said["interactions"]["replayed"], said["changed"]["rows"]) == (61, 120)
    assert {(move["before"], move["after"], move["count"]) for move in said["moves"]} == {("yes", "no", 4)}
    (error,) = said["errors"]["kinds"]
    assert error["kind"].startswith("ZeroDivisionError at model.py:2 in")
    assert error["count"] == 2
    assert said["changed"]["count"] == 6
    server.signal(signal.SIGTERM)
    server.end()
    assert trimtab(workshop, "log", "--seal")[0] == 0
    assert trimtab(workshop, "replay", other, "--without", "mail", "--json")[1] == first[1]


def test_what_the_policies_did_not_keep_is_named_with_the_way_out(workshop, asked):
    asked('plan = "hash"')
    digest = package(workshop, MAIL)
    status, out, err = trimtab(workshop, "replay", digest)
    assert (status, out) == (2, "")
    assert "error[P970]: input `plan`, which the candidate takes, is kept as `hash` in 120 of 120 rows" in err
    assert "error[P970]: input `mail`, which the candidate takes, is not there in 120 of 120 rows" in err
    assert "`--without mail` replays it as null" in err
    assert "`[server.log.columns]`" in err


def test_a_column_that_may_be_null_is_replayed_without(workshop, asked):
    asked()
    status, out, err = trimtab(workshop, "replay", package(workshop, MAIL), "--without", "mail", "--json")
    assert status == 0, err
    assert json.loads(out)["moves"][0]["count"] == 98
