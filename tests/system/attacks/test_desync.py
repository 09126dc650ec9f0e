"""Requests that hide in others: whatever the bytes are, a request has one answer, and what hides has none."""

from __future__ import annotations

from itertools import pairwise

from tests.properties.test_smuggling import REFUSED, TAKEN
from tests.system.attacks.target import ROWS, Target, answers, head

HIDDEN = b"GET /v2/hidden HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
FLOOD = 65_536  # chunks that one body may have
# what uvicorn takes, and reads in the one way there is: a whole first request, and the one behind it
CLEAR = {
    "a length beyond 18 digits", "identity, then chunked", "a coding on top", "a CR before the method",
    "an LF before the method", "two empty lines before the method", "two hosts", "no host", "another expectation",
    "a target of another scheme", "an endless extension",
}  # fmt: skip
# it waits for such a body, though nobody reads it; `test_body_bombs.py` has the limit
LIMITS = {"a length over the limit", "a chunk size over the limit"}


def addressed(data: bytes) -> bytes:
    """The same, to a host that is taken."""
    return data.replace(b"host: a", b"host: localhost", 1)


def test_desync(target: Target) -> None:
    """Both lengths, two lengths, bad chunk sizes, bare LF, folded headers, a space before the colon, other codings."""
    wrong = {}
    for name, (data, status) in REFUSED.items():
        said = target.raw(addressed(data) + HIDDEN)
        if answers(said) != [status] or b"hidden" in said:
            wrong[name] = said
    assert wrong == {}


def test_desync_of_the_control_plane(target: Target) -> None:
    """Its parser is not ours: two answers only to what are two whole requests, or else one and the connection ends."""
    wrong = {}
    for name, (data, _) in REFUSED.items():
        if name not in LIMITS:
            said = target.raw(addressed(data) + HIDDEN, admin=True)
            if answers(said) not in ([[404, 404]] if name in CLEAR else [[400], [404]]):
                wrong[name] = said
    assert wrong == {}


def test_desync_of_strange_but_clear_requests(target: Target) -> None:
    """Extensions of chunks, trailers, requests as bodies: so many answers as requests."""
    for name, (data, requests, status) in TAKEN.items():
        said = target.raw(addressed(data) + HIDDEN)
        assert len(answers(said)) == len(requests) + 1, name
        assert (b"/v2/hidden" in said) == (status is None), name


def test_desync_in_pieces(target: Target) -> None:
    """The same bytes cut anywhere are the same requests."""
    data = head(f"POST {ROWS}", "transfer-encoding: chunked") + b'a;x=y\r\n[{"x":1.0}\r\n1\r\n]\r\n0\r\n\r\n' + HIDDEN
    for size in (1, 3, 17):
        bounds = [*range(0, len(data), size), len(data)]
        said = target.raw(*(data[start:stop] for start, stop in pairwise(bounds)))
        assert answers(said) == [200, 404]


def test_one_byte_chunk_flood(target: Target) -> None:
    """Three megabytes of chunks of one byte are refused where they are too many, in bounded memory."""
    target.forget_memory()
    before = target.memory()
    said = target.raw(head(f"POST {ROWS}", "transfer-encoding: chunked"), b"1\r\n \r\n" * 500_000)
    assert answers(said) == [413]
    assert target.memory() - before < 2**24
    just = b"1\r\n \r\n" * (FLOOD - 2) + b'b\r\n[{"x":1.0}]\r\n0\r\n\r\n'
    for body, status in ((just, 200), (b"1\r\n \r\n" + just, 413)):
        said = target.raw(head(f"POST {ROWS}", "transfer-encoding: chunked", "connection: close"), body)
        assert answers(said) == [status]
