"""However a request is cut, our reading of it is the same, and it is h11's: method, target, headers, body, end.

Where h11 says yes and we say no, or the other way, stands in the two tables at the end, with the reason.
"""

from dataclasses import dataclass
from itertools import pairwise

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trimtab.server.connection import Connection, Limits
from trimtab.server.wire import Continue, Refusal, Request

LIMITS = Limits(head=4096, body=4096, chunks=64)
METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH")


@dataclass(frozen=True)
class Seen:
    """What both readers must agree on; `end` counts from the first byte of the request."""

    method: bytes
    path: bytes
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    keep_alive: bool
    end: int


def by_us(data):
    """The requests in the bytes, each with where it starts; and the refusal behind them, if there is one."""
    connection, start, seen, refusal = Connection(LIMITS), 0, [], None
    for position in range(len(data)):
        for event in connection.receive(data[position : position + 1]):
            if isinstance(event, Request):
                start += 2 * data.startswith(b"\r\n", start)  # an empty line, which h11 does not take
                headers = tuple(sorted(as_h11(event.headers).items()))
                end = position + 1 - start
                body, keep_alive = bytes(event.body), event.keep_alive
                seen.append((start, Seen(event.method, event.path, event.query, headers, body, keep_alive, end)))
                start = position + 1
            elif isinstance(event, Refusal):
                refusal = event
    return seen, refusal


def as_h11(headers):
    coding = b"transfer-encoding"  # h11 writes it in lower case, whatever it was
    return {**headers, coding: headers[coding].lower()} if coding in headers else headers


def by_h11(data):
    """The first request in the bytes, or None for none and for bytes that h11 refuses."""
    reader = h11.Connection(h11.SERVER, max_incomplete_event_size=2 * LIMITS.head)
    reader.receive_data(data)
    request, body = None, b""
    try:
        while not isinstance(event := reader.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            else:
                return None
    except h11.RemoteProtocolError:
        return None
    headers = {}
    for name, value in request.headers:
        headers[name] = headers[name] + b", " + value if name in headers else value
    path, _, query = without_authority(request.target).partition(b"?")
    modern = request.http_version == b"1.1"
    keep_alive = reader.their_state is not h11.MUST_CLOSE if modern else b"keep-alive" in tokens(headers)
    end = len(data) - len(reader.trailing_data[0])
    return Seen(request.method, path, query, tuple(sorted(headers.items())), body, keep_alive, end)


def tokens(headers):
    return [token.strip(b" \t") for token in headers.get(b"connection", b"").lower().split(b",")]


def without_authority(target):
    if target.startswith(b"/") or b"://" not in target:
        return target
    _, _, rest = target.partition(b"://")
    path = rest[min((place for sign in b"/?#" if (place := rest.find(sign)) >= 0), default=len(rest)) :]
    return path if path.startswith(b"/") else b"/" + path


def text(alphabet, most):
    return st.lists(st.sampled_from(alphabet), max_size=most).map(b"".join)


VISIBLE = [bytes([code]) for code in range(0x21, 0x7F)]
names = st.sampled_from([b"Accept", b"x-Id", b"X-ID", b"a", b"!#$%&'*+.^_`|~-09", b"proxy-connection", b"TE"])
values = st.tuples(text([*VISIBLE, b" ", b"\t", b"\x80", b"\xff"], 6), st.sampled_from(VISIBLE)).map(
    lambda pair: (pair[0] + pair[1]).strip()
)
pads = st.sampled_from([b"", b" ", b"\t", b"  \t"])
authorities = st.sampled_from([b"", b"", b"http://a.example", b"HTTPS://a:1"])
paths = text([b"a", b"Z", b"/", b"..", b"%2F", b":", b"@", b"!", b"'", b'"', b"~", b"//"], 6).map(lambda it: b"/" + it)
queries = st.sampled_from([b"", b"?", b"?a=b", b"?/?&%20"])
targets = st.tuples(authorities, paths, queries).map(b"".join)


@st.composite
def chunked(draw, body):
    """The body in the chunked coding, with sizes, extensions and trailers as a client may write them."""
    places = sorted(draw(st.lists(st.integers(1, max(len(body), 1)), max_size=4, unique=True)))
    parts = [body[a:b] for a, b in pairwise([0, *places, len(body)]) if body[a:b]]
    text = b""
    for part in [*parts, b""]:
        size = draw(st.sampled_from([b"%x", b"%X", b"0%x", b"000%X"])) % len(part)
        text += size + draw(st.sampled_from([b"", b";a=b", b';q="x y"', b";"])) + b"\r\n" + part + b"\r\n" * bool(part)
    return text + draw(st.sampled_from([b"", b"x-sum: 1\r\n", b"a:\r\nb: c d\r\n"])) + b"\r\n"


@st.composite
def requests(draw):
    """One valid HTTP/1.1 request as bytes."""
    body = draw(st.binary(max_size=40))
    headers = draw(st.lists(st.tuples(names, values), max_size=4))
    headers.insert(draw(st.integers(0, len(headers))), (draw(st.sampled_from([b"Host", b"host"])), b"a.example"))
    form = draw(st.sampled_from(["none", "length", "chunked"]))
    if form == "length":
        headers.append((draw(st.sampled_from([b"Content-Length", b"content-length"])), b"%d" % len(body)))
    if draw(st.integers(0, 9)) == 0:
        headers.append((b"Connection", draw(st.sampled_from([b"close", b"Keep-Alive", b"x,\tClose", b"clo se"]))))
    lines = [name + b":" + draw(pads) + value + draw(pads) for name, value in headers]
    if form == "chunked":  # llhttp takes no tab behind it
        lines.append(b"Transfer-Encoding:" + draw(pads) + b"chunked")
    head = b"\r\n".join([draw(st.sampled_from(METHODS)) + b" " + draw(targets) + b" HTTP/1.1", *lines]) + b"\r\n\r\n"
    return head + {"none": b"", "length": body, "chunked": draw(chunked(body)) if form == "chunked" else b""}[form]


def cut(data, places):
    bounds = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:stop] for start, stop in pairwise(bounds)]


