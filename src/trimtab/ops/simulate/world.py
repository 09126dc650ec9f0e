"""The traffic of a simulation, as data: how much of it, and what either arm makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import log, pi, sin
from statistics import NormalDist
from typing import Final, Protocol

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.flights import LATENCY_S

__all__ = ["DAY_S", "Latency", "Lognormal", "Side", "Truths", "World", "bucket_chances"]

DAY_S: Final = 86400.0
_PEAK_S: Final = 15 * 3600.0  # of the day, UTC, at which most is asked
_NORMAL: Final = NormalDist()
_P99: Final = _NORMAL.inv_cdf(0.99)


class Latency(Protocol):
    """How long answers take."""

    def quantile(self, chance: float) -> float:
        """Seconds within which that share of them comes."""

    def below(self, seconds: Array) -> Array:
        """The share of answers that come within these seconds."""


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Latencies whose logarithms are normal, by their median and the time within which 99 % come; seconds."""

    median_s: float
    p99_s: float

    @property
    def sigma(self) -> float:
        """Of the logarithms."""
        return max(log(self.p99_s / self.median_s) / _P99, 1e-6)

    def quantile(self, chance: float) -> float:
        """Seconds within which that share of them comes."""
        return float(self.median_s * np.exp(self.sigma * _NORMAL.inv_cdf(chance)))

    def below(self, seconds: Array) -> Array:
        """The share of answers that come within these seconds."""
        scaled = np.log(seconds / self.median_s) / self.sigma
        return np.array([_NORMAL.cdf(one) for one in scaled])

    def slower(self, factor: float) -> Lognormal:
        """Each so many times as long."""
        return Lognormal(self.median_s * factor, self.p99_s * factor)


def bucket_chances(latency: Latency) -> Array:
    """How likely an answer is in each bucket of LATENCY_S, and in the one beyond."""
    return np.diff(latency.below(np.array(LATENCY_S)), prepend=0.0, append=1.0)


@dataclass(frozen=True, slots=True)
class Side:
    """What one arm makes of it.

    errors: share of its answers; shift: of the mean of its output, in standard deviations of the champion's; quality:
    the share of its answers that turn out to be right.
    """

    errors: float = 0.0
    latency: Latency = field(default_factory=lambda: Lognormal(0.04, 0.12))
    shift: float = 0.0
    quality: float = 1.0


@dataclass(frozen=True, slots=True)
class Truths:
    """What becomes known later: under which name a plan limits it, after how long, and of which share of answers."""

    name: str = "quality"
    delay_s: float = 3600.0
    coverage: float = 1.0


@dataclass(frozen=True, slots=True)
class World:
    """All of it. rate: requests a second over the day; daily: how far it goes up and down, 0 not at all, 1 to nothing.

    differs: share of the challenger's answers that are not what the champion would have said. callers: people who ask,
    all equally often; 0 where nobody wants to know.
    """

    rate: float = 20.0
    daily: float = 0.0
    champion: Side = field(default_factory=Side)
    challenger: Side = field(default_factory=Side)
    differs: float = 0.0
    truths: Truths | None = None
    callers: int = 0

    def asked(self, begin: float, end: float) -> float:
        """Requests that are to be expected between two times, in seconds since 1970 or since any midnight, UTC."""
        angle = 2 * pi / DAY_S
        swing = (sin(angle * (end - _PEAK_S)) - sin(angle * (begin - _PEAK_S))) / angle
        return self.rate * max((end - begin) + self.daily * swing, 0.0)

    @property
    def healthy(self) -> World:
        """The same with a challenger that is what the champion is."""
        return replace(self, challenger=self.champion, differs=0.0)
