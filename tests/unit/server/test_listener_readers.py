"""Who reads slowly, who does not read, and who is idle: over a transport in memory."""

import pytest
from tests.doubles.listening import Story


@pytest.fixture
def story(timers):
    return Story(timers)


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
