"""Evidence over time, out of answers and out of a ledger."""

import numpy as np
from numpy.testing import assert_allclose

from trimtab.core.flights import ArmCounts, Counts
from trimtab.ops.readout.looks import looks_of_answers, looks_of_entries, moments_of
from trimtab.release.flight.plan import Plan
from trimtab.release.flight.states import Action, Stratum
from trimtab.release.ledger.flights import Begun, Decided, body_of, kind_of
from trimtab.release.ledger.lines import Entry


def test_each_look_knows_what_came_before_it(made_up):
    answers = made_up(1000)
    looks = looks_of_answers(answers, 10)
    assert [sum(of.requests for of in both(look)) for look in looks] == list(range(100, 1001, 100))
    assert_allclose([look.seconds for look in looks], np.arange(99, 1000, 100) / 20)
    champion, challenger = both(looks[-1])
    assert challenger.requests == answers.own.sum()
    assert challenger.errors == answers.failed[answers.own].sum()
    assert sum(champion.latency) == champion.requests
    right = answers.measures["right"]
    assert challenger.measures["right"].total == np.nansum(right[answers.own])


def both(look):
    (stratum,) = look.strata
    return stratum.counts.champion, stratum.counts.challenger


def test_each_share_is_a_stratum(made_up):
    answers = made_up(1000)
    answers.share[500:] = 0.5
    (last,) = looks_of_answers(answers, 1)
    assert [one.share for one in last.strata] == [0.25, 0.5]
    assert [one.counts.champion.requests + one.counts.challenger.requests for one in last.strata] == [500, 500]


def test_of_nothing_there_is_no_look(made_up):
    assert looks_of_answers(made_up(0)) == []
    assert moments_of(np.zeros(0)).count == 0


def entry(number, time, note):
    return Entry(number, time, kind_of(note), "f", body_of(note), "", "")


def test_a_ledger_has_a_look_for_each_decision():
    counts = Counts(ArmCounts(90, 1), ArmCounts(10, 2))
    noted = [Decided(Action("wait", "flying", 0, None, ""), (Stratum(0.1, at * 1.0, counts),)) for at in range(200)]
    begun = entry(0, 100.0, Begun("m", "m:new", "", Plan()))
    entries = [begun, *(entry(at, 101.0 + at, note) for at, note in enumerate(noted))]
    looks = looks_of_entries(entries)
    assert len(looks) == 60
    assert (looks[0].seconds, looks[-1].seconds) == (1.0, 200.0)
    assert looks[0].strata[0].counts == counts
    assert looks_of_entries([begun]) == []
