"""The bytes of an answer: exact, the same head for HEAD, and never two answers out of one."""

import pytest

from trimtab.server.wire import CONTINUE, Answer, serialise


def test_an_answer_is_these_bytes():
    answer = Answer(200, b'{"a":1}', headers=((b"x-id", b"7"),))
    assert serialise(answer, keep_alive=True, date=b"Thu, 01 Jan 1970 00:00:00 GMT") == (
        b"HTTP/1.1 200 OK\r\n"
        b"content-type: application/json\r\n"
        b"x-content-type-options: nosniff\r\n"
        b"date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
        b"x-id: 7\r\n"
        b"content-length: 7\r\n"
        b"\r\n"
        b'{"a":1}'
    )


def test_the_last_answer_of_a_connection_says_so():
    ending = serialise(Answer(503, b""), keep_alive=False)
    assert ending.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert ending.count(b"\r\nconnection: close\r\n") == 1
    assert b"connection:" not in serialise(Answer(503, b""), keep_alive=True)


def test_head_gets_the_head_of_the_answer_with_the_length_of_its_body():
    answer = Answer(200, b"abc", b"text/plain")
    whole = serialise(answer, keep_alive=True)
    assert serialise(answer, keep_alive=True, body=False) == whole.removesuffix(b"abc")
    assert b"content-length: 3\r\n" in whole


@pytest.mark.parametrize(
    "header",
    [(b"x", b"a\r\nb: c"), (b"x", b"a\nb"), (b"x", b"a\rb"), (b"x", b"a\0"), (b"x\r\ny", b"a"), (b"x\0", b"a")],
)
def test_a_header_that_would_split_the_answer_is_refused(header):
    with pytest.raises(ValueError, match="would split the answer"):
        serialise(Answer(200, b"", headers=(header,)), keep_alive=True)


@pytest.mark.parametrize("content_type", [b"a/b\r\nx: y", b"a/b\nx: y", b"a/b\r", b"a/b\0"])
def test_a_content_type_that_would_split_the_answer_is_refused(content_type):
    with pytest.raises(ValueError, match="would split the answer"):
        serialise(Answer(200, b"", content_type), keep_alive=True)


def test_the_go_ahead_is_a_whole_answer_of_its_own():
    assert CONTINUE == b"HTTP/1.1 100 Continue\r\n\r\n"
