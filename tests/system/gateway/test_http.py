"""Requests and answers through a gateway, over real sockets: streams, framing, what is passed on and what is not."""

from __future__ import annotations

import hashlib
import http.client
import json
from collections.abc import Callable
from contextlib import closing

import pytest
from tests.system.gateway.conftest import Through


@pytest.fixture
def gateway(through: Callable[..., Through]) -> Through:
    return through()


def test_a_request_arrives_as_it_was_asked(gateway: Through) -> None:
    given = {"content-type": "application/json", "authorization": "Bearer me", "traceparent": "00-1-2-01"}
    hop = {"connection": "close, x-mine", "x-mine": "1", "te": "trailers", "x-trimtab-arm": "challenger"}
    status, headers, body = gateway.ask("POST", "/echo?a=b%20c", b'{"a": 1}', {**given, **hop, "keep-alive": "5"})
    assert (status, json.loads(body)["length"]) == (200, 8)
    assert headers["x-trimtab-revision"] == gateway.champion.url
    (asked,) = gateway.champion.of("/echo?a=b%20c")
    assert asked.body == b'{"a": 1}'
    assert {name: asked.header(name) for name in given} == {name: [value] for name, value in given.items()}
    assert [name for name in (*hop, "keep-alive") if asked.header(name)] == []
    assert asked.header("host") == [gateway.champion.url.removeprefix("http://")]
    assert asked.header("x-forwarded-for") == ["127.0.0.1"]
    assert asked.header("x-forwarded-proto") == ["http"]
    assert asked.header("x-forwarded-host") == [gateway.gateway.address.removeprefix("http://")]


def test_connections_are_kept_on_both_sides(gateway: Through) -> None:
    before = gateway.champion.connections
    connection = http.client.HTTPConnection(*gateway.place, timeout=20)
    with closing(connection):
        for number in range(20):
            connection.request("POST", f"/echo/{number}", b"{}")
            assert connection.getresponse().read()
            assert connection.sock is not None
    assert gateway.champion.connections - before <= 2  # health has one of its own


def test_a_stream_passes_piece_by_piece(gateway: Through) -> None:
    connection = http.client.HTTPConnection(*gateway.place, timeout=20)
    with closing(connection):
        connection.request("GET", "/sse")
        response = connection.getresponse()
        assert response.headers["content-type"] == "text/event-stream"
        for number in range(3):  # the next part is written only when this one has been read
            assert response.readline() == f"data: {number}\n".encode()
            assert response.readline() == b"\n"
            gateway.champion.go_on.set()
        assert response.read() == b""


def test_a_chunked_request_is_passed_on_while_it_comes(gateway: Through) -> None:
    def parts() -> object:
        for number in range(50):
            yield str(number).encode() * 1000

    status, _, body = gateway.ask("POST", "/echo", parts(), {"content-type": "application/json"})
    assert (status, json.loads(body)["length"]) == (200, 90_000)
    (asked,) = gateway.champion.of("/echo")
    assert asked.body == b"".join(str(number).encode() * 1000 for number in range(50))


def test_large_bodies_pass_whole_in_both_directions(gateway: Through) -> None:
    body = bytes(range(256)) * 2**14
    assert json.loads(gateway.ask("POST", "/echo", body)[2])["length"] == len(body)
    assert hashlib.sha256(gateway.champion.of("/echo")[0].body).digest() == hashlib.sha256(body).digest()
    assert gateway.ask("GET", "/large")[2] == b"x" * (8 * 2**20)


def test_head_has_the_length_and_no_body(gateway: Through) -> None:
    connection = http.client.HTTPConnection(*gateway.place, timeout=20)
    with closing(connection):
        connection.request("HEAD", "/echo")
        response = connection.getresponse()
        assert (int(response.headers["content-length"]) > 10, response.read()) == (True, b"")
        connection.request("GET", "/none")  # the same connection goes on
        response = connection.getresponse()
        assert (response.status, response.read()) == (204, b"")


