"""One connection over a transport in memory and a clock that the test turns: order, time, pressure, the end."""

from types import SimpleNamespace

import pytest

from trimtab.server.faults import GONE
from trimtab.server.listener import Listener
from trimtab.server.settings import Settings
from trimtab.server.wire import CONTINUE, Answer

GET = b"GET /%d HTTP/1.1\r\nhost: a\r\n\r\n"
TIMES = Settings(header_timeout_s=1, body_timeout_s=2, idle_timeout_s=3, write_timeout_s=4)


class Transport:
    """Keeps what is written and what is done to it."""

    def __init__(self):
        self.out, self.reading, self.closed, self.aborted = b"", True, 0, 0
        self.held = 0  # bytes that the caller has not taken

    def write(self, data):
        assert not self.closed, "written after the end"
        self.out += data

    def pause_reading(self):
        assert self.reading
        self.reading = False

    def resume_reading(self):
        assert not self.reading
        self.reading = True

    def get_write_buffer_size(self):
        return self.held

    def get_extra_info(self, name):
        assert name == "socket"

    def close(self):
        self.closed += 1

    def abort(self):
        self.aborted += 1


class App:
    """Keeps requests; the test answers them by number, in any order."""

    def __init__(self, settings):
        self.plane = SimpleNamespace(settings=settings, stopping=False)
        self.asked, self.settled = [], []

    def answer(self, http, send):
        number = len(self.asked)
        self.asked.append((http, send))
        return SimpleNamespace(settle=lambda why: self.settled.append((number, why)))

    def refuse(self, refusal):
        return Answer(refusal.status, refusal.what.encode())


class Story:
    def __init__(self, loop, settings=TIMES):
        self.transport, self.loop, self.app, self.open = Transport(), loop, App(settings), set()
        self.listener = Listener(self.app, self.open, self.loop)
        self.listener.connection_made(self.transport)

    def gets(self, *numbers):
        self.listener.data_received(b"".join(GET % number for number in numbers))

    def answers(self, *numbers):
        for number in numbers:
            self.app.asked[number][1](Answer(200, b"<%d>" % number))

    def bodies(self):
        """The bodies that have left, and whether each said that it is the last one."""
        parts = self.transport.out.split(b"HTTP/1.1 ")[1:]
        return [(part.partition(b"\r\n\r\n")[2].decode(), b"connection: close" in part.lower()) for part in parts]


@pytest.fixture
def story(timers):
    return Story(timers)


def test_answers_leave_in_the_order_of_their_requests(story):
    story.gets(0, 1, 2)
    story.answers(2, 1)
    assert story.transport.out == b""
    story.answers(0)
    assert story.bodies() == [("<0>", False), ("<1>", False), ("<2>", False)]
    assert [http.path for http, _ in story.app.asked] == [b"/0", b"/1", b"/2"]
    assert story.transport.closed == 0


