from __future__ import annotations

import numpy as np
import pytest
from tests.doubles.counted import moments

from trimtab.core.flights import ArmCounts, Counts
from trimtab.release.flight.claims import Claim
from trimtab.release.flight.means import judge_measure, judge_shift
from trimtab.release.flight.states import Stratum

NUMBERS = np.random.default_rng(0).normal(size=2000)
WORSE = Claim("ctr", "worse_by", 0.2, warn_only=False, harm=0.05, proof=0.05)
SHIFT = Claim("shift", "at_most", 0.3, warn_only=False, harm=0.05, proof=0.05)


def measured(champion, challenger, of="measures", name="ctr") -> Stratum:
    arms = [ArmCounts(**{of: {name: moments(one)} if len(one) else {}}) for one in (champion, challenger)]
    return Stratum(0.5, 600.0, Counts(*arms))


def test_a_reward_is_judged_over_all_steps_as_it_comes_late() -> None:
    strata = [measured(NUMBERS, NUMBERS), measured([], [])]
    judged = judge_measure(WORSE, strata)
    assert (judged.n, judged.kept, judged.value) == (2000, True, pytest.approx(0.0))


def test_of_one_arm_alone_nothing_is_known_of_a_difference() -> None:
    judged = judge_measure(WORSE, [measured([], NUMBERS)])
    assert (judged.value, judged.broken, judged.kept, judged.n) == (None, False, False, 2000)


def test_few_rewards_prove_nothing() -> None:
    judged = judge_measure(WORSE, [measured(NUMBERS[:90], NUMBERS[:90] - 5)])
    assert (judged.broken, judged.kept, judged.low, judged.high) == (False, False, None, None)
    assert judged.value == pytest.approx(5.0)


@pytest.mark.parametrize("by", [-0.6, 0.6])
def test_an_output_shifts_either_way(by: float) -> None:
    judged = judge_shift(SHIFT, [measured(NUMBERS, NUMBERS + by, "values")])
    assert (judged.broken, judged.kept, judged.of) == (True, False, "ctr")
    assert 0.3 < judged.low < judged.value < judged.high


def test_outputs_of_which_nothing_is_known_in_either_arm_are_not_compared() -> None:
    assert judge_shift(SHIFT, [measured(NUMBERS, [], "values")]).value is None
    assert judge_shift(SHIFT, [measured([], [], "values")]).value is None


def test_outputs_that_are_all_alike_in_both_arms_have_not_shifted() -> None:
    judged = judge_shift(SHIFT, [measured(np.ones(500), np.ones(500), "values")])
    assert (judged.value, judged.kept) == (0.0, True)
    moved = judge_shift(SHIFT, [measured(np.ones(500), np.full(500, 9.0), "values")])
    assert not moved.kept
