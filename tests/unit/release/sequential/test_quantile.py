from __future__ import annotations

import numpy as np
import pytest

from trimtab.core.flights import LATENCY_S, bucket_of
from trimtab.release.sequential.quantile import Ratio, bounds, faster, guess, longer, slower, tails

BUCKETS = len(LATENCY_S) + 1
P99 = Ratio(0.99, 2.0, 0.005)


def counted(seconds) -> np.ndarray:
    return np.bincount([bucket_of(one) for one in seconds], minlength=BUCKETS)


def drawn(count: int, factor: float = 1.0, seed: int = 0) -> np.ndarray:
    return tails(counted(0.05 * factor * np.exp(0.5 * np.random.default_rng(seed).standard_normal(count))))


def test_a_tail_is_what_is_in_a_bucket_and_above() -> None:
    assert list(tails(counted([0.00004, 0.01, 0.01, 500.0]))[[0, 1, BUCKETS - 1, BUCKETS]]) == [4, 3, 1, 0]


@pytest.mark.parametrize("seconds", [0.00001, 0.0101, LATENCY_S[80], 3.0, 1e4])
def test_what_surely_took_longer_and_what_perhaps(seconds: float) -> None:
    latencies = np.geomspace(1e-5, 200, 400)
    tail = tails(counted(latencies))
    true = (latencies > seconds).sum()
    assert longer(tail, seconds, surely=True) <= true <= longer(tail, seconds, surely=False)
    assert longer(tail, seconds, surely=False) - longer(tail, seconds, surely=True) < 45


def test_at_a_bound_of_a_bucket_nothing_is_unsure() -> None:
    tail = tails(counted([LATENCY_S[80], LATENCY_S[81]]))
    assert longer(tail, LATENCY_S[80], surely=True) == longer(tail, LATENCY_S[80], surely=False) == 1


def test_the_guess_is_within_a_bucket_of_the_quantile() -> None:
    latencies = 0.05 * np.exp(0.5 * np.random.default_rng(1).standard_normal(5000))
    tail = tails(counted(latencies))
    for chance in (0.5, 0.95, 0.99):
        assert guess(tail, chance) == pytest.approx(np.quantile(latencies, chance), rel=0.1)
        low, high = bounds(tail, chance, (0.05, 0.05))
        assert low <= np.quantile(latencies, chance) <= high


def test_without_answers_nothing_is_known() -> None:
    nothing = tails(np.zeros(BUCKETS))
    assert guess(nothing, 0.99) is None
    assert bounds(nothing, 0.99, (0.05, 0.05)) == (0.0, np.inf)
    assert slower(nothing, nothing, P99) <= 0
    assert faster(nothing, nothing, P99) <= 0


def test_three_times_as_slow_is_found_and_twice_is_not() -> None:
    champion = drawn(4000, seed=1)
    assert slower(drawn(1000, 3.0), champion, P99) > -np.log(0.0125)
    assert slower(drawn(4000, 2.0), champion, P99) < 0


def test_as_fast_is_proved_and_twice_as_slow_is_not() -> None:
    champion = drawn(4000, seed=1)
    assert faster(drawn(4000), champion, P99) > -np.log(0.05)
    assert faster(drawn(4000, 2.0), champion, P99) < 0


@pytest.mark.parametrize("factor", [1.2, 1.5, 2.0, 3.0])
def test_where_a_latency_lies_in_its_bucket_is_held_against_the_claim(factor: float) -> None:
    """All of an arm in one bucket: neither claim wins on what may be the very factor."""
    ratio = Ratio(0.5, factor, 0.005)
    for at in range(120, 140, 2):
        other = counted([LATENCY_S[at] * 0.99] * 200)
        for theirs in (0.97, 1.0):
            mine = counted([LATENCY_S[at] * theirs * factor] * 200)
            assert slower(tails(mine), tails(other), ratio) <= 0
            assert faster(tails(mine), tails(other), ratio) <= 0


def test_a_champion_quicker_than_the_first_bound_says_nothing_of_a_factor() -> None:
    quick = tails(counted([1e-5] * 500))
    assert faster(quick, quick, Ratio(0.5, 2.0, 0.005)) <= 0


def test_arrays_are_reckoned_as_numbers() -> None:
    mine, theirs = np.stack([drawn(300), drawn(50, 3.0)]), np.stack([drawn(900, seed=3), drawn(20, seed=4)])
    for test in (slower, faster):
        assert list(test(mine, theirs, P99)) == pytest.approx([float(test(mine[at], theirs[at], P99)) for at in (0, 1)])
