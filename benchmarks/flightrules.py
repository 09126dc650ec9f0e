"""Flights as arrays, and the rules that are compared: each says for every flight at which second it goes back.

How others are read. Flagger (fluxcd.io/flagger/usage/metrics and usage/how-it-works): a query over the last minute,
each minute; `threshold` is how many checks may fail in the whole analysis, one after another or not. Argo Rollouts
(argo-rollouts.readthedocs.io/en/stable/features/analysis): `interval: 5m`, a query over five minutes, and with
`failureLimit: 3`, read as that page says it, three such measurements have the analysis fail. An analysis lasts the
hour here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trimtab.core.flights import LATENCY_S
from trimtab.release.sequential import quantile
from trimtab.release.sequential.difference import worse, worse_at
from trimtab.release.sequential.quantile import Ratio

TICKS = 3600
EVERY = 10  # seconds, between looks at latencies
A_SECOND = 20
SHARE = 0.1
ALPHA = 0.05
CHAMPION = 0.02
_Z = 1.645  # one-sided, 5 %
_NEVER = np.inf


@dataclass(frozen=True, slots=True)
class Flights:
    """Errors and answers of both arms until the end of each second: flights, seconds."""

    hits: np.ndarray
    count: np.ndarray
    other_hits: np.ndarray
    other_count: np.ndarray

    @classmethod
    def drawn(cls, flights: int, mine: float, theirs: float, seed: int) -> Flights:
        """By chance."""
        chance = np.random.default_rng(seed)
        count = chance.binomial(A_SECOND, SHARE, (flights, TICKS))
        other = A_SECOND - count
        parts = chance.binomial(count, mine), count, chance.binomial(other, theirs), other
        return cls(*(np.cumsum(one, axis=1, dtype=np.int32) for one in parts))

    def asked(self, seconds: np.ndarray) -> np.ndarray:
        """How many the challenger had answered then."""
        at = np.where(np.isfinite(seconds), seconds, TICKS - 1).astype(int)
        return self.count[np.arange(len(at)), at]


def trimtab(seen: Flights, margin: float) -> np.ndarray:
    """What `decide` does with one limit in the first step: a look each second."""
    back = np.full(len(seen.count), _NEVER)
    for at in range(TICKS):
        rows = np.flatnonzero(np.isinf(back))
        if not len(rows):
            break
        k, n, other_k, other_n = (one[rows, at] for one in (seen.hits, seen.count, seen.other_hits, seen.other_count))
        most = worse_at((k, n), (other_k, other_n), margin, np.minimum(other_k / np.maximum(other_n, 1), 1 - margin))
        near = most + np.log(0.8) >= -np.log(ALPHA)
        if near.any():
            won = worse((k[near], n[near]), (other_k[near], other_n[near]), margin) + np.log(0.8)
            back[rows[near][won >= -np.log(ALPHA)]] = at
    return back


def _z(seen: Flights, at: np.ndarray, margin: float) -> np.ndarray:
    """Two shares and a margin, as any textbook has it."""
    rows = np.arange(len(at))
    k, n, other_k, other_n = (one[rows, at] + 0.0 for one in (seen.hits, seen.count, seen.other_hits, seen.other_count))
    mine, theirs = k / np.maximum(n, 1.0), other_k / np.maximum(other_n, 1.0)
    spread = np.sqrt(
        np.maximum(mine * (1 - mine) / np.maximum(n, 1.0) + theirs * (1 - theirs) / np.maximum(other_n, 1.0), 1e-12)
    )
    return (mine - theirs - margin) / spread


def at_the_end(seen: Flights, margin: float) -> np.ndarray:
    """A look after the hour, and no other."""
    last = np.full(len(seen.count), TICKS - 1)
    return np.where(_z(seen, last, margin) > _Z, last, _NEVER)


def peeking(seen: Flights, margin: float) -> np.ndarray:
    """The same test, at every hundredth answer of the challenger."""
    back = np.full(len(seen.count), _NEVER)
    for answers in range(100, int(seen.count[:, -1].max()), 100):
        at = np.argmax(seen.count >= answers, axis=1)
        there = seen.count[np.arange(len(at)), at] >= answers
        found = there & np.isinf(back) & (_z(seen, at, margin) > _Z)
        back[found] = at[found]
    return back


def alike(flights: int, every: int, requests: int = 10_000, rate: float = CHAMPION) -> tuple[float, float]:
    """Both arms half and half and equally good: how many go back by the z-test and by ours, of any difference."""
    chance = np.random.default_rng(9)
    looks = requests // every
    count = chance.binomial(every, 0.5, (flights, looks))
    parts = chance.binomial(count, rate), count, chance.binomial(every - count, rate), every - count
    seen = Flights(*(np.cumsum(one, axis=1, dtype=np.int32) for one in parts))
    back, ours = np.zeros(flights, bool), np.zeros(flights, bool)
    for at in range(looks):
        back |= _z(seen, np.full(flights, at), 0.0) > _Z
        k, n, other_k, other_n = (one[:, at] for one in (seen.hits, seen.count, seen.other_hits, seen.other_count))
        some = np.flatnonzero(k * other_n > other_k * n)
        if len(some):
            won = worse((k[some], n[some]), (other_k[some], other_n[some]), 0.0) + np.log(0.8)
            ours[some] |= won >= -np.log(ALPHA)
    return float(back.mean()), float(ours.mean())


def _windows(seen: Flights, window: int, limit: float, times: int) -> np.ndarray:
    """Goes back when so many windows had a greater share of errors; one without answers fails no check."""
    ends = np.arange(window - 1, TICKS, window)
    k, n = (np.diff(one[:, ends], axis=1, prepend=0) for one in (seen.hits, seen.count))
    return _the_nth(k > limit * n, ends, times)


def _the_nth(failed: np.ndarray, ends: np.ndarray, times: int) -> np.ndarray:
    fails = np.cumsum(failed, axis=1) >= times
    return np.where(fails.any(axis=1), ends[np.argmax(fails, axis=1)], _NEVER)


def flagger(seen: Flights, limit: float) -> np.ndarray:
    """`interval: 1m`, `threshold: 5`."""
    return _windows(seen, 60, limit, 5)


def argo(seen: Flights, limit: float) -> np.ndarray:
    """`interval: 5m`, `failureLimit: 3`."""
    return _windows(seen, 300, limit, 3)


@dataclass(frozen=True, slots=True)
class Seconds:
    """Flights of which latencies are log-normal, the challenger's by a factor longer."""

    median_s: float
    spread: float
    factor: float
    flights: int
    seed: int

    def asked(self, seconds: np.ndarray) -> np.ndarray:
        """How many the challenger had answered then: two a second."""
        return (np.where(np.isfinite(seconds), seconds, TICKS) + 1) * A_SECOND * SHARE

    def drawn(self, chance: np.random.Generator, each: int, factor: float) -> np.ndarray:
        """Of one second."""
        normal = chance.standard_normal((self.flights, each))
        return self.median_s * factor * np.exp(self.spread * normal)


