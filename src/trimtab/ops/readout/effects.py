"""How far the arms are apart in each measure, with intervals that hold at every look at once.

Shares, outputs and qualities: stratified differences of means (`release.sequential.mean.apart`), a share being the mean
of ones and zeros. Latencies: the quotient of two quantiles, each between bounds of its own, of all strata together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Final, Literal, TypeAlias

import numpy as np

from trimtab.core.flights import ArmCounts, Moments
from trimtab.ops.readout.looks import Look
from trimtab.release.flight.states import Stratum
from trimtab.release.sequential import mean, quantile

__all__ = ["Effect", "Of", "Point", "Unit", "Word", "effect_of", "measures_of"]

Unit: TypeAlias = Literal["share", "time", "number"]
Of: TypeAlias = Literal["errors", "latency", "output", "quality"]
Word: TypeAlias = Literal["worse", "better", "other", "open"]
_QUANTILES: Final = {"p50": 0.5, "p99": 0.99}


@dataclass(frozen=True, slots=True)
class Point:
    """What was known of an effect then. low, high: infinite, or 0 for a factor, where there was no bound yet."""

    seconds: float
    effect: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Effect:
    """One measure. effect: the challenger's less the champion's; of a latency, how many times as long it takes.

    low, high: it is between them, but for a chance of `alpha` over all looks. trace: how that became known.
    """

    of: Of
    name: str
    champion: float
    challenger: float
    effect: float
    low: float
    high: float
    champion_n: int
    challenger_n: int
    alpha: float
    trace: tuple[Point, ...] = ()

    @property
    def unit(self) -> Unit:
        """What kind of number it is."""
        return "share" if self.of == "errors" else "time" if self.of == "latency" else "number"

    @property
    def word(self) -> Word:
        """What is proved; `other` where neither way is better, `open` where nothing is."""
        none = 1.0 if self.of == "latency" else 0.0
        if self.low <= none <= self.high:
            return "open"
        if self.of == "output":
            return "other"
        return "worse" if (self.low > none) == (self.of in {"errors", "latency"}) else "better"


def measures_of(strata: Sequence[Stratum]) -> Iterator[tuple[Of, str]]:
    """What was measured in both arms."""
    yield "errors", "errors"
    for name in _QUANTILES:
        yield "latency", name
    arms = [(one.counts.champion, one.counts.challenger) for one in strata]
    for name in dict.fromkeys(name for one, other in arms for name in one.values if name in other.values):
        yield "output", name
    for name in dict.fromkeys(name for one, other in arms for name in one.measures if name in other.measures):
        yield "quality", name


def effect_of(of: Of, name: str, looks: Sequence[Look], alpha: float) -> Effect | None:
    """Of one measure; None where one of the arms has nothing of it."""
    points, last = [], None
    for look in looks:
        found = _at(of, name, look.strata, alpha)
        if found is not None:
            last = found
            points.append(Point(look.seconds, found.effect, found.low, found.high))
    if last is None:
        return None
    return Effect(
        of, name, last.champion, last.challenger, last.effect, last.low, last.high, last.champion_n, last.challenger_n,
        alpha, tuple(points),
    )  # fmt: skip


def _at(of: Of, name: str, strata: Sequence[Stratum], alpha: float) -> Effect | None:
    if of == "latency":
        return _factor(name, strata, alpha)
    pairs = [(_moments(of, name, one.counts.challenger), _moments(of, name, one.counts.champion)) for one in strata]
    both = [(mine, theirs) for mine, theirs in pairs if mine.count and theirs.count]
    found = mean.apart(both, (alpha / 2, alpha / 2))
    if found is None:
        return None
    total = sum(mine.count for mine, _ in both)
    challenger = sum(mine.total for mine, _ in both) / total
    # as if the champion's answers had come in the strata as the challenger's did
    champion = sum(mine.count / total * theirs.total / theirs.count for mine, theirs in both)
    count = sum(theirs.count for _, theirs in both)
    return Effect(of, name, champion, challenger, found.value, found.low, found.high, count, total, alpha)


def _moments(of: Of, name: str, arm: ArmCounts) -> Moments:
    if of == "errors":
        return Moments(arm.requests, arm.errors, arm.errors, 0.0, 1.0)
    return (arm.values if of == "output" else arm.measures).get(name, Moments())


def _factor(name: str, strata: Sequence[Stratum], alpha: float) -> Effect | None:
    chance = _QUANTILES[name]
    pairs = [
        (quantile.tails(one.counts.challenger.latency), quantile.tails(one.counts.champion.latency)) for one in strata
    ]
    mine, theirs = (np.sum([pair[at] for pair in pairs], axis=0) for at in (0, 1))
    # as if the champion's answers had come in the strata as the challenger's did; bounds take them as they came
    weighed = [other * (one[0] / other[0]) for one, other in pairs if one[0] and other[0]]
    own, other = quantile.guess(mine, chance), quantile.guess(np.sum(weighed, axis=0), chance) if weighed else None
    if own is None or other is None:
        return None
    # two bounds make one end of the quotient, and there are two ends
    (least, most), (low, high) = (quantile.bounds(tail, chance, (alpha / 4, alpha / 4)) for tail in (mine, theirs))
    ends = (least / high if isfinite(high) else 0.0), (most / low if low and isfinite(most) else inf)
    return Effect("latency", name, other, own, own / other, *ends, int(theirs[0]), int(mine[0]), alpha)
