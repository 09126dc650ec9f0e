"""Models that are loaded, renewed and unloaded while the server answers, through the control plane."""

import contextlib
import http.client
import json
import os
import signal
import socket
import threading

import pytest


class Plane:
    """Requests to the control plane of a server."""

    def __init__(self, port):
        self.port = port

    def ask(self, method, path):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def load(self, name):
        return self.ask("POST", f"/v2/repository/models/{name}/load")

    def unload(self, name):
        return self.ask("POST", f"/v2/repository/models/{name}/unload")

    def states(self):
        return {one["name"]: one["state"] for one in self.ask("POST", "/v2/repository/index")[1]}


@pytest.fixture
def loaded(serve, tmp_path):
    """A server of `m`, its control plane, and the folder of other models beside it."""
    (tmp_path / "version").write_text("00")
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {"VERSION": str(tmp_path / "version"), "SHELF": str(shelf)}
    return serve(env=env, processes=2, workers=1, admin_port=port), Plane(port), shelf


def status(server, model):
    return server.get(f"/v2/models/{model}/ready")[0]


def control_pid(server, plane):
    """The process that is neither a serving one nor the supervisor: it alone has no child."""
    plane.states()
    [pid] = [pid for pid in server.serving() if not server.family(pid)[1:]]
    return pid


def test_ten_loads_under_load_change_the_version_and_fail_no_request(loaded, tmp_path, Traffic):
    server, plane, _ = loaded
    with Traffic(server) as traffic:
        for number in range(1, 11):
            traffic.wait_for(10)
            (tmp_path / "version").write_text(f"{number:02x}")
            assert plane.load("m") == (200, {})
            version = f"{number:02x}" * 6
            assert server.ask({})[1]["version"] == version
            server.child.wait_until(lambda version=version: version in traffic.versions)
    assert traffic.wrong == []
    assert traffic.versions == {f"{number:02x}" * 6 for number in range(11)}


def test_another_model_comes_and_goes_and_a_renewal_of_all_keeps_it(loaded):
    server, plane, shelf = loaded
    (shelf / "other").write_text("aa")
    assert (plane.states(), status(server, "other")) == ({"m": "READY", "other": "UNAVAILABLE"}, 404)
    assert plane.load("nobody")[0] == 404
    assert plane.unload("nobody")[0] == 404
    assert plane.load("other") == (200, {})
    assert (plane.states(), status(server, "other")) == ({"m": "READY", "other": "READY"}, 200)
    assert plane.ask("GET", "/v2/models/other/ready")[0] == 200
    server.child.signal(signal.SIGHUP)
    server.child.wait_until(lambda: sum(event["event"] == "renewed" for event in server.events()) == 2)
    server.child.wait_until(lambda: status(server, "other") == 200, 10)  # of those that are leaving, none is ready
    assert server.metric("trimtab_rows_total") == 0
    assert plane.unload("other") == (200, {})
    assert (plane.states(), status(server, "other")) == ({"m": "READY", "other": "UNAVAILABLE"}, 404)
    assert plane.unload("other") == (200, {})


@pytest.mark.parametrize(("fault", "code"), [("broken", 400), ("crash", 500), ("unfit", 400)])
def test_a_model_that_cannot_be_served_changes_nothing(loaded, Traffic, fault, code):
    server, plane, shelf = loaded
    (shelf / "other").write_text(f"aa {fault}")
    with Traffic(server, callers=1) as traffic:
        traffic.wait_for(5)
        status_code, said = plane.load("other")
        traffic.wait_for(5)
    assert (status_code, said["code"]) == (code, "P305"), said
    assert (traffic.wrong, plane.states()) == ([], {"m": "READY", "other": "UNAVAILABLE"})


def test_a_control_process_that_is_killed_is_replaced_and_what_it_was_asked_is_done(loaded):
    server, plane, shelf = loaded
    (shelf / "other").write_text("aa")
    old = control_pid(server, plane)
    caller = socket.create_connection(("127.0.0.1", plane.port), timeout=30)
    caller.sendall(b"POST /v2/repository/models/other/load HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n")
    server.child.wait_until(lambda: len(server.serving()) > 3)  # fresh ones have been started
    os.kill(old, signal.SIGKILL)
    with contextlib.suppress(OSError):
        assert caller.recv(100) == b""
    caller.close()
    server.child.wait_until(lambda: plane.states().get("other") == "READY", 30)
    server.child.wait_until(lambda: status(server, "other") == 200, 10)
    assert old not in server.serving()


def test_two_loads_at_once_are_made_one_after_the_other(loaded):
    server, plane, shelf = loaded
    answers = []
    names = ["a", "b", "c"]
    for name in names:
        (shelf / name).write_text("aa")
    threads = [threading.Thread(target=lambda name=name: answers.append(plane.load(name))) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [(200, {})] * 3
    assert [status(server, name) for name in names] == [200] * 3


def test_a_killed_supervisor_takes_the_control_process_along(loaded, gone):
    server, plane, _ = loaded
    plane.states()
    family = server.family()
    server.child.signal(signal.SIGKILL)
    server.child.process.wait()
    assert [pid for pid in family if not gone(pid)] == []


def test_a_server_that_stops_answers_the_caller_whose_load_it_cannot_finish(loaded, gone):
    server, plane, shelf = loaded
    (shelf / "other").write_text("aa")
    answers = []
    thread = threading.Thread(target=lambda: answers.append(plane.load("other")))
    plane.states()
    thread.start()
    server.child.wait_until(lambda: len(server.serving()) > 3)
    family = server.family()
    server.child.signal(signal.SIGTERM)
    thread.join(30)
    assert answers[0][0] in (200, 503)
    assert server.child.end() == 0
    assert [pid for pid in family if not gone(pid)] == []


def test_a_control_process_that_hangs_is_replaced_and_no_request_fails(serve, Traffic):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server, plane = serve(processes=1, workers=1, admin_port=port, heartbeat_timeout_s=2.0), Plane(port)
    old = control_pid(server, plane)
    with Traffic(server) as traffic:
        os.kill(old, signal.SIGSTOP)
        traffic.wait_for(10)
        server.child.wait_until(lambda: old not in server.serving())
        assert plane.states() == {"m": "READY"}
        traffic.wait_for(10)
    assert traffic.wrong == []
    assert control_pid(server, plane) != old
    assert [(event["event"], event["pid"]) for event in server.events()] == [
        ("control plane hangs", old),
        ("control plane ended", old),
    ]
