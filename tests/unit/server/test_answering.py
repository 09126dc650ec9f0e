"""The line of the log that says of a request no more than it may."""

import json

from trimtab.server.app import open_app
from trimtab.server.guard.peer import Peer
from trimtab.server.settings import Settings
from trimtab.server.wire import Request


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
