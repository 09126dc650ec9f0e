from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest
from tests.doubles.counted import arm, counts, latencies, stratum

from trimtab.core.flights import LATENCY_S, ArmCounts
from trimtab.release.flight.claims import Claim
from trimtab.release.flight.latencies import judge_alone, judge_beside, times
from trimtab.release.flight.states import Stratum

TWICE = Claim("p99", "worse_by", 2.0, warn_only=False, harm=0.05, proof=0.05)


def pair(n: int, factor: float, share=0.5) -> Stratum:
    return stratum(share, arm(n), arm(n + 1, median_s=0.05 * factor))


def test_of_a_shadow_it_is_the_delay_of_the_mirror() -> None:
    strata = [stratum(1.0, *counts(400, mirrored=300, median_s=0.1))]
    assert times(strata, "shadow")[0].mine[0] == 300
    assert times(strata, "canary")[0].mine[0] == 0
    assert times(strata, "shadow")[0].theirs[0] == 400


def test_what_was_slow_since_a_step_is_said_of_that_step() -> None:
    judged = judge_beside(TWICE, times([pair(8000, 1.0), pair(1500, 4.0)], "canary"))
    assert judged.broken
    assert judged.n == 1501
    assert judged.value == pytest.approx(4.0, rel=0.25)
    assert judged.low <= judged.value


def buckets(**at: int) -> tuple[int, ...]:
    """So many latencies in each of some buckets, `b7=20` for 20 in the one with number 7."""
    return tuple(at.get(f"b{number}", 0) for number in range(len(LATENCY_S) + 1))


def met(champion: tuple[int, ...], challenger: tuple[int, ...]) -> Stratum:
    return stratum(0.25, *(ArmCounts(sum(latency), 0, latency, {}, {}) for latency in (champion, challenger)))


@pytest.mark.parametrize(
    ("measure", "strata"),
    [
        # one slow answer of the champion's, in a step in which the challenger was quick: the sum of both is another way
        ("p95", [met(buckets(b341=1), buckets(b0=20)), met(buckets(b0=300), buckets(b11=19))]),
        # each step is broken, and the median of both together is not: few of the challenger's answers are the slow ones
        ("p50", [met(buckets(b14=300, b341=100), buckets(b100=20, b118=6)), met(buckets(b184=300), buckets(b303=26))]),
    ],
)
def test_what_is_shown_of_a_broken_claim_breaks_it(measure: str, strata: list[Stratum]) -> None:
    judged = judge_beside(replace(TWICE, measure=measure, limit=1.5), times(strata, "canary"))
    assert judged.broken
    assert judged.value > 1.5
    assert judged.low <= judged.value <= (judged.high or inf)


def test_a_quantile_alone_is_held_against_seconds() -> None:
    claim = Claim("p95", "at_most", 0.2, warn_only=False, harm=0.05, proof=0.05)
    good, bad = (judge_alone(claim, times([pair(2000, factor)], "canary")) for factor in (1.0, 3.0))
    assert (good.broken, good.kept, bad.broken, bad.kept) == (False, True, True, False)
    assert good.low <= good.value <= good.high <= 0.2 < bad.low


def test_without_a_champion_there_is_no_factor() -> None:
    judged = judge_beside(TWICE, times([stratum(1.0, arm(0), arm(500))], "canary"))
    assert (judged.value, judged.broken, judged.kept) == (None, False, False)
    assert judge_beside(TWICE, times([stratum(0.5, arm(0), arm(0))], "canary")).mine is None


def test_answers_that_take_longer_than_any_bound_are_slow() -> None:
    claim = Claim("p50", "at_most", 60.0, warn_only=False, harm=0.05, proof=0.05)
    assert judge_alone(claim, times([stratum(0.5, arm(0), arm(50, median_s=900.0))], "canary")).broken
    assert sum(latencies(50, 900.0)[-1:]) == 50
