"""One connection over a transport in memory and a clock that the test turns: order, time, pressure, the end."""

import pytest
from tests.doubles.listening import GET, Story

from trimtab.server.faults import GONE
from trimtab.server.guard.peer import Peer
from trimtab.server.wire import CONTINUE


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


def test_who_is_there_is_known_from_the_start(story):
    assert story.listener.peer == Peer("192.0.2.7")


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


PUT = b"PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 9000\r\n\r\n"


def test_a_body_that_goes_on_has_its_time_anew(story):
    story.listener.data_received(PUT)
    for _ in range(8):
        story.loop.passes(1.9)
        story.listener.data_received(b"x" * 1000)
    assert (story.transport.out, story.transport.closed) == (b"", 0)


@pytest.mark.parametrize(("begin", "what"), [(b"GET / HTTP/1.1\r\nx: ", "the head did"), (PUT, "the body did")])
def test_a_byte_now_and_then_is_no_progress(story, begin, what):
    story.listener.data_received(begin)
    for _ in range(5):
        story.loop.passes(0.5)
        if not story.transport.closed:
            story.listener.data_received(b"x")
    (said, last), closed = story.bodies()[0], story.transport.closed
    assert (said[: len(what)], last, closed) == (what, True, 1)


def test_a_head_behind_a_request_has_a_time_of_its_own(story):
    story.listener.data_received(b"GET / HT")
    story.loop.passes(0.8)
    story.listener.data_received(b"TP/1.1\r\nhost: a\r\n\r\nGET / HT")
    story.answers(0)
    story.loop.passes(0.8)
    assert story.bodies() == [("<0>", False)]
    story.loop.passes(0.3)
    assert story.transport.closed == 1


def test_a_body_that_was_not_waited_for_has_its_time_from_then_on(story):
    story.gets(0)
    story.listener.data_received(PUT)
    story.loop.passes(1000)
    story.answers(0)
    story.loop.passes(1.9)
    assert story.transport.closed == 0
    story.loop.passes(0.2)
    assert story.transport.closed == 1


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
