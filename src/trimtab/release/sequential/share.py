"""How large a share is, of answers that went wrong or took too long: bounds and tests that hold at every look."""

from __future__ import annotations

from typing import Final

import numpy as np

from trimtab.release.sequential.tilts import COST, LEANS, THETAS, Floats, Numbers

__all__ = ["at_least", "at_most", "few", "less", "many", "more"]

_FALLS: Final = np.expm1(-THETAS)
_NONE: Final = 1e-9  # answers, where there are none


def more(hits: Numbers, count: Numbers, share: Numbers) -> Floats:
    """Logarithms of what each bet has won, the last axis, if the share is no more than that."""
    hits, count, share = (np.asarray(one, float)[..., None] for one in (hits, count, share))
    return np.asarray(hits * THETAS - count * np.log1p(LEANS * share))


def less(hits: Numbers, count: Numbers, share: Numbers) -> Floats:
    """Logarithms of what each bet has won, the last axis, if the share is no less than that."""
    hits, count, share = (np.asarray(one, float)[..., None] for one in (hits, count, share))
    return np.asarray(-hits * THETAS - count * np.log1p(_FALLS * share))


def at_least(hits: Numbers, count: Numbers, alpha: Numbers) -> Floats:
    """The share is at least that, but for a chance of alpha over all looks; 0 where nothing is known.

    Each bet has a share up to which it alone has won what is asked of all; the best one counts.
    """
    won = (np.asarray(hits)[..., None] * THETAS - _price(alpha)) / _some(count)
    return np.asarray(np.clip((np.expm1(np.minimum(won, THETAS)) / LEANS).max(axis=-1), 0.0, 1.0))


def at_most(hits: Numbers, count: Numbers, alpha: Numbers) -> Floats:
    """The share is at most that, but for a chance of alpha over all looks; 1 where nothing is known."""
    won = (np.asarray(hits)[..., None] * THETAS + _price(alpha)) / _some(count)
    return np.asarray(np.clip((np.expm1(-won) / _FALLS).min(axis=-1), 0.0, 1.0))


def many(count: Numbers, share: float, alpha: Numbers) -> Floats:
    """With so many hits or more, the share is surely greater, but for a chance of alpha over all looks."""
    count = np.asarray(count, float)[..., None]
    return np.asarray(((_price(alpha) + count * np.log1p(LEANS * share)) / THETAS).min(axis=-1))


def few(count: Numbers, share: float, alpha: Numbers) -> Floats:
    """With so many hits or fewer, the share is surely less, but for a chance of alpha over all looks."""
    count = np.asarray(count, float)[..., None]
    return np.asarray(((-count * np.log1p(_FALLS * share) - _price(alpha)) / THETAS).max(axis=-1))


def _some(count: Numbers) -> Floats:
    return np.asarray(np.maximum(np.asarray(count, float)[..., None], _NONE))


def _price(alpha: Numbers) -> Floats:
    return np.asarray(COST - np.log(np.asarray(alpha, float)))[..., None]
