"""Heads of requests: read once where they come again, and refused where two readers could see two."""

import pytest

from trimtab.server.chunks import RefusedError
from trimtab.server.heads import framed, framed_again


def head(*lines: bytes, first: bytes = b"POST /a?b HTTP/1.1") -> bytes:
    return b"\r\n".join([first, b"Host: x", *lines, b"", b""])


def test_a_head_says_what_is_asked_and_how_long_its_body_is():
    found = framed(head(b"Content-Length: 7", b"Expect: 100-continue"))
    request = found.request
    assert (request.method, request.path, request.query, request.keep_alive) == (b"POST", b"/a", b"b", True)
    assert (found.length, found.chunked, found.expects) == (7, False, True)
    assert framed(head()).length == 0
    assert framed(head(b"Transfer-Encoding: chunked")).chunked


def test_the_same_head_is_read_once_and_its_notes_are_shared():
    one, other = framed_again(head(b"X-A: 1")), framed_again(head(b"X-A: 1"))
    assert one is other
    one.request.notes["seen"] = True
    assert other.request.with_body(b"{}").notes == {"seen": True}
    assert framed_again(head(b"X-A: 2")).request.notes == {}


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (head(b"Content-Length: 1", b"Transfer-Encoding: chunked"), 400),
        (head(b"Content-Length: 1", b"Content-Length: 1"), 400),
        (head(b"Content-Length: +1"), 400),
        (head(b"Content-Length: " + b"1" * 19), 400),
        (head(b"Transfer-Encoding: gzip, chunked"), 501),
        (head(b"Transfer-Encoding: chunked", first=b"POST / HTTP/1.0"), 400),
        (head(b"Expect: a miracle"), 417),
        (head(first=b"POST / HTTP/2.0"), 505),
        (head(first=b"POST  / HTTP/1.1"), 400),
        (head(first=b"POST a HTTP/1.1"), 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
    ],
)
def test_a_head_with_two_readings_is_refused(given, status):
    with pytest.raises(RefusedError) as caught:
        framed(given)
    assert caught.value.refusal.status == status
    with pytest.raises(RefusedError):  # nor is it remembered as anything else
        framed_again(given)
