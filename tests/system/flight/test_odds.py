"""The chances that are stated, by flying a thousand flights of each kind with a look after every request.

`SOAK=1` flies ten thousand.
"""

from __future__ import annotations

import os
from typing import Final

import numpy as np
import pytest
from tests.doubles.many_flights import Truth, proved, rolled_back

from trimtab.core.flights import LATENCY_S
from trimtab.release.sequential import quantile
from trimtab.release.sequential.quantile import Ratio

SOAK: Final = bool(os.environ.get("SOAK"))  # `make soak` takes its time
FLIGHTS: Final = 10_000 if SOAK else 1000
LONG: Final = 3 if SOAK else 1
ALPHA: Final = 0.05
MARGIN: Final = 0.01
BUCKETS: Final = np.arange(160, 208)  # of the latencies, enough for all that matters


def often(alpha: float) -> float:
    """How large a share may be by chance, once in a thousand times, where alpha is the truth."""
    return alpha + 3.1 * float(np.sqrt(alpha * (1 - alpha) / FLIGHTS))


@pytest.mark.parametrize(
    ("mine", "theirs", "shares"),
    [
        ((0.02,), (0.02,), (0.05, 0.25, 0.5)),  # as good
        ((0.03,), (0.02,), (0.05, 0.25, 0.5)),  # as bad as it may be
        ((0.01,), (0.0,), (0.5,)),  # the same, where errors are rare
        ((0.02, 0.31, 0.02), (0.01, 0.3, 0.01), (0.25,)),  # the same, with an outage that hits both
    ],
)
def test_a_challenger_that_keeps_to_its_limit_is_hardly_ever_rolled_back(mine, theirs, shares) -> None:
    truth = Truth(mine, theirs, requests=1200 * LONG // len(shares), flights=FLIGHTS, shares=shares)
    assert rolled_back(truth, MARGIN, ALPHA) <= often(ALPHA)


@pytest.mark.parametrize(("mine", "theirs"), [((0.03,), (0.02,)), ((0.01,), (0.0,))])
def test_a_challenger_that_breaks_its_limit_is_hardly_ever_proved_good(mine, theirs) -> None:
    truth = Truth(mine, theirs, requests=1200 * LONG, flights=FLIGHTS, shares=(0.5,))
    assert proved(truth, MARGIN, ALPHA) <= often(ALPHA)


def test_a_challenger_that_fails_is_rolled_back_and_one_that_never_does_is_proved_good() -> None:
    """At a twentieth of a thousand requests: some fifty answers; the proof takes some five hundred."""
    failing = Truth((0.5,), (0.02,), requests=1000, flights=200, shares=(0.05,))
    assert rolled_back(failing, MARGIN, ALPHA) >= 0.99
    good = Truth((0.0,), (0.0,), requests=1200, flights=200, shares=(0.5,))
    assert proved(good, MARGIN, ALPHA) >= 0.99


class Latencies:
    """Buckets of both arms of many flights, half and half; a challenger's are so many buckets higher."""

    def __init__(self, flights: int, higher: int) -> None:
        """Nothing is answered yet."""
        self.counts = np.zeros((2, flights, len(LATENCY_S) + 1))
        self.higher = np.array([0, higher])
        self.chance = np.random.default_rng(higher)

    def answered(self) -> None:
        """One more of each arm in each flight."""
        flights = np.arange(self.counts.shape[1])
        for arm in (0, 1):
            spread = np.clip(self.chance.normal(12, 8, len(flights)).astype(int), 0, len(BUCKETS) - 1)
            self.counts[arm, flights, BUCKETS[spread] + self.higher[arm]] += 1

    def won(self, test, factor: float, of: np.ndarray) -> np.ndarray:
        """What a test of the median has won in some flights."""
        theirs, mine = (quantile.tails(arm[of]) for arm in self.counts)
        return test(mine, theirs, Ratio(0.5, factor, ALPHA * 0.1))

    def near(self, test, factor: float) -> np.ndarray:
        """Flights in which anything may have been won: at the champion's median, the challenger's bet must have won."""
        medians = [
            np.argmax(quantile.tails(arm)[:, 1:] * 2 <= arm.sum(axis=-1, keepdims=True), axis=-1) for arm in self.counts
        ]
        apart = medians[1] - medians[0] - 16 * np.log2(factor)
        return apart > -1 if test is quantile.slower else apart < 1


@pytest.mark.parametrize(
    ("test", "higher", "factor", "bound"),
    [
        (quantile.slower, 0, 1.0, ALPHA),
        (quantile.slower, 16, 2.0, ALPHA),
        (quantile.faster, 17, 2.0, ALPHA),
        (quantile.slower, 16, 1.2, -0.9),
        (quantile.faster, 0, 2.0, -0.9),
    ],
)
def test_of_latencies_it_is_as_rarely_wrong_and_finds_what_is_there(test, higher, factor, bound) -> None:
    """bound: at most so often; below 0, at least."""
    seen, found = Latencies(FLIGHTS, higher), np.zeros(FLIGHTS, bool)
    for _ in range(80 * LONG):
        seen.answered()
        some = np.flatnonzero(seen.near(test, factor) & ~found)
        if len(some):
            found[some] = seen.won(test, factor, some) >= -np.log(ALPHA * 0.9)
    share = float(found.mean())
    assert share <= often(bound) if bound > 0 else share >= -bound
