"""How many are answered at once, over processes that come, stay for a while, and die."""

from __future__ import annotations

import os
import signal

from tests.unit.server.guard.conftest import fork

from trimtab.server.guard.shares.crowd import Crowd, Seat

SEAT = Seat(3, b"a" * 16)


def entered(crowd, seat, limit, tries):
    return sum(crowd.enter(seat, limit) for _ in range(tries))


class Other:
    """A process that attaches, enters so many times, and stays until it is told to go."""

    def __init__(self, crowd, process, limit, tries):
        told, tell = os.pipe()
        ready, done = os.pipe()
        self.pid = fork()
        if self.pid == 0:
            os.close(tell)
            crowd.attach(process)
            os.write(done, bytes([entered(crowd, Seat(SEAT.bucket, SEAT.key), limit, tries)]))
            os.read(told, 1)
            os._exit(0)
        os.close(told)
        os.close(done)
        self.entered = os.read(ready, 1)[0]
        self._ends = tell, ready

    def die(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        for end in self._ends:
            os.close(end)


def test_as_many_enter_as_may_and_one_more_for_each_that_leaves(said):
    crowd = Crowd(8, 2, said)
    crowd.attach(0)
    assert entered(crowd, SEAT, 3, 9) == 3
    crowd.leave(SEAT)
    assert entered(crowd, SEAT, 3, 9) == 1
    assert entered(crowd, Seat(3, b"b" * 16), 2, 9) == 2


def test_leaving_more_often_than_entering_gives_nothing(said):
    crowd = Crowd(8, 1, said)
    crowd.attach(0)
    crowd.leave(SEAT)
    assert crowd.enter(SEAT, 5)
    for _ in range(5):
        crowd.leave(SEAT)
    assert entered(crowd, SEAT, 3, 9) == 3


def test_all_processes_count_together_and_the_dead_are_forgotten_when_the_next_one_comes(said):
    crowd = Crowd(8, 2, said)
    crowd.attach(0)
    other = Other(crowd, 1, 5, 3)
    assert other.entered == 3
    assert entered(crowd, SEAT, 5, 9) == 2
    other.die()
    assert entered(crowd, SEAT, 5, 9) == 0
    after = Other(crowd, 1, 5, 9)
    assert after.entered == 3  # what the dead one had; ours are still there
    after.die()


def test_a_process_that_takes_over_leaves_the_counts_of_the_one_that_still_answers(said):
    crowd = Crowd(8, 1, said)
    generations = [Other(crowd, 0, 9, 2) for _ in range(4)]
    assert [one.entered for one in generations] == [2, 2, 2, 2]
    generations[1].die()
    last = Other(crowd, 0, 9, 9)
    assert last.entered == 3
    for one in (generations[0], *generations[2:], last):
        one.die()
    crowd.attach(0)
    assert entered(crowd, SEAT, 9, 20) == 9
    assert said == []


def test_a_slot_is_free_for_others_when_nobody_is_in_it_and_a_full_bucket_takes_no_more_callers(said):
    crowd = Crowd(8, 1, said)
    crowd.attach(0)
    seats = [Seat(0, bytes([n]) * 16) for n in range(1, 10)]
    assert [crowd.enter(seat, 2) for seat in seats] == [True] * 8 + [False]
    crowd.leave(seats[4])
    assert crowd.enter(seats[8], 2)
    assert not crowd.enter(seats[4], 2)
    crowd.leave(seats[4])  # is nowhere
    assert seats[8].slot == 4
    assert entered(crowd, seats[8], 2, 5) == 1
