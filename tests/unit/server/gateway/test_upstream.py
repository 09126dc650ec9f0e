from __future__ import annotations

import pytest
from tests.doubles.lines import MemoryLine

from trimtab.server.gateway.upstream import Upstream

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Transport:
    def __init__(self) -> None:
        self.written, self.closed = b"", False

    def write(self, data: bytes) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close


class Asker:
    gone = False

    def __init__(self) -> None:
        self.told = []

    def connected(self, line: MemoryLine) -> None: ...

    def heard(self, head, piece, *, last):
        self.told.append((None if head is None else head.status, piece, last))

    def broke(self, broken):
        self.told.append(broken)

    def full(self, *, full): ...


@pytest.fixture
def made():
    free, lost, transport = [], [], Transport()
    upstream = Upstream(free.append, lost.append)
    upstream.connection_made(transport)
    return upstream, transport, free, lost


def test_a_connection_that_answered_whole_is_given_back_before_the_next_request(made):
    upstream, transport, free, _ = made
    asker = Asker()
    upstream.ask(asker, b"GET", bare=False, last=True)
    upstream.data_received(ANSWER)
    assert asker.told == [(200, b"ok", True)]
    assert (free, transport.closed) == ([upstream], False)


@pytest.mark.parametrize("more", [b"x", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_connection_that_says_more_than_it_was_asked_is_not_used_again(made, more):
    upstream, transport, free, _ = made
    asker = Asker()
    upstream.ask(asker, b"GET", bare=False, last=True)
    upstream.data_received(ANSWER + more)
    assert asker.told == [(200, b"ok", True)]
    assert (free, transport.closed) == ([], True)


def test_what_comes_unasked_ends_the_connection(made):
    upstream, transport, _, _ = made
    upstream.data_received(ANSWER)
    assert transport.closed


def test_an_answer_before_the_request_is_whole_ends_the_connection(made):
    upstream, transport, free, _ = made
    asker = Asker()
    upstream.ask(asker, b"POST", bare=False, last=False)
    upstream.data_received(ANSWER)
    assert (len(asker.told), free, transport.closed) == (1, [], True)


@pytest.mark.parametrize(
    ("data", "ending", "heard"),
    [
        (b"", "closed", False),
        (b"HTTP", "closed", True),
        (ANSWER[:-1], "closed", True),
        (b"\r\n\r\n", "malformed", True),
    ],
)
def test_what_breaks_off_is_said_once_and_whether_any_of_it_came(made, data, ending, heard):
    upstream, _, _, lost = made
    asker = Asker()
    upstream.ask(asker, b"GET", bare=False, last=True)
    if data:
        upstream.data_received(data)
    upstream.connection_lost(None)
    broken = asker.told[-1]
    assert (broken.ending, broken.heard, broken.kept, lost) == (ending, heard, False, [upstream])


def test_a_connection_that_had_answered_before_is_known_as_kept(made):
    upstream, _, _, _ = made
    asker = Asker()
    upstream.ask(asker, b"GET", bare=False, last=True)
    upstream.data_received(ANSWER)
    upstream.ask(asker, b"GET", bare=False, last=True)
    upstream.connection_lost(ConnectionResetError(104, "reset"))
    assert (asker.told[-1].kept, asker.told[-1].heard) == (True, False)


def test_an_answer_without_a_length_ends_with_its_connection(made):
    upstream, _, free, _ = made
    asker = Asker()
    upstream.ask(asker, b"GET", bare=False, last=True)
    upstream.data_received(b"HTTP/1.1 200 OK\r\n\r\nab")
    upstream.eof_received()
    upstream.connection_lost(None)
    assert asker.told == [(200, b"ab", False), (None, b"", True)]
    assert free == []
