"""Each claim by counts that are plain, and `decide`'s verdict beside that of many flights as arrays."""

from __future__ import annotations

import numpy as np
import pytest
from tests.doubles.counted import arm, counts, latencies, moments, stratum
from tests.doubles.many_flights import Truth, broken, flown

from trimtab.core.flights import ArmCounts, Counts
from trimtab.release.flight.judge import judge
from trimtab.release.flight.plan import Limit, Plan
from trimtab.release.flight.states import Evidence, Stratum


def verdict(limit: Limit, *strata: Stratum, kind="canary") -> str:
    finding = judge(Plan(kind, limits=(limit,)), Evidence(strata))[0]
    if finding.value is not None and finding.low is not None and finding.high is not None:
        assert finding.low <= finding.value <= finding.high
    return finding.verdict


def slow(factor: float, share=0.5, n=6000) -> Stratum:
    return stratum(share, arm(n), arm(n + 1, median_s=0.05 * factor))


@pytest.mark.parametrize(
    ("limit", "good", "bad"),
    [
        (Limit("errors", at_most=0.02), stratum(0.5, arm(0), arm(1000, 2)), stratum(0.5, arm(0), arm(1000, 60))),
        (
            Limit("errors", worse_by=0.02),
            stratum(0.5, arm(2000, 40), arm(2000, 40)),
            stratum(0.5, arm(2000, 40), arm(2000, 160)),
        ),
        (Limit("p99", at_most=0.5), stratum(0.5, arm(0), arm(2000)), stratum(0.5, arm(0), arm(2000, median_s=0.3))),
        (Limit("p50", at_most=0.5), stratum(0.5, arm(0), arm(200)), stratum(0.5, arm(0), arm(200, median_s=1.0))),
        (Limit("p99", worse_by=2.0), slow(1.0), slow(3.0)),
        (Limit("p50", worse_by=1.5), slow(1.0), slow(2.0)),
    ],
)
def test_good_is_proved_good_and_bad_is_proved_bad(limit: Limit, good: Stratum, bad: Stratum) -> None:
    assert verdict(limit, good) == "PASS"
    assert verdict(limit, bad) == "FAIL"
    few = stratum(0.5, arm(3, 1), arm(3, 1))
    assert verdict(limit, few) == verdict(limit) == verdict(limit, stratum(0.5, arm(0), arm(0))) == "UNKNOWN"


def test_what_holds_whatever_the_champion_has_is_proved_before_it_is_asked() -> None:
    one = Evidence((stratum(0.5, arm(0), arm(20_000)),))
    (finding,) = judge(Plan(limits=(Limit("errors", worse_by=0.01),)), one)
    assert (finding.verdict, finding.value, finding.keeps) == ("PASS", None, True)
    assert finding.text == "errors 0 % <= 1 % whatever the champion has, n 20000"


def valued(name: str, champion: float, challenger: float, n=3000, of="values") -> Stratum:
    numbers = np.random.default_rng(0).normal(size=n)
    arms = [ArmCounts(n, **{of: {name: moments(numbers + centre)}}) for centre in (champion, challenger)]
    return Stratum(0.5, 600.0, Counts(*arms))


def test_a_shift_is_that_of_the_output_that_moved_most_either_way() -> None:
    limit = Limit("shift", at_most=0.3)
    assert verdict(limit, valued("score", 0.0, 0.0)) == "PASS"
    assert verdict(limit, valued("score", 0.0, 0.6)) == verdict(limit, valued("score", 0.0, -0.6)) == "FAIL"
    one, other = valued("score", 0.0, 0.0).counts, valued("age", 0.0, 0.6).counts
    both = [
        ArmCounts(3000, values={**a.values, **b.values})
        for a, b in ((one.champion, other.champion), (one.challenger, other.challenger))
    ]
    finding = judge(Plan(limits=(limit,)), Evidence((Stratum(0.5, 600.0, Counts(*both)),)))[0]
    assert finding.text == "shift of `age` 0.594 sd > 0.3 sd, n 3000"


def test_a_label_that_is_chosen_far_more_often_is_a_shift() -> None:
    rare, often = moments([1.0] * 30 + [0.0] * 2970), moments([1.0] * 900 + [0.0] * 2100)
    one = Stratum(0.5, 600.0, Counts(ArmCounts(values={"fraud=yes": rare}), ArmCounts(values={"fraud=yes": often})))
    same = Stratum(0.5, 600.0, Counts(ArmCounts(values={"fraud=yes": rare}), ArmCounts(values={"fraud=yes": rare})))
    assert verdict(Limit("shift", at_most=0.5), one) == "FAIL"
    assert verdict(Limit("shift", at_most=0.5), same) == "PASS"