def trimtab_slow(mine: np.ndarray, theirs: np.ndarray, ratio: Ratio) -> np.ndarray:
    """What `decide` does with one limit in the first step; a tenth of alpha is for where the other quantile is not."""
    won = quantile.slower(quantile.tails(mine), quantile.tails(theirs), ratio)
    return won + np.log(0.8) >= -np.log(ALPHA * 0.9)


def ranked(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """How surely the challenger is slower at all, by the ranks of all latencies (Mann and Whitney 1947), in buckets."""
    n, m = mine.sum(axis=1), theirs.sum(axis=1)
    ties = mine + theirs
    total = n + m
    above = (mine * (np.cumsum(theirs, axis=1) - theirs / 2)).sum(axis=1)
    spread = n * m / 12 * (total + 1 - ((ties**3 - ties).sum(axis=1)) / (total * (total - 1)))
    return np.asarray((above - n * m / 2) / np.sqrt(spread))


def slow_flights(
    seen: Seconds,
    limits: Sequence[tuple[str, float, float]],
    windows: Sequence[tuple[float, int, int]],
) -> list[np.ndarray]:
    """When each flight goes back: for each limit of ours, by ranks after the hour, and for each window.

    windows: seconds at most, length, and times that it is more.
    """
    chance = np.random.default_rng(seed=seen.seed)
    counts = [np.zeros((seen.flights, len(LATENCY_S) + 1)) for _ in range(2)]
    back = [np.full(seen.flights, _NEVER) for _ in limits]
    rows, mine_a_second = np.arange(seen.flights)[:, None], int(A_SECOND * SHARE)
    kept = np.zeros((seen.flights, TICKS, mine_a_second))
    for at in range(TICKS):
        kept[:, at] = seen.drawn(chance, mine_a_second, seen.factor)
        drawn = kept[:, at], seen.drawn(chance, A_SECOND - mine_a_second, 1.0)
        for arm, latencies in zip(counts, drawn, strict=True):
            np.add.at(arm, (rows, np.searchsorted(LATENCY_S, latencies)), 1)
        if at % EVERY == EVERY - 1:
            for (_, quantile_of, factor), when in zip(limits, back, strict=True):
                some = np.flatnonzero(np.isinf(when))
                if len(some):
                    found = trimtab_slow(counts[0][some], counts[1][some], Ratio(quantile_of, factor, ALPHA * 0.1 / 2))
                    when[some[found]] = at
    back.append(np.where(ranked(*counts) > _Z, TICKS - 1.0, _NEVER))
    for seconds, window, times in windows:
        ends = np.arange(window - 1, TICKS, window)
        p99 = np.quantile(kept.reshape(seen.flights, len(ends), -1), 0.99, axis=2)
        back.append(_the_nth(p99 > seconds, ends, times))
    return back
