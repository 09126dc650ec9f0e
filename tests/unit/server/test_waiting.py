"""A request that waits for its sender to be known."""

import asyncio

import pytest

from trimtab.server.faults import GONE
from trimtab.server.waiting import Waiting, in_loop


class Owed:
    def __init__(self):
        self.told = []

    def settle(self, result):
        self.told.append(result)


def test_what_waits_goes_on_once_and_then_stands_for_what_is_owed():
    owed, gone, begun = Owed(), [], []
    waiting = Waiting(lambda: begun.append(1) or owed, gone.append)
    waiting.go_on()
    waiting.go_on()
    waiting.settle(GONE)
    assert (begun, gone, owed.told) == ([1], [], [GONE])


def test_who_leaves_before_it_is_known_is_not_asked_for():
    gone, begun = [], []
    waiting = Waiting(lambda: begun.append(1), gone.append)
    waiting.settle(GONE)
    waiting.settle(GONE)
    waiting.go_on()
    assert (begun, gone) == ([], [GONE])


def test_what_was_answered_at_once_is_not_owed():
    waiting = Waiting(lambda: None, pytest.fail)
    waiting.go_on()
    waiting.settle(GONE)


def test_a_job_for_a_loop_that_has_ended_is_dropped():
    loop = asyncio.new_event_loop()
    done = []
    in_loop(loop, lambda: (done.append(1), loop.stop()))
    loop.run_forever()
    loop.close()
    in_loop(loop, lambda: done.append(2))
    assert done == [1]
