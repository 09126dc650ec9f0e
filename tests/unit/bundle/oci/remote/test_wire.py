"""Requests over real connections of this machine: what is sent, and what becomes of connections that fail."""

import base64
import socket
import ssl
import sys
import threading
from contextlib import contextmanager

import pytest

from trimtab.bundle.oci.remote.faults import Broken
from trimtab.bundle.oci.remote.patience import Patience
from trimtab.bundle.oci.remote.wire import Request, WireOfUrllib3, speaks_tls
from trimtab.core.errors import OutsideError, UserError


@contextmanager
def answering(*answers):
    """A server that answers each connection with these bytes, and then closes it; what it was sent."""
    got = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    head = b""
                    while b"\r\n\r\n" not in head and (piece := connection.recv(9999)):
                        head += piece
                    got.append(head)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", got
        thread.join()


@pytest.fixture
def wire():
    return WireOfUrllib3(Patience(silence_s=2, connect_s=2))


def body(answer):
    try:
        return b"".join(answer.pieces())
    finally:
        answer.close()


def test_a_request_is_sent_as_it_is_and_nothing_is_followed_or_unpacked(wire):
    said = b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:9/\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
    with answering(said) as (base, got):
        answer = wire.send(Request("PATCH", f"{base}/v2/x?a=b", {"content-range": "0-1"}, b"hi"))
        assert (answer.status, answer.headers["location"], body(answer)) == (307, "http://127.0.0.1:9/", b"abc")
    head = got[0].lower()
    assert head.startswith(b"patch /v2/x?a=b http/1.1\r\n")
    for line in (b"content-range: 0-1", b"content-length: 2", b"accept-encoding: identity", b"user-agent: trimtab/"):
        assert b"\r\n" + line in head
    assert head.count(b"accept-encoding") == head.count(b"user-agent") == 1


@pytest.mark.parametrize(
    "said",
    [
        b"", b"HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\nab", b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
)  # fmt: skip
def test_a_connection_that_breaks_off_is_broken(wire, said):
    with answering(said) as (base, _), pytest.raises(Broken):
        body(wire.send(Request("GET", f"{base}/", {})))


def test_a_server_that_is_silent_is_left():
    wire = WireOfUrllib3(Patience(silence_s=0.2))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(Broken, match="is silent"):
            wire.send(Request("GET", url, {}))


def test_nobody_who_listens_is_an_error_at_first_and_later_a_fault_that_may_pass(wire, free_port):
    with pytest.raises(OutsideError, match="P247"):
        wire.send(Request("GET", f"http://127.0.0.1:{free_port}/", {}))
    with answering(b"HTTP/1.1 204 X\r\n\r\n") as (base, _):
        body(wire.send(Request("GET", f"{base}/", {})))
    with pytest.raises(Broken):
        wire.send(Request("GET", f"{base}/", {}))


def test_a_header_that_holds_a_line_is_never_sent(wire, free_port):
    with pytest.raises(ValueError, match="header"):
        wire.send(Request("GET", f"http://127.0.0.1:{free_port}/", {"x": "a\r\ny: z"}))


def test_a_proxy_of_the_environment_is_used_and_never_for_this_machine(monkeypatch):
    with answering(b"HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\nok") as (base, got):
        monkeypatch.setenv("http_proxy", base.replace("://", "://user:p%40ss@"))
        monkeypatch.setenv("no_proxy", "other.example")
        wire = WireOfUrllib3(Patience(silence_s=2))
        assert body(wire.send(Request("GET", "http://registry.example/v2/", {}))) == b"ok"
    assert got[0].startswith(b"GET http://registry.example/v2/ HTTP/1.1\r\n")
    assert base64.b64encode(b"user:p@ss") in got[0]
    with answering(b"HTTP/1.1 204 X\r\n\r\n") as (base, got):
        body(wire.send(Request("GET", f"{base}/own", {})))
    assert got[0].startswith(b"GET /own ")


def test_whether_somebody_speaks_tls():
    with answering(b"HTTP/1.1 400 X\r\n\r\n") as (base, _):
        assert not speaks_tls(WireOfUrllib3(Patience(silence_s=0.2)), base.replace("http:", "https:"))


def test_without_urllib3_it_says_what_to_install():
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "urllib3"}
    for name in before:
        del sys.modules[name]
    sys.modules["urllib3"] = None
    try:
        with pytest.raises(UserError, match=r"P248.*\n\nhint: `pip install 'trimtab\[oci\]'`"):
            WireOfUrllib3(Patience(), ssl.create_default_context())
    finally:
        del sys.modules["urllib3"]
        sys.modules.update(before)