def test_a_head_is_answered_without_its_body(story):
    story.listener.data_received(b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n")
    story.answers(0)
    assert b"content-length: 3" in story.transport.out
    assert story.bodies() == [("", False)]


@pytest.mark.parametrize("said", [b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"])
def test_who_wants_one_answer_gets_one_and_the_end(story, said):
    story.listener.data_received(said)
    assert story.transport.closed == 0
    story.answers(0)
    assert (story.bodies(), story.transport.closed) == ([("<0>", True)], 1)


def test_what_is_no_request_is_refused_after_what_is_owed(story):
    story.gets(0)
    story.listener.data_received(b"nonsense\r\n\r\n")
    assert story.transport.out == b""
    story.answers(0)
    (first, last) = story.bodies()
    assert (first, last[1], story.transport.closed) == (("<0>", False), True, 1)


def test_a_body_is_asked_for_by_who_waits_to_be(story):
    story.listener.data_received(b"PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\nexpect: 100-continue\r\n\r\n")
    assert (story.transport.out, story.app.asked) == (CONTINUE, [])
    story.listener.data_received(b"x")
    assert bytes(story.app.asked[0][0].body) == b"x"


def test_an_idle_connection_is_closed_without_a_word(story):
    story.loop.passes(2.9)
    assert story.transport.closed == 0
    story.loop.passes(0.2)
    assert (story.transport.closed, story.transport.out) == (1, b"")


@pytest.mark.parametrize(
    ("data", "seconds", "what"),
    [
        (b"GET / HT", 1, "the head did not arrive in time"),
        (b"PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nx", 2, "the body did not go on in time"),
    ],
)
def test_half_a_request_has_its_time_and_is_told_so(story, data, seconds, what):
    story.listener.data_received(data)
    story.loop.passes(seconds - 0.1)
    assert story.transport.out == b""
    story.loop.passes(0.2)
    assert (story.bodies(), story.transport.closed) == ([(what, True)], 1)
    assert story.transport.out.startswith(b"HTTP/1.1 408 ")


def test_a_body_that_goes_on_has_its_time_anew(story):
    story.listener.data_received(b"PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n")
    for _ in range(8):
        story.loop.passes(1.9)
        story.listener.data_received(b"x")
    assert (story.transport.out, story.transport.closed) == (b"", 0)


def test_no_time_runs_while_an_answer_is_owed(story):
    story.gets(0)
    story.loop.passes(1000)
    assert story.transport.closed == 0
    story.answers(0)
    story.loop.passes(2.9)
    assert story.transport.closed == 0
    story.loop.passes(0.2)
    assert story.transport.closed == 1


def test_who_leaves_is_not_computed_for(story):
    story.gets(0, 1)
    story.answers(1)
    assert story.open == {story.listener}
    story.listener.connection_lost(None)
    assert story.app.settled == [(0, GONE)]
    assert (story.open, story.loop.timers) == (set(), [])
    story.answers(0)
    story.loop.passes(1000)
    assert (story.transport.out, story.transport.closed) == (b"", 0)


def test_who_reads_too_slowly_is_not_heard_and_then_cut_off(story):
    story.gets(0)  # an answer is owed, so that it is not idle
    story.listener.pause_writing()
    assert not story.transport.reading
    story.loop.passes(3.9)
    story.listener.resume_writing()
    assert story.transport.reading
    story.loop.passes(100)
    assert (story.transport.aborted, story.transport.closed) == (0, 0)
    story.listener.pause_writing()
    story.loop.passes(4.1)
    assert story.transport.aborted == 1


def test_who_still_reads_an_answer_is_not_idle(story):
    story.gets(0)
    story.listener.pause_writing()  # as the transport does when it is told to write much
    story.answers(0)
    story.loop.passes(3.9)
    assert (story.transport.closed, story.transport.aborted) == (0, 0)
    story.listener.resume_writing()
    story.loop.passes(2.9)
    assert story.transport.closed == 0
    story.loop.passes(0.2)
    assert (story.transport.closed, story.transport.aborted) == (1, 0)


def test_half_a_request_behind_an_answer_has_its_time_when_it_can_be_heard_again(story):
    story.gets(0)
    story.listener.data_received(b"PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nx")
    story.listener.pause_writing()
    story.answers(0)
    story.loop.passes(3.9)
    assert b" 408 " not in story.transport.out
    story.listener.resume_writing()
    story.loop.passes(2.1)
    assert b" 408 " in story.transport.out


def test_the_end_of_an_answer_is_read_as_long_as_some_of_it_is_taken(story):
    story.gets(0)
    story.answers(0)
    for story.transport.held in range(100, 50, -1):
        story.loop.passes(2.9)
    story.transport.held = 0
    story.loop.passes(2.9)
    assert (story.transport.closed, story.transport.aborted) == (0, 0)
    story.loop.passes(3.1)
    assert (story.transport.closed, story.transport.aborted) == (1, 0)


def test_the_end_of_an_answer_that_nobody_takes_has_the_time_of_a_slow_reader(story):
    story.gets(0)
    story.answers(0)
    story.transport.held = 100
    story.loop.passes(3.1 + 3.8)
    assert (story.transport.closed, story.transport.aborted) == (0, 0)
    story.loop.passes(3)
    assert (story.transport.closed, story.transport.aborted) == (0, 1)


def test_who_reads_slowly_is_not_heard_because_an_answer_leaves(story):
    story.gets(0)
    story.listener.pause_writing()
    story.answers(0)
    assert not story.transport.reading


def test_no_more_than_a_pipeline_of_requests_is_taken(story):
    story.gets(*range(63))
    assert story.transport.reading
    story.gets(63)
    assert not story.transport.reading
    story.answers(1)
    assert not story.transport.reading
    story.answers(0)
    assert story.transport.reading


def test_draining_closes_at_once_what_is_owed_nothing(story):
    story.listener.drain()
    assert (story.transport.closed, story.transport.out) == (1, b"")


def test_draining_ends_with_the_last_answer_that_is_owed(story):
    story.gets(0, 1)
    story.listener.drain()
    story.answers(0)
    assert story.transport.closed == 0
    story.answers(1)
    assert (story.bodies(), story.transport.closed) == ([("<0>", False), ("<1>", True)], 1)


def test_a_server_that_stops_says_so_with_its_next_answer(story):
    story.app.plane.stopping = True
    story.gets(0)
    story.answers(0)
    assert (story.bodies(), story.transport.closed) == ([("<0>", True)], 1)


def test_after_the_end_nothing_is_answered_and_nobody_computes(story):
    story.listener.data_received(b"GET / HTTP/1.0\r\n\r\n")
    story.answers(0)
    story.listener.data_received(GET % 1)
    assert (len(story.bodies()), len(story.app.asked)) == (1, 1)
