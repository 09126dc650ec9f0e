"""Whether a quantile of latencies is above a limit, or above a factor of the other arm's, from counts in buckets.

That the quantile for a chance c is above x is that the share of what takes longer than x is above 1 - c, so each test
of a share is one of a quantile (Howard and Ramdas 2022, "Sequential estimation of quantiles with applications to A/B
testing and best-arm identification", section 3). A latency is only known to lie in a bucket: the claim holds wherever
it was there, which costs up to a bucket, 4.4 %, of each arm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, inf, log2
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from trimtab.core.flights import LATENCY_S
from trimtab.release.sequential import share
from trimtab.release.sequential.tilts import Floats, partly

__all__ = ["Ratio", "bounds", "faster", "guess", "longer", "slower", "tails"]

_BOUNDS: Final = np.array([0.0, *LATENCY_S, inf])  # bucket i is above the i-th and up to the next
_BUCKETS: Final = len(LATENCY_S) + 1
_EACH_DOUBLING: Final = round(1 / log2(LATENCY_S[1] / LATENCY_S[0]))
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Ratio:
    """Of two quantiles for a chance. alpha: the chance that theirs is anywhere near where it is looked for."""

    chance: float
    factor: float
    alpha: float


def tails(buckets: Sequence[int] | NDArray[Any]) -> Floats:
    """How many are in each bucket and all above it, and none at the end; buckets are the last axis."""
    counts = np.asarray(buckets, float)
    upwards = np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1]
    return np.concatenate([upwards, np.zeros((*counts.shape[:-1], 1))], axis=-1)


def longer(tail: Floats, seconds: float, *, surely: bool) -> Floats:
    """How many took longer than that: surely, or perhaps."""
    at = int(np.searchsorted(_BOUNDS, seconds * (1 - _ROUNDING) if surely else seconds * (1 + _ROUNDING)))
    return np.asarray(tail[..., min(at if surely else at - 1, _BUCKETS)])


def slower(mine: Floats, theirs: Floats, at: Ratio) -> Floats:
    """The logarithm of what was won in a stratum if my quantile is no more than factor x theirs.

    Two bets, that mine is more than factor x some latency, and that theirs is less than it. Wherever theirs may be, in
    any bucket that it is not surely above or below, at least so much was won.
    """
    beyond = ceil(_EACH_DOUBLING * log2(at.factor) - _ROUNDING)
    rare, near = _near(theirs, at)
    one = mine[..., np.minimum(near.buckets + 1 + beyond, _BUCKETS)]
    other = theirs[..., near.buckets]
    won = partly(share.more(one, mine[..., :1], rare)) + partly(share.less(other, theirs[..., :1], rare))
    return np.asarray(np.where(near.may, won, inf).min(axis=-1))


def faster(mine: Floats, theirs: Floats, at: Ratio) -> Floats:
    """The same if my quantile is no less than factor x theirs."""
    beyond = floor(_EACH_DOUBLING * log2(at.factor) + _ROUNDING)
    rare, near = _near(theirs, at)
    # below the first bound nobody knows how far
    one = mine[..., np.where(near.buckets, np.minimum(near.buckets + beyond, _BUCKETS - 1), 0)]
    other = theirs[..., near.buckets + 1]
    won = partly(share.less(one, mine[..., :1], rare)) + partly(share.more(other, theirs[..., :1], rare))
    return np.asarray(np.where(near.may, won, inf).min(axis=-1))


@dataclass(frozen=True, slots=True)
class _Near:
    """Buckets in which the quantile may be, of any flight; may: and of which."""

    buckets: NDArray[np.intp]
    may: NDArray[np.bool_]


def _near(theirs: Floats, at: Ratio) -> tuple[float, _Near]:
    rare = 1.0 - at.chance
    above = theirs[..., 1:] >= share.many(theirs[..., :1], rare, at.alpha / 2)
    below = theirs[..., :_BUCKETS] <= share.few(theirs[..., :1], rare, at.alpha / 2)
    may = ~(above | below)
    buckets = np.flatnonzero(may.reshape(-1, _BUCKETS).any(axis=0))
    return rare, _Near(buckets, may[..., buckets])


def guess(tail: Floats, chance: float) -> float | None:
    """The best guess of the quantile of one arm, in proportion within its bucket; None without answers."""
    if not tail[0]:
        return None
    rank = (1.0 - chance) * tail[0]
    at = int(np.argmax(tail[1:] <= rank))
    low, high = _BOUNDS[at], min(_BOUNDS[at + 1], LATENCY_S[-1])
    inside = tail[at] - tail[at + 1]
    return float(high - (high - low) * ((rank - tail[at + 1]) / inside if inside else 0.0))


def bounds(tail: Floats, chance: float, alphas: tuple[float, float]) -> tuple[float, float]:
    """The quantile of one arm is between these, but for the chance that each has of being wrong at any look."""
    rare = 1.0 - chance
    least = tail >= share.many(tail[0], rare, alphas[0])  # surely above the bound below the bucket
    most = tail[1:] <= share.few(tail[0], rare, alphas[1])
    low = float(_BOUNDS[int(least.sum()) - 1]) if least.any() else 0.0
    return low, float(_BOUNDS[int(np.argmax(most)) + 1]) if most.any() else inf
