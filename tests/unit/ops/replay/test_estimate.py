"""Shares with intervals: against closed forms, and against many samples of a population that is known."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from trimtab.ops.replay.estimate import share, student


def plain(has):
    has = np.array(has, bool)
    return share(has, np.ones(len(has)), np.arange(len(has)))


def wilson(value, rows, z):
    """As its inventor wrote it."""
    middle, half = value + z * z / (2 * rows), z * math.sqrt(value * (1 - value) / rows + z * z / (4 * rows * rows))
    return (middle - half) / (1 + z * z / rows), (middle + half) / (1 + z * z / rows)


def test_rows_of_equal_weight_get_wilsons_interval():
    found = plain([1] * 30 + [0] * 970)
    # the linearised variance has n - 1 where the binomial has n
    assert_allclose((found.low, found.high), wilson(0.03, 999, student(999)), rtol=1e-12)
    assert (found.value, found.rows, found.count, found.clusters, found.total) == (0.03, 1000, 30, 1000, 1000)


@pytest.mark.parametrize(("has", "end"), [([0] * 60, 0), ([1] * 60, 1)])
def test_a_share_of_none_or_all_still_has_an_interval(has, end):
    found = plain(has)
    assert found.value == end
    assert_allclose(found.high - found.low, student(59) ** 2 / (60 + student(59) ** 2))


def test_without_rows_and_with_a_single_cluster_nothing_is_known():
    assert (plain([]).low, plain([]).high, plain([]).rows) == (0, 1, 0)
    one = share(np.array([True, False]), np.ones(2), np.zeros(2, int))
    assert (one.value, one.low, one.high) == (0.5, 0, 1)


def test_weights_are_what_a_row_stands_for():
    found = share(np.array([True, False, False]), np.array([6.0, 1.0, 1.0]), np.arange(3))
    assert_allclose((found.value, found.total), (0.75, 8))
    assert found.effective < 3


def test_rows_of_one_cluster_that_go_together_count_as_one():
    has = np.repeat(np.arange(200) % 4 == 0, 10)
    together = share(has, np.ones(2000), np.repeat(np.arange(200), 10))
    apart = share(has, np.ones(2000), np.arange(2000))
    assert_allclose(together.effective, 199, rtol=1e-9)
    assert_allclose((together.high - together.low) / (apart.high - apart.low), math.sqrt(10), rtol=0.02)


def test_clusters_may_have_any_numbers_and_come_in_any_order():
    chance = np.random.default_rng(1)
    has, weight, cluster = chance.random(500) < 0.2, chance.random(500) + 0.5, chance.integers(0, 50, 500)
    order = chance.permutation(500)
    one, other = share(has, weight, cluster), share(has[order], weight[order], cluster[order] * 7 + 3)
    assert_allclose((one.value, one.low, one.high), (other.value, other.low, other.high), rtol=1e-12)


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(1, 12.7062), (5, 2.5706), (11, 2.20099), (15, 2.13145), (30, 2.04227), (1000, 1.96234)]
)
def test_students_quantiles_are_those_of_the_tables(freedom, quantile):
    assert student(freedom) == pytest.approx(quantile, abs=2e-4)


def test_without_freedom_there_is_no_quantile():
    assert student(0) == math.inf


def population(seed, clusters, size):
    """Requests of one or more rows: some kinds change more often, and are logged with another chance."""
    chance = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), chance.integers(1, size + 1, clusters))
    kind = chance.random(clusters) < 0.3
    lean = chance.beta(0.4, 4, clusters) + 0.1 * kind
    logged = np.where(kind, 0.1, 0.04)
    return cluster, chance.random(len(cluster)) < lean[cluster], logged, chance


@pytest.mark.parametrize(("seed", "size"), [(1, 1), (2, 12)])
def test_of_a_thousand_samples_95_in_a_hundred_intervals_hold_the_share_of_the_full_data(seed, size):
    cluster, has, logged, chance = population(seed, 8000, size)
    covered = 0
    for _ in range(1000):
        kept = (chance.random(len(logged)) < logged)[cluster]
        found = share(has[kept], 1 / logged[cluster[kept]], cluster[kept])
        covered += found.low <= has.mean() <= found.high
    assert 930 <= covered <= 970


def test_without_weights_and_clusters_the_intervals_would_be_wrong():
    """What the weights and clusters are for: the test above can fail."""
    cluster, has, logged, chance = population(2, 8000, 12)
    covered = 0
    for _ in range(200):
        kept = (chance.random(len(logged)) < logged)[cluster]
        found = plain(has[kept])
        covered += found.low <= has.mean() <= found.high
    assert covered < 150


def test_a_rare_change_in_few_rows_is_covered_too():
    chance = np.random.default_rng(5)
    full = chance.random(20_000) < 0.005
    covered = 0
    for _ in range(1000):
        has = full[chance.random(len(full)) < 0.02]
        found = plain(has)
        covered += found.low <= full.mean() <= found.high
    assert covered >= 930
