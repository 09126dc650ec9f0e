"""The control plane behind its framework: without a socket as far as that goes, and where it may listen."""

import asyncio
import http.client
import json
import socket
import ssl
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.doubles.certificates import Authority

from trimtab.core.errors import UserError
from trimtab.server.admin import Control
from trimtab.server.admin_listener import admin_app, can_control, open_admin
from trimtab.server.guard.make import open_guard
from trimtab.server.renewal import Renewal
from trimtab.server.settings import Settings


@pytest.fixture
def control(repository):
    def log(event, _fields):
        pytest.fail(event)

    guard = open_guard(Settings(), log)
    guard.audit.control = guard.audit.refused = lambda *_: None
    return Control(repository, log, guard)


def asked(app, method, path, *pieces):
    """Status, headers and JSON of the answer to a request whose body comes in pieces; how many were taken."""
    left, sent = [*pieces], []

    async def receive():
        body = left.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [(b"host", b"localhost:1")]}
    asyncio.run(app({**scope, "query_string": b"", "root_path": ""}, receive, send))
    start, *bodies = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    raw = b"".join(message.get("body", b"") for message in bodies)
    said = json.loads(raw) if headers.get("content-type") == "application/json" else raw
    return start["status"], headers, said, len(pieces) - len(left)


def app_of(control):
    return admin_app(control, lambda: None)


def test_a_route_has_the_name_and_the_whole_body(control, repository):
    app = app_of(control)
    status, _, said, _ = asked(app, "POST", "/v2/repository/models/fraud/load", b'{"parameters"', b":{}}")
    assert (status, said, repository.done) == (200, {}, [("load", "fraud")])
    assert asked(app, "POST", "/v2/repository/index", b'{"ready"', b":true}")[2][1]["name"] == "fraud"
    assert asked(app, "GET", "/v2/models/broken/ready", b"")[:3:2] == (503, {"name": "broken", "ready": False})


def test_a_problem_has_its_status_and_the_house_s_form(control):
    status, headers, said, _ = asked(app_of(control), "POST", "/v2/repository/models/other/load", b"")
    assert (status, headers["content-type"], said["code"]) == (404, "application/json", "P312")


def test_a_body_without_end_is_not_read_to_its_end(control, repository):
    pieces = [b"x" * 30_000] * 10
    status, headers, said, taken = asked(app_of(control), "POST", "/v2/repository/models/fraud/load", *pieces)
    assert (status, headers["connection"], said["code"], taken) == (413, "close", "P310", 3)
    assert repository.done == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/repository/models/fraud/load", 405),
        ("POST", "/v2/models/churn/infer", 404),
        ("POST", "/v2/repository/models/a/b/load", 404),
        ("POST", "/v2/repository/models//load", 404),
    ],
)
def test_there_are_no_other_routes(control, repository, method, path, status):
    assert asked(app_of(control), method, path, b"")[0] == status
    assert repository.done == []


def test_it_beats_on_its_own_loop_for_as_long_as_it_lives(control):
    loops, twice = [], asyncio.Event()

    def beat():
        loops.append(asyncio.get_running_loop())
        if len(loops) == 2:
            twice.set()

    async def life():
        app = admin_app(control, beat)
        async with app.router.lifespan_context(app):
            await asyncio.wait_for(twice.wait(), 20)
        count = len(loops)
        await asyncio.sleep(0)
        assert loops == [asyncio.get_running_loop()] * count
        return [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    assert asyncio.run(life()) == []


def test_it_answers_on_the_socket_until_it_is_closed(control):
    threads, beaten = [], threading.Event()

    def beat():
        threads.append(threading.current_thread().name)
        beaten.set()

    listening = can_control("127.0.0.1", 0)
    admin = open_admin(control, listening, beat)
    place = urlsplit(admin.address)
    assert place.port == listening.getsockname()[1]
    connection = http.client.HTTPConnection(place.netloc, timeout=20)
    connection.request("GET", "/v2/health/live")
    assert json.loads(connection.getresponse().read()) == {"live": True}
    connection.close()
    assert beaten.wait(20)
    admin.close()
    assert set(threads) == {"trimtab-admin"}  # where requests are taken, and not beside it
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((place.hostname, place.port))


def test_a_caller_waits_from_the_moment_the_socket_is_there(control):
    with can_control("::1", 0) as listening:
        connection = http.client.HTTPConnection("::1", listening.getsockname()[1], timeout=20)
        connection.request("GET", "/v2/health/live")
        admin = open_admin(control, listening)
        assert admin.address == f"http://[::1]:{listening.getsockname()[1]}"
        assert connection.getresponse().status == 200
        connection.close()
        admin.close()


def test_over_tls_its_address_says_so(control, tmp_path):
    root = Authority("root")
    tls = tuple(map(Path, root.issues("here", "server").write(tmp_path, "tls")))
    admin = open_admin(control, can_control("127.0.0.1", 0), tls=Renewal(Settings(tls=tls)))
    assert admin.address.startswith("https://127.0.0.1:")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=root.crt.decode())
    connection = http.client.HTTPSConnection(urlsplit(admin.address).netloc, timeout=20, context=context)
    connection.request("GET", "/v2/health/live")
    assert json.loads(connection.getresponse().read()) == {"live": True}
    connection.close()
    admin.close()


def test_a_port_that_is_taken_is_said_with_the_option_that_names_another():
    with can_control("127.0.0.1", 0) as first, pytest.raises(UserError, match="P304") as caught:
        can_control("127.0.0.1", first.getsockname()[1])
    assert "--admin-port" in caught.value.problems[0].hint
