"""Recorded interactions as the traffic of a simulation, with the challenger's fault laid over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.flights import LATENCY_S
from trimtab.ops.simulate.source import Piece, Stretch
from trimtab.ops.simulate.tally import BUCKETS, DIFFERS, FAILED, NOTHING, SAME, Tally
from trimtab.ops.simulate.world import Side, World

__all__ = ["Fault", "Measured", "Recorded", "Recording"]


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What callers asked of the champion. times: since 1970, in order; seconds: latencies; failed: 500 and above."""

    times: Array
    seconds: Array
    failed: Array

    @property
    def length_s(self) -> float:
        """From the first to the last, and as much more as is between two requests."""
        count = len(self.times)
        span = float(self.times[-1] - self.times[0])
        return span * count / (count - 1) if count > 1 and span else 1.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Latencies that were measured, in order."""

    ordered: tuple[float, ...]

    def quantile(self, chance: float) -> float:
        """Seconds within which that share of them comes."""
        return float(np.quantile(self.ordered, chance))

    def below(self, seconds: Array) -> Array:
        """The share of answers that come within these seconds."""
        return np.asarray(np.searchsorted(self.ordered, seconds, side="right") / len(self.ordered))


@dataclass(frozen=True, slots=True)
class Fault:
    """The challenger's. errors: the share of its answers, None for as many as were recorded; slower: a factor."""

    errors: float | None = None
    slower: float = 1.0
    differs: float = 0.0


class Recorded:
    """What was recorded, over and over again; each request goes to an arm by chance."""

    def __init__(self, recording: Recording, fault: Fault, callers: int = 0) -> None:
        """Latencies are put into buckets once."""
        self._recording = recording
        own = np.sort(recording.seconds)
        errors = float(recording.failed.mean())
        champion = Side(errors, Measured(_thinned(own)))
        share = errors if fault.errors is None else fault.errors
        challenger = Side(share, Measured(_thinned(own * fault.slower)))
        rate = len(recording.times) / recording.length_s
        self.world = World(rate, 0.0, champion, challenger, fault.differs, callers=callers)
        self._buckets = [np.searchsorted(LATENCY_S, recording.seconds * factor) for factor in (1.0, fault.slower)]

    def draw(self, stretch: Stretch, chance: np.random.Generator) -> Piece:
        """What is answered in that time."""
        times, at = self._asked(stretch.begin, stretch.end)
        own = chance.random(len(at)) < stretch.share
        arm = own.astype(np.int64)
        first = _codes(np.zeros_like(arm), self._kinds(at, 0, chance), self._buckets[0][at])
        second = _codes(np.ones_like(arm), self._kinds(at, 1, chance), self._buckets[1][at])
        if stretch.shadow:
            both = np.concatenate([times, times[own]]), np.concatenate([first, second[own]])
        else:
            both = times, np.where(own, second, first)
        order = np.argsort(both[0], kind="stable")
        return _Part(stretch.begin, stretch.end, both[0][order], both[1][order])

    def _asked(self, begin: float, end: float) -> tuple[Array, Array]:
        """When it is asked in that time, and which of the requests that is."""
        since, length = self._recording.times - self._recording.times[0], self._recording.length_s
        found = []
        for turn in range(int(begin // length), int(end // length) + 1):
            first, last = np.searchsorted(since, [begin - turn * length, end - turn * length])
            at = np.arange(first, last)
            found.append((since[at] + turn * length, at))
        return np.concatenate([one for one, _ in found]), np.concatenate([other for _, other in found])

    def _kinds(self, at: Array, arm: int, chance: np.random.Generator) -> Array:
        """What becomes of each: recorded errors stay errors, more are added, or some are taken away, by chance."""
        had, wanted = self.world.champion.errors, self.world.challenger.errors
        failed = self._recording.failed[at]
        if arm == 0:
            return np.where(failed, FAILED, SAME)
        if wanted >= had:
            failed = failed | (chance.random(len(at)) < (wanted - had) / max(1 - had, 1e-12))
        else:
            failed = failed & (chance.random(len(at)) < wanted / had)
        other = chance.random(len(at)) < self.world.differs
        return np.where(failed, FAILED, np.where(other, DIFFERS, SAME))

    @property
    def healthy(self) -> Recorded:
        """The same without the fault."""
        found = Recorded(self._recording, Fault(), self.world.callers)
        found.world = replace(self.world.healthy)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Answers with their times. codes: arm, kind and bucket as one number."""

    begin: float
    end: float
    times: Array
    codes: Array

    @property
    def tally(self) -> Tally:
        """All of it."""
        answers = np.bincount(self.codes, minlength=2 * 3 * BUCKETS).reshape(2, 3, BUCKETS)
        return Tally(answers, NOTHING.values, NOTHING.truths)

    def split(self, parts: int, chance: np.random.Generator) -> Sequence[Piece]:  # noqa: ARG002  # nothing is left to it
        """By the times that were recorded."""
        edges = np.linspace(self.begin, self.end, parts + 1)
        cuts = [0, *np.searchsorted(self.times, edges[1:-1]), len(self.times)]
        return [
            _Part(
                float(edges[at]),
                float(edges[at + 1]),
                *(of[cuts[at] : cuts[at + 1]] for of in (self.times, self.codes)),
            )
            for at in range(parts)
        ]


def _codes(arm: Array, kind: Array, bucket: Array) -> Array:
    return np.asarray((arm * 3 + kind) * BUCKETS + bucket)


def _thinned(ordered: Array, most: int = 10_000) -> tuple[float, ...]:
    """So many quantiles at most: as many as anybody asks for."""
    if len(ordered) > most:
        ordered = np.quantile(ordered, np.linspace(0, 1, most))
    return tuple(ordered.tolist())
