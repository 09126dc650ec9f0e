from __future__ import annotations

import pytest
from tests.doubles.airborne import Clock
from tests.doubles.directing import MemoryLedger

from trimtab.core.flights import ArmCounts, Counts
from trimtab.ops.flights.standing import flights_of, standing_of, strata_of
from trimtab.release.flight.plan import Plan
from trimtab.release.flight.states import Action
from trimtab.release.ledger.flights import Applied, Begun, Decided, Ended, Resumed, Wish, body_of, kind_of

BEGUN = Begun("churn", "churn:next", "http://h:1", Plan())
WAIT = Action("wait", "flying", 0, None, "not yet")
BACK = Action("roll back", "rolling back", 0, 0.0, "errors")


def counted(requests):
    return Counts(challenger=ArmCounts(requests))


@pytest.fixture
def clock():
    return Clock(1000.0)


@pytest.fixture
def said(clock):
    """Writes notes down, a minute apart; the flight after the last of them."""
    ledger = MemoryLedger(clock)

    def say(*notes, flight="churn-1"):
        for note in notes:
            clock.now += 60
            ledger.append(kind_of(note), flight, body_of(note))
        return flights_of(ledger.entries())[flight]

    return say


def test_it_begins_on_the_ground(said):
    one = said(BEGUN)
    assert (one.phase, one.step, one.began, one.last) == ("loading", -1, 1060.0, 1060.0)
    assert strata_of(one, counted(5), 2000.0) == ()


def test_each_share_is_a_stratum_of_what_was_counted_at_it(said):
    said(BEGUN, Applied("begin", "flying", 0, 0.05, counted(2)))
    one = said(Applied("advance", "flying", 1, 0.25, counted(12)))
    first, second = strata_of(one, counted(42), one.last + 7)
    assert (first.share, first.seconds, first.counts.challenger.requests) == (0.05, 60.0, 10)
    assert (second.share, second.seconds, second.counts.challenger.requests) == (0.25, 7.0, 30)


def test_what_was_decided_is_to_be_done_until_it_is_done(said):
    one = said(BEGUN, Applied("begin", "flying", 0, 0.05), Decided(BACK))
    assert one.pending == one.decided == Decided(BACK)
    one = said(Applied("roll back", "rolling back", 0, 0.0, counted(3)))
    assert one.pending is None
    assert (one.phase, one.share, one.over) == ("rolling back", 0.0, None)
    end = Decided(Action("end", "rolled back", 0, None, "as decided"))
    one = said(end, Applied("end", "rolled back", 0, 0.0))
    assert (one.over, one.decided) == ("rolled back", Decided(BACK)), "the reason stays the first one"
    assert said(Ended("rolled back")).ended == Ended("rolled back")


def test_waiting_changes_nothing_and_wishes_are_remembered(said):
    one = said(BEGUN, Applied("begin", "flying", 0, 0.05), Decided(WAIT, (), Wish("churn-1", "resume", "token")))
    assert (one.pending, one.decided) == (None, None)
    assert one.handled == {"token"}


def test_time_that_nobody_watched_is_taken_from_the_step(said, clock):
    one = said(BEGUN, Applied("begin", "flying", 0, 0.05), Resumed(50.0))
    assert strata_of(one, counted(0), clock.now)[0].seconds == 10.0


def test_the_flight_that_is_on_is_found_among_others(said):
    said(BEGUN, Ended("refused"), flight="churn-1")
    said(Begun("other", "other:next", "http://h:1", Plan()), flight="other-1")
    found = [said(BEGUN, flight="churn-2"), said(flight="churn-1"), said(flight="other-1")]
    assert standing_of(found, "churn").flight == "churn-2"
    assert standing_of(found, "nothing") is None
