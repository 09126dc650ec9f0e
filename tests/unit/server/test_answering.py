"""A request that waits for its sender to be known, and the line of the log that says of it no more than it may."""

import asyncio
import json

import pytest

from trimtab.server.answering import Waiting, in_loop
from trimtab.server.app import open_app
from trimtab.server.faults import GONE
from trimtab.server.guard.peer import Peer
from trimtab.server.settings import Settings
from trimtab.server.wire import Request


class Owed:
    def __init__(self):
        self.told = []

    def settle(self, result):
        self.told.append(result)


def test_what_waits_goes_on_once_and_then_stands_for_what_is_owed():
    owed, gone, begun = Owed(), [], []
    waiting = Waiting(lambda: begun.append(1) or owed, gone.append)
    waiting.go_on()
    waiting.go_on()
    waiting.settle(GONE)
    assert (begun, gone, owed.told) == ([1], [], [GONE])


def test_who_leaves_before_it_is_known_is_not_asked_for():
    gone, begun = [], []
    waiting = Waiting(lambda: begun.append(1), gone.append)
    waiting.settle(GONE)
    waiting.settle(GONE)
    waiting.go_on()
    assert (begun, gone) == ([], [GONE])


def test_what_was_answered_at_once_is_not_owed():
    waiting = Waiting(lambda: None, pytest.fail)
    waiting.go_on()
    waiting.settle(GONE)


def test_a_job_for_a_loop_that_has_ended_is_dropped():
    loop = asyncio.new_event_loop()
    done = []
    in_loop(loop, lambda: (done.append(1), loop.stop()))
    loop.run_forever()
    loop.close()
    in_loop(loop, lambda: done.append(2))
    assert done == [1]


def test_the_line_of_a_request_has_what_is_harmless_and_nothing_else(kit):
    logged = []
    app = open_app(
        {"churn": kit.endpoint().bundle}, Settings(access_log=True), lambda event, said: logged.append((event, said))
    )
    headers = {
        b"host": b"localhost", b"user-agent": b"x\x1b[31m" + b"y" * 900, b"authorization": b"Bearer hunter2",
        b"cookie": b"hunter2", b"x-api-key": b"hunter2", b"x-name": b"hunter2",
    }  # fmt: skip
    request = Request(b"GET", b"/livez" + b"a" * 500, b"key=hunter2", headers, b"", keep_alive=True)
    app.answer(request, lambda _answer: None, Peer("192.0.2.1"))
    ((event, said),) = logged
    assert event == "request"
    assert (said["method"], said["status"], said["client"], said["caller"]) == ("GET", 404, "192.0.2.1", "anybody")
    assert said["path"] == "/livez" + "a" * 194
    assert list(said["headers"]) == ["user-agent"]
    assert len(said["headers"]["user-agent"]) == 256
    assert "hunter2" not in json.dumps(said)
