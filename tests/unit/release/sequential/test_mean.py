from __future__ import annotations

from math import inf

import numpy as np

from trimtab.core.flights import Moments
from trimtab.release.sequential.mean import FEWEST, apart, mean, variance

ALPHAS = (0.05, 0.05)


def moments(numbers) -> Moments:
    values = np.asarray(numbers, float)
    if not len(values):
        return Moments()
    return Moments(len(values), values.sum(), (values**2).sum(), values.min(), values.max())


def drawn(count: int, centre: float, seed: int = 0) -> Moments:
    return moments(np.random.default_rng(seed).normal(centre, 1.0, count))


def test_without_numbers_there_is_no_mean() -> None:
    assert mean(Moments(), ALPHAS) is None
    assert apart([(Moments(), drawn(500, 0))], ALPHAS) is None


def test_of_few_numbers_nothing_is_said_but_the_guess() -> None:
    found = mean(moments([1.0] * (FEWEST - 1)), ALPHAS)
    assert found is not None
    assert (found.value, found.low, found.high) == (1.0, -inf, inf)


def test_the_bounds_hold_the_mean_and_come_together() -> None:
    widths = []
    for count in (FEWEST, 1000, 100_000):
        found = mean(drawn(count, 3.0), ALPHAS)
        assert found is not None
        assert found.low < 3.0 < found.high
        widths.append(found.high - found.low)
    assert widths == sorted(widths, reverse=True)


def test_numbers_that_were_all_alike_are_not_taken_for_alike_for_ever() -> None:
    found = apart([(moments([0.0] * 200), moments([0.0] * 200))], ALPHAS, 1.0)
    assert found is not None
    assert found.low < -0.01
    assert found.high > 0.01
    assert variance(moments([5.0] * 9)) == 0.0


def test_an_hour_in_which_everything_was_otherwise_moves_no_difference() -> None:
    quiet, busy = (drawn(900, 0, 1), drawn(100, 0, 2)), (drawn(100, 10, 3), drawn(900, 10, 4))
    found = apart([quiet, busy], ALPHAS)
    assert found is not None
    assert abs(found.value) < 0.2
    pooled = sum(one.total for one, _ in (quiet, busy)) / 1000 - sum(one.total for _, one in (quiet, busy)) / 1000
    assert abs(pooled) > 5


def test_a_difference_is_found() -> None:
    found = apart([(drawn(2000, 0.5, 1), drawn(2000, 0.0, 2))], ALPHAS)
    assert found is not None
    assert found.low > 0.3


def test_rarely_is_a_bound_wrong_at_any_look() -> None:
    """A hundred sequences, a look after every fifth number from the fewest on."""
    numbers = np.random.default_rng(0).exponential(1.0, (100, 1500))
    totals, squares = numbers.cumsum(axis=1), (numbers**2).cumsum(axis=1)
    wrong = 0
    for total, square in zip(totals, squares, strict=True):
        looks = (mean(Moments(n, total[n - 1], square[n - 1], 0, 0), ALPHAS) for n in range(FEWEST, 1500, 5))
        wrong += any(found is not None and found.low > 1.0 for found in looks)
    assert wrong / 100 <= ALPHAS[0]
