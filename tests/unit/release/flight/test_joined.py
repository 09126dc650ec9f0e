from __future__ import annotations

from math import inf

from tests.doubles.counted import arm, moments, stratum

from trimtab.core.flights import Moments
from trimtab.release.flight.joined import joined, summed


def test_what_was_counted_in_all_strata_is_in_the_one() -> None:
    values = {"score": moments([1.0, 3.0])}
    before = stratum(0.0, arm(400, 2, values=values), arm(0), 5.0)
    after = stratum(1.0, arm(0, measures={"ctr": moments([0.5])}), arm(300, 30, values=values), 9.0)
    one = joined([before, after])
    champion, challenger = one.counts.champion, one.counts.challenger
    assert (champion.requests, champion.errors, challenger.requests, challenger.errors) == (400, 2, 300, 30)
    assert (sum(champion.latency), sum(challenger.latency)) == (400, 300)
    assert (champion.values, challenger.values) == (values, values)
    assert champion.measures["ctr"].count == 1
    assert (one.share, one.seconds) == (1.0, 9.0)


def test_moments_add_up() -> None:
    assert summed([moments([1.0, 2.0]), moments([-4.0])]) == moments([1.0, 2.0, -4.0])
    assert summed([]) == Moments(0, 0, 0, inf, -inf)
