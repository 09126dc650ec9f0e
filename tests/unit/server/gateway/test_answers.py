from __future__ import annotations

import itertools

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.server.gateway.answers import AnswerHead, Answers, MalformedError


def read(pieces: list[bytes], *, bare: bool = False) -> tuple[AnswerHead | None, bytes, Answers]:
    answers = Answers()
    answers.expect(bare=bare)
    found, body = None, b""
    for piece in pieces:
        head, more = answers.receive(piece)
        found, body = head or found, body + more
    return found, body, answers


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    return [data[a:b] for a, b in itertools.pairwise(places) if a < b]


@given(
    st.integers(200, 599),
    st.lists(st.binary(min_size=1, max_size=20), max_size=5),
    st.booleans(),
    st.lists(st.integers(0, 2000), max_size=6),
)
def test_what_another_implementation_writes_is_read_however_it_arrives(status, parts, chunked, cuts):
    theirs = h11.Connection(h11.SERVER)
    theirs.receive_data(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
    theirs.next_event()
    body = b"".join(parts)
    framing = ("transfer-encoding", "chunked") if chunked else ("content-length", str(len(body)))
    data = theirs.send(h11.Response(status_code=status, headers=[("x-a", "1"), framing]))
    if status not in (204, 304):
        data += b"".join(theirs.send(h11.Data(data=part)) for part in parts)
        data += theirs.send(h11.EndOfMessage())
    else:
        body = b""
    head, got, answers = read(split(data, cuts))
    assert head is not None
    assert (head.status, got, answers.done, answers.over) == (status, body, True, False)
    assert b"x-a: 1\r\n" in head.lines
    assert not any(b"length" in line or b"encoding" in line for line in head.lines)


def test_an_answer_to_head_has_a_length_and_no_body():
    head, body, answers = read([b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n"], bare=True)
    assert head is not None
    assert (head.said, body, answers.done) == (7, b"", True)


def test_heads_ahead_of_the_final_one_are_passed_over():
    head, body, _ = read([b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: a\r\n\r\nHTTP/1.1 204 No\r\n\r\n"])
    assert head is not None
    assert (head.status, body, head.lines) == (204, b"", ())


def test_without_a_length_only_the_end_of_the_connection_tells():
    head, body, answers = read([b"HTTP/1.0 200 OK\r\n\r\nab", b"cd"])
    assert head is not None
    assert (body, answers.done, head.kept) == (b"abcd", False, False)
    assert answers.close()


def test_an_answer_that_breaks_off_is_not_whole():
    _, _, answers = read([b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nab"])
    assert not answers.close()


def test_bytes_that_nobody_asked_for_are_noticed():
    _, body, answers = read([b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nabHTTP/1.1 200 OK\r\n"])
    assert (body, answers.done, answers.over) == (b"ab", True, True)


@pytest.mark.parametrize(
    ("said", "kept"), [(b"close", False), (b"Keep-Alive", True), (b"x-a, close", False), (b"", True)]
)
def test_what_is_of_the_connection_alone_stays_there(said, kept):
    data = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-a: 1\r\nconnection: %b\r\nkeep-alive: 5\r\n\r\n" % said
    head, _, _ = read([data])
    assert head is not None
    assert head.kept is kept
    assert head.lines == (() if b"x-a" in said else (b"x-a: 1\r\n",))


@pytest.mark.parametrize(
    "lines",
    [
        b"content-length: 5\r\ntransfer-encoding: chunked",
        b"content-length: 5\r\ncontent-length: 6",
        b"content-length: 5, 5",
        b"content-length: -1",
        b"transfer-encoding: gzip, chunked",
        b"transfer-encoding: chunked\r\ntransfer-encoding: identity",
        b"x : 1",
        b"x: 1\r\n folded: 2",
        b"x: a\x00b",
        b"x: a\nb: c",
        b": 1",
        b"upgrade: x\r\nbad",
    ],
)
def test_a_head_of_two_meanings_is_malformed(lines):
    with pytest.raises(MalformedError):
        read([b"HTTP/1.1 200 OK\r\n%b\r\n\r\n" % lines])


@pytest.mark.parametrize("first", [b"HTTP/2 200 OK", b"HTTP/1.1 99 x", b"HTTP/1.1 101 Switching", b"hello", b""])
def test_a_first_line_that_is_none_is_malformed(first):
    with pytest.raises(MalformedError):
        read([first + b"\r\n\r\n"])


def test_a_head_without_an_end_is_malformed_in_the_end():
    with pytest.raises(MalformedError):
        read([b"HTTP/1.1 200 OK\r\n", *[b"x: " + b"a" * 1000 + b"\r\n"] * 70])
