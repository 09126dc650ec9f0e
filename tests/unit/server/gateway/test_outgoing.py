from __future__ import annotations

import pytest

from trimtab.server.gateway.answers import AnswerHead
from trimtab.server.gateway.backends import Backend
from trimtab.server.gateway.outgoing import answer_head, asks_upgrade, framing, is_safe, request_head
from trimtab.server.heads import framed

BACKEND = Backend("http", "b", 5000, "/base")


def asked(line: str, *headers: str):
    return framed("\r\n".join([line, "host: gate:80", *headers, "", ""]).encode()).request


def sent(request, address="10.0.0.9", *, secure=False) -> list[bytes]:
    return request_head(request, BACKEND, address, secure=secure).split(b"\r\n")


def test_a_head_is_made_anew_for_its_backend():
    lines = sent(asked("POST /v2/x?q=1 HTTP/1.1", "accept: a", "accept: b", "x-forwarded-for: 1.2.3.4"), secure=True)
    assert lines == [
        b"POST /base/v2/x?q=1 HTTP/1.1", b"host: b:5000", b"accept: a, b", b"x-forwarded-for: 1.2.3.4, 10.0.0.9",
        b"x-forwarded-proto: https", b"x-forwarded-host: gate:80", b"",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "header",
    ["te: trailers", "upgrade: h2c", "proxy-authorization: x", "x-trimtab-arm: champion", "x-trimtab-pin: s",
     "keep-alive: 5", "content-length: 0", "expect: 100-continue", "x-forwarded-proto: gopher", "http2-settings: x"],
)  # fmt: skip
def test_what_is_of_the_connection_or_of_the_gateway_stays_here(header):
    lines = sent(asked("GET / HTTP/1.1", header))
    assert header.encode() not in lines


def test_what_the_caller_names_in_connection_stays_here_but_what_we_say_does_not():
    lines = sent(asked("GET / HTTP/1.1", "connection: x-a, x-forwarded-for, host", "x-a: 1", "x-b: 2"))
    assert b"x-a: 1" not in lines
    assert {b"x-b: 2", b"host: b:5000", b"x-forwarded-for: 10.0.0.9"} <= set(lines)


def test_callers_with_the_same_head_keep_their_own_address():
    request = asked("GET / HTTP/1.1")
    for number in range(100):
        assert b"x-forwarded-for: 10.0.0.%d" % number in sent(request, f"10.0.0.{number}")
    assert len(request.notes) <= 64


@pytest.mark.parametrize(
    ("line", "length", "end"),
    [
        ("GET / HTTP/1.1", 0, b"\r\n"),
        ("GET / HTTP/1.1", 3, b"content-length: 3\r\n\r\n"),
        ("POST / HTTP/1.1", 0, b"content-length: 0\r\n\r\n"),
        ("POST / HTTP/1.1", -1, b"transfer-encoding: chunked\r\n\r\n"),
    ],
)
def test_framing_says_the_length_once(line, length, end):
    assert framing(asked(line), length) == end


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ((), ""),
        (("upgrade: websocket",), ""),
        (("connection: upgrade", "upgrade: h2c"), ""),
        (("connection: Upgrade", "upgrade: WebSocket"), "WebSocket"),
        (("connection: Upgrade", "upgrade: h2c, websocket"), "h2c"),
    ],
)
def test_an_upgrade_is_named(headers, wanted):
    assert asks_upgrade(asked("GET / HTTP/1.1", *headers).headers) == wanted


def test_only_what_may_be_sent_twice_is_safe():
    assert [is_safe(method) for method in (b"GET", b"HEAD", b"PUT", b"POST", b"PATCH")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("status", "said", "chunked", "keep", "end"),
    [
        (200, 5, False, True, b"content-length: 5\r\n\r\n"),
        (200, -1, True, True, b"transfer-encoding: chunked\r\n\r\n"),
        (200, -1, False, False, b"connection: close\r\n\r\n"),
        (304, 5, False, True, b"r: x\r\n\r\n"),
    ],
)
def test_an_answer_has_one_framing(status, said, chunked, keep, end):
    head = AnswerHead(status, b"HTTP/1.1 %d X\r\n" % status, (b"a: b\r\n",), said, said, chunked, kept=True, json=False)
    text = answer_head(head, b"r: x\r\n", keep_alive=keep, chunked=chunked)
    assert text == answer_head(head, b"r: x\r\n", keep_alive=keep, chunked=chunked)
    assert text.startswith(b"HTTP/1.1 %d X\r\na: b\r\nr: x\r\n" % status)
    assert text.endswith(end)
    assert answer_head(head, b"r: y\r\n", keep_alive=keep, chunked=chunked) != text
