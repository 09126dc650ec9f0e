from math import inf

import pytest

from trimtab.server.alarm import Alarm


class Handle:
    def __init__(self, timers, at):
        self.timers, self.at = timers, at

    def cancel(self):
        self.timers.remove(self)


class Loop:
    """A clock that the test turns, and the timers that are set on it."""

    def __init__(self):
        self.now, self.timers, self.made = 0.0, [], 0

    def time(self):
        return self.now

    def call_at(self, at, what):
        self.made += 1
        handle = Handle(self.timers, at)
        handle.what = what
        self.timers.append(handle)
        return handle

    def until(self, now):
        self.now = now
        for handle in [one for one in self.timers if one.at <= now]:
            self.timers.remove(handle)
            handle.what()


@pytest.fixture
def story():
    loop = Loop()
    rung = []
    return loop, Alarm(loop, lambda: rung.append(loop.now)), rung


def test_it_rings_once_at_its_time(story):
    loop, alarm, rung = story
    alarm.set(3.0)
    loop.until(2.9)
    assert rung == []
    loop.until(3.0)
    loop.until(9.0)
    assert rung == [3.0]


def test_a_time_that_is_put_off_needs_no_timer_of_its_own(story):
    loop, alarm, rung = story
    for now in range(100):
        loop.now = now / 100
        alarm.set(loop.now + 3.0)
    assert loop.made == 1
    loop.until(3.0)
    assert (rung, loop.made) == ([], 2)
    loop.until(3.99)
    assert rung == [3.99]


def test_an_earlier_time_counts(story):
    loop, alarm, rung = story
    alarm.set(5.0)
    alarm.set(1.0)
    loop.until(1.0)
    assert (rung, loop.timers) == ([1.0], [])


def test_at_infinity_or_when_it_is_stopped_it_never_rings(story):
    loop, alarm, rung = story
    alarm.set(1.0)
    alarm.set(inf)
    loop.until(2.0)
    assert rung == []
    alarm.set(3.0)
    alarm.stop()
    alarm.stop()
    loop.until(4.0)
    assert (rung, loop.timers) == ([], [])
    alarm.set(5.0)
    loop.until(5.0)
    assert rung == [5.0]