@pytest.mark.parametrize(
    ("limit", "good", "bad"),
    [
        (Limit("ctr", at_least=0.5), (0.0, 1.0), (0.0, 0.0)),
        (Limit("cost", at_most=0.5), (0.0, 0.0), (0.0, 1.0)),
        (Limit("ctr", worse_by=0.2), (1.0, 1.0), (1.0, 0.5)),
    ],
)
def test_rewards_are_better_the_larger_they_are(limit: Limit, good, bad) -> None:
    assert verdict(limit, valued(limit.measure, *good, of="measures")) == "PASS"
    assert verdict(limit, valued(limit.measure, *bad, of="measures")) == "FAIL"
    assert verdict(limit, valued("other", *bad, of="measures")) == "UNKNOWN"


def test_of_a_shadow_the_mirror_is_judged() -> None:
    fine = stratum(1.0, *counts(4000, mirrored=4000, compared=4000, disagreed=10))
    slower = stratum(1.0, *counts(4000, mirrored=4001, median_s=0.15, compared=4000, disagreed=200))
    for limit in (Limit("disagreement", at_most=0.02), Limit("p99", worse_by=2.0)):
        assert verdict(limit, fine, kind="shadow") == "PASS"
        assert verdict(limit, slower, kind="shadow") == "FAIL"
    failing = stratum(1.0, *counts(4000, mirrored=4000, failed=200))
    assert verdict(Limit("errors", worse_by=0.01), failing, kind="shadow") == "FAIL"


def test_what_is_bad_under_more_load_is_found_though_it_was_well_before_and_the_text_speaks_of_then() -> None:
    well, worse = stratum(0.05, arm(50_000, 500), arm(5000, 50)), stratum(0.5, arm(600, 6), arm(600, 60))
    finding = judge(Plan(limits=(Limit("errors", worse_by=0.02),)), Evidence((well, worse)))[0]
    assert (finding.verdict, finding.n) == ("FAIL", 600)
    assert finding.text == "errors 10 % > 1 % + 2 %, n 600"


def test_what_was_bad_and_only_warns_is_not_said_of_the_good_step_after_it() -> None:
    bad, good = stratum(0.05, arm(950, 9), arm(50, 25)), stratum(0.5, arm(9000, 90), arm(9000, 90))
    limit = Limit("errors", worse_by=0.02, warn_only=True)
    finding = judge(Plan(limits=(limit,)), Evidence((bad, good)))[0]
    assert (finding.verdict, finding.n) == ("WARN", 50)
    assert 0.02 <= finding.low <= finding.value


def test_an_hour_in_which_both_arms_failed_is_no_fault_of_the_challenger() -> None:
    quiet, outage = stratum(0.05, arm(19_000, 19), arm(1000, 1)), stratum(0.5, arm(3000, 900), arm(3000, 900))
    assert verdict(Limit("errors", worse_by=0.01), quiet, outage) == "UNKNOWN"


def test_a_measure_that_cannot_be_judged_so_is_unknown() -> None:
    for limit in (Limit("errors", at_least=0.1), Limit("shift", worse_by=0.1), Limit("disagreement", worse_by=0.1)):
        assert verdict(limit, stratum(0.5, arm(500), arm(500, 400))) == "UNKNOWN"


def test_decide_says_of_each_flight_what_is_said_of_all_as_arrays() -> None:
    truth = Truth((0.08,), (0.02,), requests=400, flights=12, shares=(0.1, 0.4), seed=3)
    plan = Plan(limits=(Limit("errors", worse_by=0.01),))
    found = 0
    for at, strata in enumerate(flown(truth)):
        if at % 40 != 39:
            continue
        together = broken(strata, 0.01, plan.alpha)
        for flight in range(truth.flights):
            evidence = Evidence(
                tuple(
                    Stratum(0.5, 1.0, Counts(*(_arm(side, flight) for side in (one.theirs, one.mine))))
                    for one in strata
                )
            )
            assert (judge(plan, evidence)[0].verdict == "FAIL") == together[flight]
            found += bool(together[flight])
    assert 20 < found < 12 * 20


def _arm(side, flight: int) -> ArmCounts:
    return ArmCounts(int(side[1][flight]), int(side[0][flight]), latencies(0))