def events(pieces):
    """Everything but `Continue`, which depends on whether a body is already here; bodies as plain bytes."""
    connection = Connection(LIMITS)
    found = [event for piece in pieces for event in connection.receive(piece) if not isinstance(event, Continue)]
    return [event if isinstance(event, Refusal) else plain(event) for event in found], connection.phase


def plain(request):
    return request.method, request.path, request.headers, bytes(request.body)


streams = st.lists(requests(), min_size=1, max_size=3)
places = st.lists(st.integers(0, 4000), max_size=12)


@settings(max_examples=60)
@given(streams, places)
def test_every_cutting_of_valid_requests_gives_the_same_events(sent, places):
    data = b"".join(sent)
    whole = events([data])
    assert events(cut(data, places)) == whole
    assert events([data[place : place + 1] for place in range(len(data))]) == whole
    assert not any(isinstance(event, Refusal) for event in whole[0])


@settings(max_examples=60)
@given(streams)
def test_valid_requests_are_what_h11_reads(sent):
    data = b"".join(sent)
    seen, refusal = by_us(data)
    assert refusal is None
    assert [one for _, one in seen] == [by_h11(data[start:]) for start, _ in seen]
    last = len(sent) if all(one.keep_alive for _, one in seen) else 1 + [one.keep_alive for _, one in seen].index(False)
    assert [data[start : start + one.end] for start, one in seen] == sent[:last]


SPLICES = (
    b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\0", b" ", b"\t", b":", b",", b";", b"\x0b", b"\x0c", b"\x7f", b"\x80", b"#",
    b"0\r\n\r\n", b"5\r\nabcde\r\n", b"\r\nContent-Length: 5", b"\r\nContent-Length: +5", b"\r\nContent-Length:",
    b"\r\nTransfer-Encoding: chunked", b"\r\nTransfer-Encoding:\x0bchunked", b"\r\nTransfer-Encoding: ", b"\r\n folded",
    b"\r\nConnection: close\t", b" HTTP/1.0", b" HTTP/2.0", b"http://b.example", b"GET / HTTP/1.1\r\nhost: b\r\n\r\n",
)  # fmt: skip


@st.composite
def garbled(draw):
    """Valid requests with one to four places deleted, doubled, overwritten or spliced."""
    data = b"".join(draw(streams))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        stop = start + draw(st.integers(0, 4))
        match draw(st.sampled_from(["delete", "double", "overwrite", "splice"])):
            case "delete":
                data = data[:start] + data[stop:]
            case "double":
                data = data[:stop] + data[start:]
            case "overwrite":
                data = data[:start] + draw(st.binary(min_size=1, max_size=2)) + data[stop:]
            case _:
                data = data[:start] + draw(st.sampled_from(SPLICES)) + data[start:]
    return data


@settings(max_examples=300)
@given(garbled())
def test_whatever_we_accept_h11_accepts_and_reads_alike(data):
    seen, _ = by_us(data)
    for start, one in seen:
        assert by_h11(data[start:]) == one


@settings(max_examples=150)
@given(garbled(), places)
def test_every_cutting_of_garbled_requests_accepts_the_same_ones(data, places):
    (whole, _), (pieces, _) = events([data]), events(cut(data, places))
    assert [isinstance(one, Refusal) or one for one in whole] == [isinstance(one, Refusal) or one for one in pieces]


POST = b"POST / HTTP/1.1\r\nhost: a\r\n"


@pytest.mark.parametrize(
    ("why", "status", "data"),
    [
        ("servers differ over folded headers", 400, POST + b"x: a\r\n b\r\n\r\n"),
        ("one length is enough", 400, POST + b"content-length: 0\r\ncontent-length: 0\r\n\r\n"),
        ("llhttp wants no tab there", 400, POST + b"transfer-encoding: chunked\t\r\n\r\n0\r\n\r\n"),
        ("nor do chunk sizes have spaces", 400, POST + b"transfer-encoding: chunked\r\n\r\n0 \r\n\r\n"),
        ("there is one expectation", 417, POST + b"expect: something\r\n\r\n"),
        ("bare LF hides requests", 400, b"GET / HTTP/1.1\nhost: a\n\n"),
        ("HTTP/1.0 has no codings", 400, b"POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("methods are a closed set", 501, b"BREW / HTTP/1.1\r\nhost: a\r\n\r\n"),
        ("we are no proxy", 400, b"CONNECT b:80 HTTP/1.1\r\nhost: a\r\n\r\n"),
    ],
)
def test_where_we_are_stricter_than_h11(why, status, data):
    assert by_h11(data) is not None, why
    assert [event.status for event in Connection(LIMITS).receive(data)] == [status]


def test_where_we_are_more_lenient_than_h11():
    request = b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n"
    (taken,) = Connection(LIMITS).receive(request)
    assert taken.keep_alive  # h11 ends every HTTP/1.0 connection, so `by_h11` asks the header
    assert by_h11(b"\r\n" + request) is None
    assert Connection(LIMITS).receive(b"\r\n" + request) == [taken]  # one empty line (RFC 9112, section 2.2)
