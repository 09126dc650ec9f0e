from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.server.connection import Connection, Limits
from trimtab.server.gateway.incoming import Begun, Incoming, Piece
from trimtab.server.wire import Refusal, Request

REQUESTS = (
    b"GET /a HTTP/1.1\r\nhost: a\r\n\r\n",
    b"POST /b HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello",
    b"POST /c HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nt: 1\r\n\r\n",
    b"\r\nPOST /d HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n",
    b"POST /e HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /f HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    b"GET /g HTTP/1.1\nhost: a\n\n",
    b"POST /h HTTP/1.1\r\nhost: a\r\ncontent-length: 99\r\n\r\n",
)
LIMITS = Limits(head=200, body=50, chunks=10)


def whole(pieces: list[bytes]) -> list[object]:
    """What the connection of our server makes of it."""
    connection, found = Connection(LIMITS), []
    for piece in pieces:
        for event in connection.receive(piece):
            if isinstance(event, Request):
                found.append((event.path, bytes(event.body)))
            elif isinstance(event, Refusal):
                found.append(event)
    return found


def passed(pieces: list[bytes]) -> list[object]:
    """The same of this one, which is answered at once; a request that is refused in its middle never was."""
    incoming, found, path, body = Incoming(LIMITS), [], b"", b""
    for piece in pieces:
        heard = incoming.receive(piece)
        while heard is not None:
            if isinstance(heard, Refusal):
                found.append(heard)
                return found
            if isinstance(heard, Begun):
                path, body, last = heard.head.request.path, heard.body, heard.last
            else:
                assert isinstance(heard, Piece)
                body, last = body + heard.data, heard.last
            heard = None
            if last:
                found.append((path, body))
                heard = incoming.again()
    return found


@given(st.lists(st.sampled_from(REQUESTS), min_size=1, max_size=4), st.lists(st.integers(0, 600), max_size=8))
def test_the_same_requests_are_taken_and_refused_as_by_our_server_however_they_arrive(requests, cuts):
    data = b"".join(requests)
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    pieces = [data[a:b] for a, b in itertools.pairwise(places) if a < b]
    assert passed(pieces) == whole(pieces)


def test_a_body_is_passed_on_as_it_comes():
    incoming = Incoming(LIMITS)
    begun = incoming.receive(REQUESTS[1][:-3])
    assert isinstance(begun, Begun)
    assert (begun.body, begun.last) == (b"he", False)
    assert incoming.receive(b"l") == Piece(b"l", last=False)
    assert incoming.receive(b"lo") == Piece(b"lo", last=True)


def test_the_next_request_waits_for_its_turn():
    incoming = Incoming(LIMITS)
    assert isinstance(incoming.receive(REQUESTS[0] * 2), Begun)
    assert incoming.receive(REQUESTS[0]) is None
    assert incoming.held == 2 * len(REQUESTS[0])
    assert isinstance(incoming.again(), Begun)
    assert isinstance(incoming.again(), Begun)
    assert incoming.again() is None


@pytest.mark.parametrize(("more", "waits"), [(b"", True), (b"h", False)])
def test_who_waits_for_a_word_is_known(more, waits):
    head = b"POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n"
    begun = Incoming(LIMITS).receive(head + more)
    assert isinstance(begun, Begun)
    assert begun.waits is waits
