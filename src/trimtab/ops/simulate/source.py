"""Where the answers of a simulation come from: drawn as described, or recorded ones with a fault laid over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Protocol

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.ops.simulate.tally import GRID, Tally
from trimtab.ops.simulate.world import World, bucket_chances

__all__ = ["Described", "Piece", "Source", "Stretch"]

_MANY: Final = 3000  # answers: from here on it is quicker to draw each count


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time with one share of the challenger. past: (begin, end, share) of what was flown before it, for truths.

    shadow: the challenger is asked besides, and the champion answers everything.
    """

    begin: float
    end: float
    share: float
    shadow: bool = False
    past: tuple[tuple[float, float, float], ...] = ()

    @property
    def shares(self) -> tuple[float, float]:
        """Of the champion and of the challenger."""
        return (1.0 if self.shadow else 1.0 - self.share), self.share


class Piece(Protocol):
    """What was answered in a time, which can be looked at more closely."""

    @property
    def begin(self) -> float:
        """Seconds since 1970."""

    @property
    def end(self) -> float:
        """Seconds since 1970."""

    @property
    def tally(self) -> Tally:
        """All of it."""

    def split(self, parts: int, chance: np.random.Generator) -> Sequence[Piece]:
        """The same in so many parts of equal length, in order."""


class Source(Protocol):
    """Traffic. world: what is true of it, by which a decision is right or wrong."""

    @property
    def world(self) -> World:
        """What is true of it."""

    def draw(self, stretch: Stretch, chance: np.random.Generator) -> Piece:
        """What is answered in that time."""


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Answers whose times within the piece are open, and are drawn where it is split."""

    world: World
    begin: float
    end: float
    tally: Tally

    def split(self, parts: int, chance: np.random.Generator) -> Sequence[Piece]:
        """Poisson arrivals of which there were so many are where chance puts them, by the rate."""
        edges = np.linspace(self.begin, self.end, parts + 1)
        weights = np.array([self.world.asked(one, other) for one, other in pairwise(edges)])
        weights = weights / weights.sum() if weights.sum() else np.full(parts, 1 / parts)
        divided = [_divided(of, weights, chance) for of in (self.tally.answers, self.tally.values, self.tally.truths)]
        return [
            _Drawn(self.world, float(edges[at]), float(edges[at + 1]), Tally(*(of[at] for of in divided)))
            for at in range(parts)
        ]


def _divided(counts: Array, weights: Array, chance: np.random.Generator) -> list[Array]:
    """Each count into parts, by their weights."""
    flat = counts.ravel()
    some = np.flatnonzero(flat)
    parts = np.zeros((len(weights), flat.size), np.int64)
    if len(some):
        parts[:, some] = chance.multinomial(flat[some], weights).T
    return [part.reshape(counts.shape) for part in parts]


class Described:
    """Answers as a world describes them: they come by chance (Poisson), each independent of all others."""

    def __init__(self, world: World) -> None:
        """How likely each kind of answer is, is worked out once."""
        self.world = world
        sides = world.champion, world.challenger
        differs = 0.0, world.differs
        kinds = [((1 - s.errors) * (1 - d), s.errors, (1 - s.errors) * d) for s, d in zip(sides, differs, strict=True)]
        self._answers = np.array(
            [np.outer(kind, bucket_chances(side.latency)) for kind, side in zip(kinds, sides, strict=True)]
        )
        self._values = np.array([(1 - side.errors) * _at_grid(side.shift) for side in sides])
        self._truths = np.array([(1 - side.quality, side.quality) for side in sides])

    def draw(self, stretch: Stretch, chance: np.random.Generator) -> Piece:
        """What is answered in that time."""
        asked = self.world.asked(stretch.begin, stretch.end)
        each = np.array(stretch.shares) * asked
        answers = np.array([_drawn(of, mean, chance) for of, mean in zip(self._answers, each, strict=True)])
        values = np.array([_drawn(of, mean, chance) for of, mean in zip(self._values, each, strict=True)])
        truths = chance.poisson(self._truths * self._known(stretch)[:, None])
        return _Drawn(self.world, stretch.begin, stretch.end, Tally(answers, values, truths))

    def _known(self, stretch: Stretch) -> Array:
        """Answers of each arm whose truth comes in that time: what was asked in this flight, the delay before."""
        truths = self.world.truths
        found = np.zeros(2)
        if truths is None:
            return found
        begin, end = stretch.begin - truths.delay_s, stretch.end - truths.delay_s
        for first, last, share in (*stretch.past, (stretch.begin, stretch.end, stretch.share)):
            since, until = max(begin, first), min(end, last)
            if since < until:
                shares = Stretch(since, until, share, stretch.shadow).shares
                found += np.array(shares) * self.world.asked(since, until) * truths.coverage
        return found


def _drawn(chances: Array, mean: float, chance: np.random.Generator) -> Array:
    """Independent Poisson counts, by their chances of which the sum is at most one; few are put into their places."""
    flat = chances.ravel()
    if mean > _MANY:
        return chance.poisson(chances * mean)
    edges = np.cumsum(flat)
    number = chance.poisson(mean * edges[-1])
    places = np.searchsorted(edges, chance.random(number) * edges[-1], side="right")
    return np.bincount(np.minimum(places, flat.size - 1), minlength=flat.size).reshape(chances.shape)


def _at_grid(shift: float) -> Array:
    """How likely a normal output is nearest to each place of the grid."""
    height = np.exp(-((GRID - shift) ** 2) / 2)
    return np.asarray(height / height.sum())
