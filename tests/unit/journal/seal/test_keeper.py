"""A pass: every step is taken, whatever becomes of the one before."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from tests.doubles.logged import DAY, NOON, Logging

from trimtab.core.errors import OutsideError, Problem
from trimtab.journal.seal.alone import alone
from trimtab.journal.seal.clock import Reading
from trimtab.journal.seal.files import sealed_files
from trimtab.journal.seal.keeper import Kept, Steps, keep_once
from trimtab.journal.seal.retention import Limits
from trimtab.journal.seal.seal import seal
from trimtab.journal.seal.stock import stock
from trimtab.journal.segments.writer import Writer
from trimtab.journal.ship.lane import Outcome
from trimtab.journal.ship.standing import Standing


class Ship:
    """Remembers what it carried; `broken` raises instead."""

    def __init__(self, broken=""):
        self.broken = broken
        self.there, self.gone, self.closed = set(), [], 0
        self.outcomes = []

    @contextmanager
    def opened(self, folder):
        if self.broken == "open":
            raise OutsideError(Problem("P960", "no way"))
        self.folder = folder
        yield self
        self.closed += 1

    def run(self):
        if self.broken == "run":
            raise OSError("no net")
        self.there |= set(sealed_files(self.folder.path))
        return self.outcomes

    def shipped(self, path):
        return path in self.there

    def lost(self, path):
        self.gone.append(path)


class Days:
    """A clock that is a day later, each time, and was believed before."""

    def __init__(self, start=NOON):
        self.day = 0
        self.start = start

    def __call__(self):
        self.day += 1
        return Reading(self.start + self.day * DAY, self.day * DAY, "boot")


@pytest.fixture
def log(folder):
    def write(*days):
        writer = Writer(folder)
        logging = Logging(writer)
        for day in days:
            logging.ask(day, time=NOON + day * DAY)
        writer.close()

    return write


def days(folder):
    return sorted(path.parent.name[-2:] for path in sealed_files(folder.path))


def codes(kept):
    return [problem.code for problem in kept.problems]


def test_a_pass_of_a_journal_without_limits_seals(folder, log):
    log(0, 1)
    kept = keep_once(folder)
    assert (kept.sealed.segments, kept.removed.files, kept.problems, kept.busy) == (1, 0, (), False)
    assert days(folder) == ["16", "17"]


def test_what_is_too_old_goes_once_the_clock_is_believed(folder, log):
    log(0, 1, 2)
    clock = Days(NOON + DAY)
    limits = Limits(keep_s=2 * DAY)
    assert not keep_once(folder, limits, clock=clock).plan.believed
    assert days(folder) == ["16", "17", "18"]
    keep_once(folder, limits, clock=clock)
    assert days(folder) == ["17", "18"]
    keep_once(folder, limits, clock=clock)
    assert days(folder) == ["18"]


def test_a_second_keeper_does_nothing(folder, log):
    log(0)
    with alone(folder.path):
        assert keep_once(folder) == Kept(busy=True)


def test_nothing_goes_by_age_before_it_is_shipped(folder, log):
    log(0, 1)
    ship, clock = Ship("run"), Days(NOON + 40 * DAY)
    steps, limits = Steps(ship=ship.opened), Limits(keep_s=DAY)
    keep_once(folder, limits, steps, clock)
    kept = keep_once(folder, limits, steps, clock)
    assert len(kept.plan.waiting) == 2
    assert codes(kept) == ["P921"]
    ship.broken = ""
    assert keep_once(folder, limits, steps, clock).removed.files == 2
    assert ship.gone == []
    assert ship.closed == 3


def test_what_the_disk_has_no_room_for_goes_before_it_is_shipped_and_is_told(folder, log):
    log(0, 1)
    seal(folder)
    room = stock(folder.path)[-1].size
    ship = Ship("run")
    kept = keep_once(folder, Limits(size=room), Steps(ship=ship.opened), Days())
    assert days(folder) == ["17"]
    assert [path.parent.name for path in ship.gone] == ["day=2026-02-16"]
    assert codes(kept) == ["P921", "P924"]
    assert kept.removed.unshipped == 1


def test_what_a_destination_has_to_say_is_a_problem(folder, log):
    log(0)
    ship = Ship()
    standing = Standing("file:/x", 1, 1, None, 1, 0, 0, 0, 1, 0.0, 0.0, None)
    away, damaged = Problem("P966", "away"), Problem("P969", "damaged")
    ship.outcomes = [Outcome(standing, sent=1), Outcome(standing, problem=away, damaged=(damaged,))]
    kept = keep_once(folder, steps=Steps(ship=ship.opened))
    assert kept.shipped == tuple(ship.outcomes)
    assert codes(kept) == ["P969", "P966"]


def test_where_shipping_cannot_begin_everything_counts_as_not_shipped(folder, log):
    log(0)
    clock, steps = Days(NOON + 40 * DAY), Steps(ship=Ship("open").opened)
    keep_once(folder, Limits(keep_s=DAY), steps, clock)
    kept = keep_once(folder, Limits(keep_s=DAY), steps, clock)
    assert (len(kept.plan.waiting), kept.removed.files) == (1, 0)
    assert codes(kept) == ["P960"]


def test_a_journal_that_cannot_be_made_small_enough_is_told(folder):
    writer = Writer(folder)
    Logging(writer).ask(1)
    kept = keep_once(folder, Limits(size=10))
    assert kept.plan.over > 0
    assert codes(kept) == ["P925"]
    writer.close()


def test_every_step_is_taken_whatever_became_of_the_one_before(folder, log):
    log(0)
    taken = []

    def fails(_):
        taken.append("forget")
        raise OutsideError(Problem("P957", "no"))

    def breaks(_):
        taken.append("look")
        raise OSError("no disk")

    def errs(_):
        taken.append("err")
        raise RuntimeError("secret")

    def works(given):
        taken.append("expire")
        assert len(list(sealed_files(given.path))) == 1
        with alone(given.path) as mine:
            assert not mine  # the pass has the journal for itself

    kept = keep_once(folder, Limits(size=1), Steps((fails, breaks, errs, works), Ship().opened))
    assert taken == ["forget", "look", "err", "expire"]
    assert codes(kept) == ["P957", "P921", "P926"]
    assert "RuntimeError in `test_keeper.py`" in kept.problems[-1].what
    assert "secret" not in str(kept.problems)
    assert kept.removed.files == 1


def test_damage_is_a_problem_that_names_where_it_is_kept(folder, log):
    log(0)
    path = next(folder.segments.iterdir())
    with path.open("ab") as file:
        file.write(b"torn")
    ((problem),) = keep_once(folder).problems
    assert problem.code == "P923"
    assert problem.where.endswith(f"segments/damaged/{path.stem}.jsonl")