def test_an_answer_that_ends_with_its_connection_is_chunked_to_the_caller(gateway: Through) -> None:
    status, headers, body = gateway.ask("GET", "/until-close")
    assert (status, headers["transfer-encoding"], body) == (200, "chunked", b"to the end")
    said = gateway.raw(b"GET /until-close HTTP/1.0\r\n\r\n")
    assert b"transfer-encoding" not in said.lower()
    assert said.endswith(b"\r\n\r\nto the end")


def test_who_waits_for_a_word_before_the_body_gets_it(gateway: Through) -> None:
    with gateway.open() as caller:
        caller.sendall(b"POST /echo HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        assert caller.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        caller.sendall(b"{}")
        assert caller.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")
    assert gateway.champion.of("/echo")[0].header("expect") == []


def test_an_answer_ahead_of_the_whole_body_reaches_the_caller_and_ends_its_connection(gateway: Through) -> None:
    with gateway.open() as caller:
        caller.sendall(b"POST /early HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 1000)
        said = b""
        while piece := caller.recv(4096):
            said += piece
    assert said.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close\r\n" in said
    assert said.endswith(b"too much")


def test_pipelined_requests_are_answered_in_order(gateway: Through) -> None:
    asked = b"".join(b"GET /p%d HTTP/1.1\r\nhost: a\r\n\r\n" % number for number in range(200))
    said = gateway.raw(asked + b"GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
    found = [line for line in said.replace(b"}", b"}\n").split(b"\n") if line.startswith(b"{")]
    assert [json.loads(line)["path"] for line in found] == [*(f"/p{number}" for number in range(200)), "/last"]


@pytest.mark.parametrize(
    "attempt",
    [
        b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /evil",
        b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcd",
        b"POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\nGET /evil",
        b"POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding : chunked\r\n\r\n0\r\n\r\nGET /evil",
        b"POST /echo HTTP/1.1\nhost: a\ncontent-length: 0\n\nGET /evil",
        b"POST /echo HTTP/1.1\r\nhost: a\r\nx: 1\r\n content-length: 9\r\n\r\nGET /evil",
        b"GET /echo HTTP/1.1\r\nhost: a\r\ncontent-length: +4\r\n\r\nabcd",
        b"POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n4\nabcd\r\n0\r\n\r\nGET /evil",
    ],
)
def test_what_two_readers_would_read_differently_is_refused(gateway: Through, attempt: bytes) -> None:
    said = gateway.raw(attempt + b" HTTP/1.1\r\nhost: a\r\n\r\n")
    assert said.split(b" ", 2)[1] in (b"400", b"501")
    assert said.count(b"HTTP/1.1 ") == 1
    assert gateway.champion.of("/evil") == []


def test_framing_of_a_body_is_made_anew(gateway: Through) -> None:
    gateway.raw(
        b"POST /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
        b"4;ext=1\r\nabcd\r\n0\r\nx-trailer: 1\r\n\r\n"
    )
    (asked,) = gateway.champion.of("/echo")
    assert (asked.body, asked.header("x-trailer")) == (b"abcd", [])
    assert asked.header("content-length") == ["4"]


def test_an_upgrade_is_refused_by_name_and_an_offer_of_h2c_passed_over(gateway: Through) -> None:
    status, _, body = gateway.ask("GET", "/ws", headers={"connection": "Upgrade", "upgrade": "websocket"})
    assert (status, json.loads(body)["code"]) == (501, "P375")
    assert "`websocket`" in json.loads(body)["error"]
    offer = {"connection": "Upgrade, HTTP2-Settings", "upgrade": "h2c", "http2-settings": "AAMAAABkAAQAAP__"}
    assert gateway.ask("GET", "/h2c", headers=offer)[0] == 200
    (asked,) = gateway.champion.of("/h2c")
    assert [asked.header(name) for name in ("connection", "upgrade", "http2-settings")] == [[], [], []]
