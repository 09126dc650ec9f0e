"""The shapes in which a second request hides in a first one: one answer for one request, none out of a refused one."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trimtab.server.connection import Connection, Limits, Phase
from trimtab.server.wire import Continue, Refusal, Request

HIDDEN = b"GET /hidden HTTP/1.1\r\nhost: a\r\n\r\n"


def post(*headers, body=b"", line=b"POST /first HTTP/1.1"):
    return b"\r\n".join([line, b"host: a", *headers, b"", b""]) + body


def chunks(body):
    return post(b"transfer-encoding: chunked", body=body)


# name: the bytes, the status of their only answer
REFUSED = {
    "length, then chunked": (post(b"content-length: 5", b"transfer-encoding: chunked", body=b"0\r\n\r\n"), 400),
    "chunked, then length": (post(b"transfer-encoding: chunked", b"content-length: 5", body=b"0\r\n\r\n"), 400),
    "two lengths": (post(b"content-length: 3", b"content-length: 0", body=b"abc"), 400),
    "the same length twice": (post(b"content-length: 3", b"Content-Length: 3", body=b"abc"), 400),
    "two lengths in one": (post(b"content-length: 3, 3", body=b"abc"), 400),
    "a length with a sign": (post(b"content-length: +3", body=b"abc"), 400),
    "a negative length": (post(b"content-length: -3", body=b"abc"), 400),
    "a hexadecimal length": (post(b"content-length: 0x3", body=b"abc"), 400),
    "a length with an underscore": (post(b"content-length: 1_0", body=b"abcdefghij"), 400),
    "a length with a fraction": (post(b"content-length: 3.0", body=b"abc"), 400),
    "a length in other digits": (post("content-length: \u0663".encode(), body=b"abc"), 400),
    "an empty length": (post(b"content-length:", body=b"abc"), 400),
    "a length beyond 64 bits": (post(b"content-length: 18446744073709551619", body=b"abc"), 400),
    "a length beyond 18 digits": (post(b"content-length: 0000000000000000003", body=b"abc"), 400),
    "a length over the limit": (post(b"content-length: 70000000", body=b"abc"), 413),
    "two codings": (post(b"transfer-encoding: chunked, identity", body=b"0\r\n\r\n"), 400),
    "identity, then chunked": (post(b"transfer-encoding: identity, chunked", body=b"0\r\n\r\n"), 501),
    "a coding on top": (post(b"transfer-encoding: gzip, chunked", body=b"0\r\n\r\n"), 501),
    "chunked twice": (post(b"transfer-encoding: chunked", b"transfer-encoding: chunked", body=b"0\r\n\r\n"), 400),
    "nearly chunked": (post(b"transfer-encoding: xchunked", body=b"0\r\n\r\n"), 400),
    "chunked in quotes": (post(b'transfer-encoding: "chunked"', body=b"0\r\n\r\n"), 400),
    "chunked behind a vertical tab": (post(b"transfer-encoding:\x0bchunked", body=b"0\r\n\r\n"), 400),
    "identity": (post(b"transfer-encoding: identity", b"content-length: 3", body=b"abc"), 400),
    "an empty coding beside a length": (post(b"transfer-encoding: ", b"content-length: 3", body=b"abc"), 400),
    "a space before the colon": (post(b"content-length : 3", body=b"abc"), 400),
    "a tab before the colon": (post(b"transfer-encoding\t: chunked", body=b"0\r\n\r\n"), 400),
    "a space before the name": (post(b" content-length: 3", body=b"abc"), 400),
    "a name of bytes beyond ASCII": (post(b"content\xadlength: 3", body=b"abc"), 400),
    "a header without a colon": (post(b"content-length", body=b""), 400),
    "a folded header": (post(b"x: a", b" b"), 400),
    "a folded length": (post(b"content-length:", b" 3", body=b"abc"), 400),
    "a bare LF behind a header": (post(b"x: a\ncontent-length: 3", body=b"abc"), 400),
    "a bare LF behind the first line": (b"POST / HTTP/1.1\nhost: a\r\n\r\n", 400),
    "bare LFs only": (b"POST / HTTP/1.1\nhost: a\n\n", 400),
    "a bare CR in a header": (post(b"x: a\rcontent-length: 3", body=b"abc"), 400),
    "a bare CR for a line end": (post(b"x: a\r\rcontent-length: 3", body=b"abc"), 400),
    "a CR before the method": (b"\rPOST / HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    "an LF before the method": (b"\nPOST / HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    "two empty lines before the method": (b"\r\n\r\nPOST / HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    "a NUL in a header": (post(b"x: a\0content-length: 3"), 400),
    "a NUL in a name": (post(b"content-length\0: 3", body=b"abc"), 400),
    "a control character in a header": (post(b"x: a\x08"), 400),
    "two hosts": (post(b"host: b"), 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "HTTP/1.0 and chunked": (post(b"transfer-encoding: chunked", line=b"POST / HTTP/1.0", body=b"0\r\n\r\n"), 400),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400),
    "HTTP/1.2": (post(line=b"GET / HTTP/1.2"), 505),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "a version of two digits": (post(line=b"GET / HTTP/1.10"), 400),
    "a version in lower case": (post(line=b"GET / http/1.1"), 400),
    "a space in the target": (post(line=b"GET /a b HTTP/1.1"), 400),
    "a tab between method and target": (post(line=b"GET\t/ HTTP/1.1"), 400),
    "a space behind the version": (post(line=b"GET / HTTP/1.1 "), 400),
    "a NUL in the target": (post(line=b"GET /\0 HTTP/1.1"), 400),
    "bytes beyond ASCII in the target": (post(line="GET /é HTTP/1.1".encode()), 400),
    "an authority for a target": (post(line=b"CONNECT b:80 HTTP/1.1"), 400),
    "a target of another scheme": (post(line=b"GET ftp://b/x HTTP/1.1"), 400),
    "a target without an authority": (post(line=b"GET http:///x HTTP/1.1"), 400),
    "a method of our own making": (post(line=b"GETS / HTTP/1.1"), 501),
    "another expectation": (post(b"expect: 200-ok"), 417),
    "no chunk size": (chunks(b"\r\nabc\r\n0\r\n\r\n"), 400),
    "a chunk size with a sign": (chunks(b"+3\r\nabc\r\n0\r\n\r\n"), 400),
    "a negative chunk size": (chunks(b"-3\r\nabc\r\n0\r\n\r\n"), 400),
    "a chunk size with 0x": (chunks(b"0x3\r\nabc\r\n0\r\n\r\n"), 400),
    "a chunk size with an underscore": (chunks(b"0_3\r\nabc\r\n0\r\n\r\n"), 400),
    "a space before the chunk size": (chunks(b" 3\r\nabc\r\n0\r\n\r\n"), 400),
    "a space behind the chunk size": (chunks(b"3 \r\nabc\r\n0\r\n\r\n"), 400),
    "a chunk size of no digits": (chunks(b"zz\r\nabc\r\n0\r\n\r\n"), 400),
    "a chunk size beyond 64 bits": (chunks(b"10000000000000003\r\nabc\r\n0\r\n\r\n"), 400),
    "a chunk size over the limit": (chunks(b"ffffffff\r\nabc\r\n0\r\n\r\n"), 413),
    "a chunk longer than its size": (chunks(b"3\r\nabcd\r\n0\r\n\r\n"), 400),
    "a chunk shorter than its size": (chunks(b"4\r\nabc\r\n0\r\n\r\n"), 400),
    "a bare LF behind a chunk size": (chunks(b"3\nabc\r\n0\r\n\r\n"), 400),
    "a bare LF behind a chunk": (chunks(b"3\r\nabc\n0\r\n\r\n"), 400),
    "a bare LF behind the last chunk": (chunks(b"0\n\n"), 400),
    "a bare CR in a chunk size": (chunks(b"3\rabc\r\n0\r\n\r\n"), 400),
    "a bare CR in an extension": (chunks(b"3;a\rb\r\nabc\r\n0\r\n\r\n"), 400),
    "a NUL in an extension": (chunks(b"3;a\0\r\nabc\r\n0\r\n\r\n"), 400),
    "an endless extension": (chunks(b"3;" + b"a" * 300 + b"\r\nabc\r\n0\r\n\r\n"), 400),
    "a trailer that is none": (chunks(b"0\r\nGET / HTTP/1.1\r\n\r\n"), 400),
    "a folded trailer": (chunks(b"0\r\na: b\r\n c\r\n\r\n"), 400),
    "a trailer that speaks of framing": (chunks(b"3\r\nabc\r\n0\r\ncontent-length: 50\r\n\r\n"), 400),
}  # fmt: skip
FIRST = (b"/first", b"abc")
# name: the bytes, path and body of the requests in them, the status of the refusal behind them or None
TAKEN = {
    "an extension of a chunk": (chunks(b'3;a="b;c"\r\nabc\r\n0;x\r\n\r\n'), [FIRST], None),
    "a trailer": (chunks(b"3\r\nabc\r\n0\r\nchecksum: 50\r\n\r\n"), [FIRST], None),
    "a request inside of a chunk": (chunks(b"21\r\n" + HIDDEN + b"\r\n0\r\n\r\n"), [(b"/first", HIDDEN)], None),
    "a request inside of a length": (post(b"content-length: 33", body=HIDDEN), [(b"/first", HIDDEN)], None),
    "bytes behind the last chunk": (chunks(b"3\r\nabc\r\n0\r\n\r\nX"), [FIRST], 501),
    "bytes behind the length": (post(b"content-length: 3", body=b"abcX"), [FIRST], 501),
    "an empty line behind the body": (post(b"content-length: 3", body=b"abc\r\n"), [FIRST], None),
    "zeros before a length": (post(b"content-length: 0003", body=b"abc"), [FIRST], None),
    "spaces around a length": (post(b"content-length: \t3 ", body=b"abc"), [FIRST], None),
    "chunked in capitals": (post(b"Transfer-Encoding: CHUNKED", body=b"3\r\nabc\r\n0\r\n\r\n"), [FIRST], None),
    "an absolute target": (post(line=b"GET http://b.example/first?x HTTP/1.1"), [(b"/first", b"")], None),
    "an absolute target without a path": (post(line=b"GET HTTP://b.example?/x HTTP/1.1"), [(b"/", b"")], None),
    "an offer of another protocol": (post(b"connection: upgrade", b"upgrade: h2c"), [(b"/first", b"")], None),
}  # fmt: skip


def read(pieces):
    connection = Connection(Limits())
    events = [event for piece in pieces for event in connection.receive(piece) if not isinstance(event, Continue)]
    refusals = [event for event in events if isinstance(event, Refusal)]
    requests = [(event.path, bytes(event.body)) for event in events if isinstance(event, Request)]
    assert events[len(requests) :] == refusals, "nothing comes behind a refusal"
    assert len(refusals) <= 1
    assert (connection.phase is Phase.CLOSED) == bool(refusals)
    return requests, [refusal.status for refusal in refusals]


def single(data):
    return [data[place : place + 1] for place in range(len(data))]


@pytest.mark.parametrize("name", REFUSED)
def test_an_ambiguous_request_gets_one_refusal_and_what_follows_is_never_read(name):
    data, status = REFUSED[name]
    assert read([data + HIDDEN]) == ([], [status])
    assert read([data, HIDDEN]) == ([], [status])
    assert read([HIDDEN, data + HIDDEN]) == ([(b"/hidden", b"")], [status])
    requests, statuses = read(single(data + HIDDEN))
    assert (requests, len(statuses)) == ([], 1)


@pytest.mark.parametrize("name", TAKEN)
def test_a_strange_but_clear_request_is_read_in_one_way(name):
    data, requests, status = TAKEN[name]
    expected = (requests, [status]) if status else ([*requests, (b"/hidden", b"")], [])
    assert read([data + HIDDEN]) == expected
    assert read(single(data + HIDDEN)) == expected


@settings(max_examples=150)
@given(st.sampled_from([*REFUSED, *TAKEN]), st.lists(st.integers(0, 400), max_size=6))
def test_no_cutting_brings_out_what_hides(name, places):
    data, requests, status = (*REFUSED[name][:1], [], REFUSED[name][1]) if name in REFUSED else TAKEN[name]
    data += HIDDEN
    bounds = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    found, statuses = read([data[start:stop] for start, stop in pairwise(bounds)])
    assert found == (requests if status else [*requests, (b"/hidden", b"")])
    assert len(statuses) == (status is not None)


@pytest.mark.parametrize("size", [1, 7, 4096, 100_000])
def test_an_endless_head_is_refused_at_the_limit_however_it_comes(size):
    data = b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 70_000
    connection = Connection(Limits())
    fed = 0
    for start in range(0, len(data), size):
        events = connection.receive(data[start : start + size])
        fed = min(start + size, len(data))
        if events:
            break
    assert [event.status for event in events] == [431]
    assert fed - size < Limits().head <= fed
    assert connection.receive(HIDDEN) == []
