"""The supervisor over children that live in memory, turn by turn, with a clock of the test's own."""

import os
import signal

import pytest

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.server.process import Beat
from trimtab.server.settings import Settings
from trimtab.server.supervisor import Supervisor


class Story:
    """A supervisor, the children that it has forked, and what it has logged."""

    def __init__(self, child, count=2, **settings):
        self.child = child
        self.now, self.born, self.settled, self.events, self.ready = 100.0, [], [], [], 0
        self.renews, self.changes, self.dead = True, [], []
        self.died = self.dead.append
        given = {"heartbeat_timeout_s": 10.0, "drain_timeout_s": 5.0, **settings}
        supervisor = Supervisor(count, self, Settings(**given), self.log, lambda: self.now)
        self.turns = supervisor.turns(self.is_ready)

    def is_ready(self):
        self.ready += 1

    def log(self, event, _fields):
        self.events.append(event)

    def fork(self, number, *, fresh, first):
        child = self.child(number, -1 - len(self.born))  # no process of this machine has that id
        child.asked = (fresh, first)
        self.born.append(child)
        return child

    def renew(self, change):
        self.changes.append(change.do)
        if not self.renews:
            raise UserError(Problem("P230", "no such bundle"))
        return True

    def settle(self, *, fresh):
        self.settled.append(fresh)

    def seen(self, _unfit):
        pass

    def turn(self, seconds=0.0, times=1):
        """So many times as many seconds pass, in turns of a second; all that live and are not silent beat."""
        for step in [step for _ in range(times) for step in [1.0] * int(seconds) + [seconds % 1]]:
            self.now += step
            for child in self.born:
                if not child.silent and not child.ended:
                    child.theirs.send(b"x")
            next(self.turns, None)

    def all_ready(self):
        self.turn()
        for child in self.born:
            child.beat = Beat("ready")
        self.turn()
        return self

    def stop(self):
        """As the platform does; every child ends."""
        signal.raise_signal(signal.SIGTERM)
        self.turn()
        for child in self.born:
            child.die(0)
        assert next(self.turns, "over") == "over"


@pytest.fixture
def story(kit):
    """Makes stories; whatever happens in them, no child is left."""
    told = []

    def begin(*args, **settings):
        told.append(Story(kit.child, *args, **settings))
        return told[-1]

    yield begin
    for one in told:
        one.turns.close()


def test_readiness_is_told_once_and_all_are_told_to_stop(story):
    tale = story().all_ready()
    tale.turn(times=3)
    assert (tale.ready, [child.asked for child in tale.born]) == (1, [(False, True)] * 2)
    tale.stop()
    assert [child.got for child in tale.born] == [[signal.SIGTERM]] * 2
    assert tale.events == []


def test_one_that_dies_soon_is_replaced_later_each_time_and_at_once_after_a_long_life(story):
    tale = story(2).all_ready()
    waits = []
    for _ in range(8):
        tale.born[-1].die(1)
        tale.turn()
        waits.append(0.0)
        born = len(tale.born)
        while len(tale.born) == born:
            tale.turn(0.1)
            waits[-1] += 0.1
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0], abs=0.11)
    tale.turn(9.0)
    tale.turn(9.0)
    tale.born[-1].die(1)
    born = len(tale.born)
    tale.turn()
    assert len(tale.born) == born + 1
    assert tale.born[-1].asked == (False, False)


def test_a_silent_one_is_killed_and_a_loading_one_is_given_longer(story):
    tale = story().all_ready()
    tale.born[0].silent = True
    tale.turn(9.9)
    assert tale.born[0].got == []
    tale.turn(0.2)
    assert tale.born[0].got == [signal.SIGKILL]
    tale.turn()
    tale.turn(1.0)
    loading = tale.born[2]
    loading.silent = True
    tale.turn(9.0, times=13)
    assert loading.got == []
    tale.turn(9.0)
    assert loading.got == [signal.SIGKILL]
    assert tale.born[1].got == []


def test_silence_counts_only_while_we_listen(story):
    tale = story().all_ready()
    tale.born[0].silent = True
    tale.now += 1000.0  # the container was frozen
    tale.turn(1.0)
    tale.turn(9.9)
    assert tale.born[0].got == []
    tale.turn(0.2)
    assert tale.born[0].got == [signal.SIGKILL]


