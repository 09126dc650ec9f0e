"""A client and grpcio linked over transports in memory: order, pressure, the goodbye, the end."""

from types import SimpleNamespace

import pytest

from trimtab.server.grpc.frames import GOODBYE, PING, farewell
from trimtab.server.grpc.link import Link

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
ASK = bytes([0, 0, 0, 1, 5, 0, 0, 0, 1])  # HEADERS, END_HEADERS | END_STREAM, stream 1
ANSWER = bytes([0, 0, 0, 1, 5, 0, 0, 0, 1])
ECHO = bytes([0, 0, 8, 6, 1, 0, 0, 0, 0]) + b"trimtab!"


class Transport:
    """Keeps what is written and what is done to it."""

    def __init__(self):
        self.out, self.reading, self.closed, self.aborted, self.unsent = b"", True, 0, 0, 0

    def write(self, data):
        assert not self.closed, "written after the end"
        self.out += data

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True

    def get_write_buffer_size(self):
        return self.unsent

    def is_closing(self):
        return bool(self.closed or self.aborted)

    def close(self):
        self.closed += 1

    def abort(self):
        self.aborted += 1


class Front:
    """Keeps what it is told."""

    def __init__(self):
        self.told = []

    def opened(self, _link):
        self.told.append("opened")

    def closing(self, _link):
        self.told.append("closing")

    def ended(self, _link):
        self.told.append("ended")

    def parted(self, _link):
        self.told.append("parted")


@pytest.fixture
def story():
    """A link whose client is there, and grpcio not yet."""
    front, outer, inner = Front(), Transport(), Transport()
    link = Link(front)
    link.outer.connection_made(outer)
    return SimpleNamespace(front=front, link=link, outer=outer, inner=inner)


@pytest.fixture
def joined(story):
    """The same, joined and greeted."""
    story.link.inner.connection_made(story.inner)
    story.link.outer.data_received(PREFACE + SETTINGS)
    story.link.inner.data_received(SETTINGS)
    return story


def test_nothing_of_a_client_is_read_before_grpcio_is_there_and_nothing_is_lost(story):
    assert (story.front.told, story.outer.reading) == (["opened"], False)
    story.link.outer.data_received(PREFACE)
    story.link.inner.connection_made(story.inner)
    assert (story.inner.out, story.outer.reading) == (PREFACE, True)


def test_bytes_pass_both_ways_unchanged(joined):
    joined.link.outer.data_received(ASK)
    joined.link.inner.data_received(ANSWER)
    assert (joined.inner.out, joined.outer.out) == (PREFACE + SETTINGS + ASK, SETTINGS + ANSWER)


@pytest.mark.parametrize(("end", "other"), [("outer", "inner"), ("inner", "outer")])
def test_who_does_not_read_is_not_read_for(joined, end, other):
    getattr(joined.link, end).pause_writing()
    assert not getattr(joined, other).reading
    getattr(joined.link, end).resume_writing()
    assert getattr(joined, other).reading


def test_a_client_with_nothing_under_way_is_let_go_when_it_has_read_the_goodbye(joined):
    joined.link.leave(now=True)
    assert (joined.outer.out, joined.outer.closed) == (SETTINGS + GOODBYE, 0)
    joined.link.leave(now=True)
    joined.link.outer.data_received(ECHO[:5])
    assert joined.outer.closed == 0
    joined.link.outer.data_received(ECHO[5:])
    assert (joined.outer.out, joined.outer.closed) == (SETTINGS + GOODBYE + PING, 0)
    joined.link.outer.data_received(ECHO)
    assert joined.outer.out == SETTINGS + GOODBYE + PING + farewell(0)
    assert (joined.outer.closed, joined.inner.closed) == (1, 1)
    assert joined.front.told == ["opened", "closing"]
    joined.link.outer.connection_lost(None)
    assert joined.front.told == ["opened", "closing", "ended"]


