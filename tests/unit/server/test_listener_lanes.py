"""A connection whose requests take the express lane: what is written, in which order, and when its time is up."""

import pytest
from tests.doubles.listening import GET, Story

from trimtab.server.express.leaving import Ready
from trimtab.server.wire import Answer

REST = b"x-request-id: 1\r\ncontent-length: 3\r\n\r\n<%d>"
FAST = b"FAST"


class Lanes:
    """Takes what is called so; answers at once, or later where the test wants it."""

    def __init__(self):
        self.places, self.asked, self.later = [], [], False

    def take(self, data, caller):
        self.asked.append(data)
        if data != FAST:
            return False
        if self.later:
            self.places.append(caller.owe().put)
        else:
            caller.tell(REST % 7)
        return True

    def take_read(self, http, caller):
        self.asked.append(http.body)
        if http.body == b"slow":
            return False
        caller.tell(REST % 8)
        return True


class Laned(Story):
    def __init__(self, loop):
        super().__init__(loop)
        self.lanes = self.listener._lanes = Lanes()

    def fast(self):
        self.listener.data_received(FAST)


@pytest.fixture
def story(timers):
    return Laned(timers)


def test_what_takes_the_lane_is_asked_nowhere_else(story):
    story.fast()
    assert (story.bodies(), story.app.asked) == ([("<7>", False)], [])
    assert story.transport.out.startswith(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")


def test_what_does_not_goes_the_ordinary_way(story):
    story.gets(0)
    story.answers(0)
    assert (story.bodies(), len(story.lanes.asked)) == ([("<0>", False)], 1)


POST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n"


def test_a_body_that_comes_behind_its_head_takes_the_lane_too(story):
    story.listener.data_received(POST)
    story.listener.data_received(b"fa")
    story.listener.data_received(b"st")
    assert (story.bodies(), story.lanes.asked, story.app.asked) == ([("<8>", False)], [POST, b"fast"], [])


def test_one_that_does_not_goes_the_ordinary_way(story):
    story.listener.data_received(POST)
    story.listener.data_received(b"slow")
    story.answers(0)
    assert (story.bodies(), story.lanes.asked) == ([("<0>", False)], [POST, b"slow"])


def test_behind_an_answer_that_is_owed_it_has_to_wait(story):
    story.gets(0)
    story.listener.data_received(POST)
    story.listener.data_received(b"fast")
    assert len(story.app.asked) == 2
    story.answers(0, 1)
    assert story.bodies() == [("<0>", False), ("<1>", False)]


def test_nothing_overtakes_an_answer_that_is_owed(story):
    story.gets(0)
    story.listener.data_received(GET % 1)
    assert story.lanes.asked == [GET % 0]
    story.answers(1, 0)
    story.lanes.later = True
    story.fast()
    story.gets(2)
    story.answers(2)
    story.lanes.places[0](Ready(REST % 9))
    assert [text for text, _ in story.bodies()] == ["<0>", "<1>", "<9>", "<2>"]


@pytest.mark.parametrize("begin", [b"GET / HT", b"PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nx", b"\r\n"])
def test_the_rest_of_a_request_is_none_of_its_own(story, begin):
    story.listener.data_received(begin)
    story.fast()
    assert story.lanes.asked == [begin]


def test_after_the_end_nobody_is_asked(story):
    story.listener.data_received(b"GET / HTTP/1.0\r\n\r\n")
    story.answers(0)
    story.fast()
    assert len(story.lanes.asked) == 1


def test_an_idle_connection_that_took_the_lane_is_closed_in_time(story):
    for _ in range(4):
        story.loop.passes(2.9)
        story.fast()
    assert story.transport.closed == 0
    story.loop.passes(2.9)
    assert story.transport.closed == 0
    story.loop.passes(0.2)
    assert story.transport.closed == 1
    assert story.loop.timers == []


def test_no_time_runs_while_its_record_is_written(story):
    story.lanes.later = True
    story.fast()
    story.loop.passes(1000)
    story.lanes.places[0](Ready(REST % 9))
    story.loop.passes(2.9)
    assert (story.transport.closed, story.bodies()) == (0, [("<9>", False)])
    story.loop.passes(0.2)
    assert story.transport.closed == 1


def test_half_a_head_behind_it_has_its_own_time(story):
    story.fast()
    story.loop.passes(2)
    story.listener.data_received(b"GET / HT")
    story.loop.passes(0.9)
    assert story.transport.closed == 0
    story.loop.passes(0.2)
    assert story.transport.closed == 1
    assert b"408" in story.transport.out


def test_who_reads_slowly_has_the_time_for_that(story):
    write = story.transport.write

    def full(data):
        write(data)
        story.listener.pause_writing()

    story.transport.write, story.transport.held = full, 9
    story.fast()
    story.loop.passes(3.9)
    assert (story.transport.closed, story.transport.aborted) == (0, 0)
    story.loop.passes(0.2)
    assert story.transport.aborted == 1


def test_an_answer_of_another_status_has_its_place_too(story):
    story.lanes.later = True
    story.fast()
    story.lanes.places[0](Answer(503, b"no"))
    assert story.transport.out.startswith(b"HTTP/1.1 503 ")


def test_draining_waits_for_its_record(story):
    story.lanes.later = True
    story.fast()
    story.listener.drain()
    assert story.transport.closed == 0
    story.lanes.places[0](Ready(REST % 9))
    assert (story.bodies(), story.transport.closed) == ([("<9>", True)], 1)


def test_who_has_gone_is_told_nothing(story):
    story.lanes.later = True
    story.fast()
    story.listener.connection_lost(None)
    story.lanes.places[0](Ready(REST % 9))
    assert (story.transport.out, story.loop.timers) == (b"", [])
