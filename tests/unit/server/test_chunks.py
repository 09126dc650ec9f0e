"""The chunked coding: bodies come out whole, and every way to be unclear is refused with its reason."""

import pytest

from trimtab.server.chunks import Chunks, RefusedError


def take(*pieces, body=100, chunks=10, trailer=100):
    collected = Chunks(body, chunks, trailer)
    position = 0
    for piece in pieces:
        position = collected.take(piece, 0)
    return collected, position


def single(data):
    return [data[place : place + 1] for place in range(len(data))]


def refusal(*pieces, **limits):
    with pytest.raises(RefusedError) as caught:
        take(*pieces, **limits)
    return caught.value.refusal.status, caught.value.refusal.what


def test_the_chunks_are_joined_and_what_comes_behind_the_body_is_left():
    body = b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nx-sum: 1\r\n\r\n"
    collected, position = take(body + b"GET /")
    assert (bytes(collected.body), collected.done, position) == (b"abc0123456789", True, len(body))


def test_taking_begins_where_it_is_told_to():
    collected = Chunks(100, 10, 100)
    assert collected.take(b"HEAD1\r\na\r\n0\r\n\r\nREST", 4) == 4 + 3 + 3 + 5
    assert bytes(collected.body) == b"a"


def test_a_body_is_not_done_before_its_last_byte():
    body = b"2\r\nab\r\n0\r\n\r\n"
    collected = Chunks(100, 10, 100)
    done = []
    for piece in single(body):
        collected.take(piece, 0)
        done.append(collected.done)
    assert done == [False] * (len(body) - 1) + [True]


def test_an_empty_body_is_a_body():
    collected, _ = take(b"0\r\n\r\n")
    assert (bytes(collected.body), collected.done) == (b"", True)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"\r\n", "a chunk size is not a hexadecimal number"),
        (b"g\r\n", "a chunk size is not a hexadecimal number"),
        (b"123456789\r\n", "a chunk size is not a hexadecimal number"),
        (b"1 ;a\r\n", "a chunk size is not a hexadecimal number"),
        (b"1;\x00\r\n", "a chunk size is not a hexadecimal number"),
        (b"1;\x7f\r\n", "a chunk size is not a hexadecimal number"),
        (b"1\n", "a line of a chunked body ends with a bare LF"),
        (b"1\r\nab\r\n", "a chunk is longer than its size"),
        (b"1\r\na\n", "a line of a chunked body ends with a bare LF"),
        (b"0\r\nContent-Length: 5 1\r\n", "the trailer of a chunked body speaks of framing"),
        (b"0\r\ntransfer-encoding: chunked\r\n", "the trailer of a chunked body speaks of framing"),
        (b"0\r\nno trailer\r\n", "the trailer of a chunked body is malformed"),
        (b"0\r\na b: c\r\n", "the trailer of a chunked body is malformed"),
        (b"0\r\na: b\x00\r\n", "the trailer of a chunked body is malformed"),
        (b"0\r\n a: b\r\n", "the trailer of a chunked body is malformed"),
    ],
)
def test_what_is_unclear_is_refused_however_it_is_cut(body, what):
    assert refusal(body) == refusal(*single(body)) == (400, what)


@pytest.mark.parametrize("cut", [lambda data: [data], single, lambda data: [data[:100], data[100:]]])
def test_a_line_holds_256_bytes_however_it_is_cut(cut):
    longest = b"0;" + b"a" * 254 + b"\r\n"
    assert take(*cut(longest + b"\r\n"))[0].done
    assert refusal(*cut(b"0;" + b"a" * 255 + b"\r\n\r\n")) == (400, "a line of a chunked body is too long")


def test_the_limits_are_what_may_just_be():
    assert bytes(take(b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", body=3)[0].body) == b"abc"
    assert refusal(b"2\r\nab\r\n2\r\n", body=3) == (413, "the body is longer than 3 bytes")
    assert refusal(b"ffffffff\r\n", body=3) == (413, "the body is longer than 3 bytes")
    assert take(b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n", chunks=3)[0].done
    assert refusal(b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n", chunks=2) == (413, "the body has too many chunks")
    assert take(b"0\r\na: b\r\n\r\n", trailer=8)[0].done
    assert refusal(b"0\r\na: b\r\n\r\n", trailer=7) == (431, "the trailer of a chunked body is too long")