def test_a_call_that_crosses_the_goodbye_is_answered_first(joined):
    joined.link.leave(now=True)
    joined.link.outer.data_received(ASK + ECHO + ECHO)
    assert joined.outer.closed == 0
    assert joined.inner.out.endswith(ASK + ECHO + ECHO)
    joined.link.inner.data_received(ANSWER[:4])
    assert joined.outer.closed == 0
    joined.link.inner.data_received(ANSWER[4:])
    assert (joined.outer.out, joined.outer.closed) == (SETTINGS + GOODBYE + PING + ANSWER + farewell(1), 1)


def test_a_call_that_comes_behind_the_echo_of_the_goodbye_is_answered_too(joined):
    """As gRPC's C core sends it: begun before the goodbye was read, written behind its echo, in another piece."""
    joined.link.leave(now=True)
    joined.link.outer.data_received(ECHO)
    joined.link.outer.data_received(ASK)
    joined.link.outer.data_received(ECHO)
    assert joined.outer.closed == 0
    joined.link.inner.data_received(ANSWER)
    assert (joined.outer.out, joined.outer.closed) == (SETTINGS + GOODBYE + PING + ANSWER + farewell(1), 1)


def test_the_goodbye_waits_for_the_end_of_a_frame(joined):
    data = bytes([0, 0, 4, 0, 0, 0, 0, 0, 1]) + b"four"
    joined.link.outer.data_received(ASK)
    joined.link.inner.data_received(data[:10])
    joined.link.leave()
    assert joined.outer.out == SETTINGS + data[:10]
    joined.link.inner.data_received(data[10:] + ANSWER[:3])
    assert joined.outer.out == SETTINGS + data + GOODBYE + ANSWER[:3]


def test_whoever_has_just_come_is_greeted_before_the_goodbye(story):
    story.link.leave(now=True)
    story.link.inner.connection_made(story.inner)
    assert story.outer.out == b""
    story.link.inner.data_received(SETTINGS)
    assert story.outer.out == SETTINGS + GOODBYE


def test_a_client_that_has_not_called_yet_is_told_with_its_first_call(joined):
    joined.link.leave()
    assert joined.outer.out == SETTINGS
    joined.link.outer.data_received(ASK)
    assert (joined.outer.out, joined.inner.out[-9:]) == (SETTINGS + GOODBYE, ASK)
    joined.link.inner.data_received(ANSWER)
    joined.link.outer.data_received(ECHO)
    joined.link.outer.data_received(ECHO)
    assert (joined.outer.out, joined.outer.closed) == (SETTINGS + GOODBYE + ANSWER + PING + farewell(1), 1)


def test_whoever_is_gone_is_told_nothing(joined):
    joined.link.outer.data_received(ASK)
    joined.link.inner.connection_lost(None)
    joined.link.leave(now=True)
    joined.link.outer.resume_writing()
    assert (joined.outer.out, joined.inner.reading) == (SETTINGS, True)


@pytest.mark.parametrize(("end", "other"), [("outer", "inner"), ("inner", "outer")])
def test_when_one_end_is_gone_the_other_gets_what_is_on_its_way(joined, end, other):
    getattr(joined.link, end).connection_lost(None)
    assert (getattr(joined, other).closed, getattr(joined, other).aborted) == (1, 0)
    assert ("ended" in joined.front.told) is (end == "outer")
    assert ("parted" in joined.front.told) is (end == "inner")


def test_a_client_that_leaves_before_grpcio_is_there_leaves_nothing_open(story):
    story.link.outer.connection_lost(None)
    story.link.inner.connection_made(story.inner)
    assert story.inner.aborted == 1


def test_who_is_idle_waits_for_no_answer_and_no_bytes(joined):
    assert joined.link.idle
    joined.outer.unsent = 1
    assert not joined.link.idle
    joined.outer.unsent = 0
    joined.link.outer.data_received(ASK)
    assert not joined.link.idle
    joined.link.abort()
    assert (joined.outer.aborted, joined.inner.aborted) == (1, 1)
