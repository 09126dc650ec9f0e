"""Means of which only moments are known: bounds that hold at every look at once, for all but the smallest numbers.

An asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024, "Time-uniform central limit
theory and asymptotic confidence sequences", one-sided as in its appendix B). Assumed is that the numbers are
independent, with more than two finite moments, and that looking begins with so many of them that their mean is about
normal and their variance about known; FEWEST is what we ask for. Nothing is assumed of their range. Of two arms it is
the section on randomised experiments: who comes to which arm is by chance, always the same within a stratum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log, sqrt
from typing import Final

from trimtab.core.flights import Moments

__all__ = ["FEWEST", "Between", "apart", "mean", "variance"]

FEWEST: Final = 100  # in each arm, before anything is said
_RHO2: Final = 2e-3  # where the bounds are narrowest: some thousands of numbers


@dataclass(frozen=True, slots=True)
class Between:
    """value: the best guess; low and high: bounds of it, each with its own chance."""

    value: float
    low: float
    high: float


def variance(of: Moments, scale: float = 0.0) -> float:
    """Of the numbers, as if there were two more, `scale` away from their mean; 0 without any.

    scale: how far apart numbers may be, so that those that were all alike so far are not taken for alike for ever.
    """
    if not of.count:
        return 0.0
    return (max(0.0, of.squares - of.total * of.total / of.count) + 2.0 * scale * scale) / of.count


def mean(of: Moments, alphas: tuple[float, float]) -> Between | None:
    """The mean of one arm; None without any number. alphas: of the lower bound and of the upper one."""
    if not of.count:
        return None
    spread = sqrt(variance(of, of.greatest - of.least) / of.count) if of.count >= FEWEST else inf
    return _between(of.total / of.count, spread, of.count, alphas)


def apart(
    pairs: Sequence[tuple[Moments, Moments]], alphas: tuple[float, float], scale: float | None = None
) -> Between | None:
    """By how much the first of each pair is above the second, over strata; None where no stratum has both.

    A stratum weighs as much as it has of the first, so that an hour in which everything was otherwise moves both alike.
    """
    both = [(one, other) for one, other in pairs if one.count and other.count]
    if not both:
        return None
    if scale is None:
        scale = max(max(one.greatest, other.greatest) - min(one.least, other.least) for one, other in both)
    total = sum(one.count for one, _ in both)
    enough = total >= FEWEST and sum(other.count for _, other in both) >= FEWEST
    value = spread = 0.0
    for one, other in both:
        weight = one.count / total
        value += weight * (one.total / one.count - other.total / other.count)
        spread += weight * weight * (variance(one, scale) / one.count + variance(other, scale) / other.count)
    count = total + sum(other.count for _, other in both)
    return _between(value, sqrt(spread) if enough else inf, count, alphas)


def _between(value: float, spread: float, count: int, alphas: tuple[float, float]) -> Between:
    """spread: the standard deviation of the guess."""
    return Between(value, value - spread * _width(count, alphas[0]), value + spread * _width(count, alphas[1]))


def _width(count: int, alpha: float) -> float:
    """Of one side, in standard deviations of the guess."""
    grown = count * _RHO2 + 1.0
    return sqrt(2.0 * grown / (count * _RHO2) * log(1.0 + sqrt(grown) / (2.0 * alpha)))