def test_fresh_ones_take_over_only_when_all_are_ready(story):
    tale = story().all_ready()
    signal.raise_signal(signal.SIGHUP)
    tale.turn()
    old, fresh = tale.born[:2], tale.born[2:]
    assert [child.asked for child in fresh] == [(True, False)] * 2
    fresh[0].beat = Beat("ready")
    tale.turn(times=3)
    assert (tale.settled, [child.got for child in old]) == ([], [[], []])
    fresh[1].beat = Beat("ready")
    tale.turn()
    assert (tale.settled, [child.got for child in old]) == ([True], [[signal.SIGUSR1]] * 2)
    old[0].die(0)
    tale.turn(5.0)
    assert old[1].got == [signal.SIGUSR1]
    tale.turn(1.1)
    assert old[1].got == [signal.SIGUSR1, signal.SIGKILL]  # it did not end in time
    tale.turn(times=2)
    assert (tale.events, len(tale.born)) == (["renewed"], 4)


def test_a_fresh_one_that_fails_changes_nothing(story):
    tale = story().all_ready()
    signal.raise_signal(signal.SIGHUP)
    tale.turn()
    old, fresh = tale.born[:2], tale.born[2:]
    fresh[0].beat = Beat("ready")
    fresh[1].beat = Beat("failed", [Problem("P305", "no")])
    fresh[1].die(1)
    tale.turn()
    assert (tale.settled, [child.got for child in old]) == ([False], [[], []])
    assert fresh[0].got == [signal.SIGUSR1]
    assert tale.events == ["serving process ended", "models cannot be loaded", "not renewed"]


def test_what_cannot_be_looked_up_anew_starts_nobody(story):
    tale = story().all_ready()
    tale.renews = False
    signal.raise_signal(signal.SIGHUP)
    tale.turn(times=2)
    assert (len(tale.born), tale.settled) == (2, [])


@pytest.mark.parametrize(
    ("beat", "error"),
    [
        (Beat("failed", [Problem("P305", "no")]), UserError),
        (Beat("failed", [Problem("P305", "no")], outside=True), OutsideError),
        (Beat("failed"), OutsideError),
    ],
)
def test_one_that_cannot_load_at_first_ends_everything(story, beat, error):
    tale = story()
    tale.turn()
    tale.born[0].beat = beat
    tale.born[0].die(2)
    with pytest.raises(error):
        tale.turn()
    assert tale.born[1].got == [signal.SIGKILL]


def test_a_signal_that_comes_during_the_first_fork_reaches_every_child(story):
    tale = story()
    fork = tale.fork

    def interrupted(number, **given):
        if number == 0:
            signal.raise_signal(signal.SIGTERM)
        return fork(number, **given)

    tale.fork = interrupted
    tale.turn(times=2)
    assert [child.got[:1] for child in tale.born] == [[signal.SIGTERM]] * 2


def test_one_that_loads_is_told_again_since_it_may_not_have_listened_yet(story):
    tale = story(1)
    tale.turn()
    signal.raise_signal(signal.SIGINT)
    tale.turn(times=2)
    assert tale.born[0].got[:2] == [signal.SIGINT] * 2
    tale.born[0].beat = Beat("stopping")
    told = len(tale.born[0].got)
    tale.turn(times=2)
    assert len(tale.born[0].got) == told


def test_one_that_is_too_large_is_renewed_and_not_again_at_once(story):
    tale = story(1, memory=1).all_ready()
    old = tale.born[0]
    old.pid = os.getpid()  # any process is larger than a byte
    tale.turn()
    assert (tale.born[1].asked, old.got) == ((True, False), [])
    tale.born[1].beat = Beat("failed", [Problem("P305", "no")])
    tale.born[1].die(1)
    tale.turn(5.0, times=11)
    assert (len(tale.born), tale.settled, old.got) == (2, [False], [])
    tale.turn(5.0, times=2)
    tale.born[2].beat = Beat("ready")
    tale.turn()
    assert (len(tale.born), tale.settled, old.got) == (3, [False, True], [signal.SIGUSR1])
    assert tale.events.count("serving process recycled") == 2
