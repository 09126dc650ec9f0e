"""Whether a share is greater in one arm than in the other, by more than a margin, at whatever look.

Two bets: that the one arm's share is more than q + margin, and that the other's is less than q. What they have won
together, at that q where it is least, is no more than was staked, on average, as long as the one is no more than the
other + margin, whatever the shares are and however many are asked in each arm: the worst of the capitals of all that a
null hypothesis allows is one for the whole of it (as in Turner, Ly and Gruenwald 2024, "Generic E-variables for exact
sequential k-sample tests", which has blocks of a fixed number in each arm).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from trimtab.release.sequential.share import at_least, at_most, less, more
from trimtab.release.sequential.tilts import LEAST, Floats, Numbers, partly

__all__ = ["worse", "worse_at"]

_POINTS: Final = np.linspace(0.0, 1.0, 25)
_NEAR: Final = 1e-9  # how rarely the other share is not among the points: then so much was won as can matter


def worse(one: tuple[Numbers, Numbers], other: tuple[Numbers, Numbers], margin: float) -> Floats:
    """The logarithm of what was won in a stratum if the one share is at most the other + margin.

    one, other: hits and answers of either arm; numbers, or arrays of many flights.
    """
    lowest, highest = max(0.0, -margin), min(1.0, 1.0 - margin)
    low = np.clip(at_least(*other, _NEAR), lowest, highest)
    high = np.clip(at_most(*other, _NEAR), lowest, highest)
    step = np.maximum(high - low, 1e-12) / (len(_POINTS) - 1)
    hits, count, other_hits, other_count = (np.asarray(given, float)[..., None] for given in (*one, *other))
    q = low[..., None] + (high - low)[..., None] * _POINTS
    mine = partly(more(hits, count, q + margin))
    theirs = partly(less(other_hits, other_count, q))
    won = mine + theirs
    slope = np.diff(won, axis=-1)
    # beyond the points it is above the line through the last two; and either bet by itself has won no less than there
    below = won[..., 0] - np.maximum(slope[..., 0], 0.0) * (low - lowest) / step
    above = won[..., -1] + np.minimum(slope[..., -1], 0.0) * (highest - high) / step
    below, above = np.maximum(below, mine[..., 0] + LEAST), np.maximum(above, theirs[..., -1] + LEAST)
    return np.minimum(_within(won, slope), np.minimum(below, above))


def worse_at(one: tuple[Numbers, Numbers], other: tuple[Numbers, Numbers], margin: float, q: Numbers) -> Floats:
    """The same, if the other share were q."""
    return partly(more(*one, np.asarray(q) + margin)) + partly(less(*other, q))


def _within(won: Floats, slope: Floats) -> Floats:
    """The least that a convex function may be between points at equal steps; slope: the differences of its values.

    What was won is convex in q: -log(1 + a q) is, and so is the logarithm of a sum of exponentials of such. Between two
    points it is above the lines that come from either side.
    """
    fall, rise, left, right = slope[..., :-2], slope[..., 2:], won[..., 1:-2], won[..., 2:-1]
    inside = (fall < 0) & (rise > 0)
    crossing = (rise * left - fall * (right - rise)) / np.where(inside, rise - fall, 1.0)
    inner = np.where(inside, crossing, np.minimum(left, right)).min(axis=-1)
    first = np.minimum(won[..., 0], won[..., 1] - np.maximum(slope[..., 1], 0.0))
    last = np.minimum(won[..., -1], won[..., -2] + np.minimum(slope[..., -2], 0.0))
    return np.asarray(np.minimum(inner, np.minimum(first, last)))
