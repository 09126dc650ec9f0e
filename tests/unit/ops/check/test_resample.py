import numpy as np
import pytest

from trimtab.ops.check.resample import draws_of, interval_of


def test_the_draws_are_the_same_each_time():
    assert all(np.array_equal(one, other) for one, other in zip(draws_of(30), draws_of(30), strict=True))


def test_an_interval_covers_the_truth_about_as_often_as_it_says():
    chance, hits = np.random.default_rng(1), 0
    for _ in range(60):
        values = chance.normal(3.0, 1.0, 80)
        found = interval_of(lambda places, values=values: float(values[places].mean()), 80)
        hits += found.low <= 3.0 <= found.high
    assert 51 <= hits <= 60


def test_more_surety_is_a_wider_interval():
    values = np.random.default_rng(1).random(50)
    narrow, wide = (interval_of(lambda places: float(values[places].mean()), 50, sure) for sure in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


def test_what_says_nothing_of_most_draws_has_no_interval():
    found = interval_of(lambda _places: float("nan"), 50)
    assert np.isnan([found.value, found.low, found.high]).all()


def test_two_that_are_the_same_differ_by_nothing():
    values = np.random.default_rng(1).random(50)
    found = interval_of(lambda places: float(values[places].mean() - values[places].mean()), 50)
    assert (found.value, found.low, found.high) == (0.0, 0.0, pytest.approx(0.0))
