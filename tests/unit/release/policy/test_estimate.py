"""Values of policies: against sums by hand, and against a world in which the truth is known."""

from math import inf

import numpy as np
import pytest
from numpy.testing import assert_allclose

from trimtab.release.policy.estimate import doubly_robust, ips, self_normalised
from trimtab.release.policy.logged import Logged
from trimtab.release.policy.models import bucket_means, cross_fitted

SHARE = 0.2
REWARDS = np.array([[0.9, 0.8], [0.5, 0.75], [0.6, 0.6]])  # of three kinds of callers, by champion and challenger


def flown(seed, rows=2000):
    """Kinds of callers, and what was logged of a flight."""
    chance = np.random.default_rng(seed)
    kind = chance.integers(0, 3, rows)
    taken = (chance.random(rows) < SHARE).astype(int)
    reward = (chance.random(rows) < REWARDS[kind, taken]).astype(float)
    return kind, Logged(taken, np.where(taken == 1, SHARE, 1 - SHARE), reward)


def values(seed):
    """Of the policy that asks the challenger for the second kind of callers alone, by each method."""
    kind, logged = flown(seed)
    wanted = (kind == 1).astype(int)
    expected = cross_fitted(logged, kind, 2, bucket_means())
    return ips(logged, wanted), self_normalised(logged, wanted), doubly_robust(logged, wanted, expected)


TRUTH = (REWARDS[0, 0] + REWARDS[1, 1] + REWARDS[2, 0]) / 3


def test_sums_by_hand():
    logged = Logged(np.array([0, 1, 1]), np.array([0.5, 0.5, 0.25]), np.array([1.0, 0.0, 1.0]))
    wanted = np.array([0, 1, 1])
    assert_allclose(ips(logged, wanted).mean.value, (2 + 0 + 4) / 3)
    assert_allclose(self_normalised(logged, wanted).mean.value, (2 + 0 + 4) / 8)
    expected = np.full((3, 2), 0.5)
    assert_allclose(doubly_robust(logged, wanted, expected).mean.value, 0.5 + (2 * 0.5 - 2 * 0.5 + 4 * 0.5) / 3)
    assert_allclose(ips(logged, wanted).effective, 64 / 24)


def test_what_was_flown_is_worth_what_it_brought():
    _, logged = flown(1)
    as_flown = np.tile([1 - SHARE, SHARE], (len(logged), 1))
    for value in (ips(logged, as_flown), self_normalised(logged, as_flown)):
        assert_allclose((value.mean.value, value.effective), (logged.reward.mean(), 2000))
        assert_allclose((value.gain.value, value.gain.low, value.gain.high), 0, atol=1e-12)


@pytest.mark.parametrize("method", range(3))
def test_each_method_is_right_on_average_and_its_interval_holds_the_truth(method):
    found = [values(seed)[method] for seed in range(400)]
    means = np.array([value.mean.value for value in found])
    assert abs(means.mean() - TRUTH) < 4 * means.std() / np.sqrt(400)
    holds = np.mean([value.mean.low <= TRUTH <= value.mean.high for value in found])
    assert 0.92 <= holds <= 0.98  # 95 %, with three standard errors of 400 tries


def test_a_gain_is_told_more_narrowly_than_a_value():
    for value in values(3)[1:]:
        assert value.gain.high - value.gain.low < value.mean.high - value.mean.low


def test_a_good_model_makes_it_narrower_and_a_bad_one_does_not_make_it_wrong():
    _, normal, robust = values(4)
    assert robust.mean.high - robust.mean.low < normal.mean.high - normal.mean.low
    kind, logged = flown(5, rows=100_000)
    nonsense = np.random.default_rng(5).random((100_000, 2))
    value = doubly_robust(logged, (kind == 1).astype(int), nonsense)
    assert value.mean.low <= TRUTH <= value.mean.high


def test_callers_that_are_one_count_as_one():
    _, logged = flown(6)
    twice = Logged(
        *(np.repeat(of, 10) for of in (logged.taken, logged.probability, logged.reward)), logged.unit.repeat(10)
    )
    one, ten = (self_normalised(of, np.ones(len(of), int)) for of in (logged, twice))
    assert_allclose(one.mean.high - one.mean.low, ten.mean.high - ten.mean.low)
    assert (ten.rows, ten.units) == (20_000, 2000)


def test_where_nothing_was_tried_and_of_a_few_nothing_is_known():
    logged = Logged(np.zeros(50, int), np.ones(50), np.ones(50))
    value = self_normalised(logged, np.ones(50, int))
    assert (value.mean.low, value.mean.high, value.effective) == (-inf, inf, 0)
    few = Logged(np.zeros(5, int), np.ones(5), np.arange(5.0))
    assert ips(few, np.zeros(5, int)).mean.high == inf
