"""Whether a log says anything of a policy: how much of what the policy wants was tried at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.release.policy.estimate import weights
from trimtab.release.policy.logged import Logged, wanted_chances

__all__ = ["Overlap", "overlap_of"]

_FEW_EFFECTIVE: Final = 100.0  # decisions
_THIN: Final = 0.05  # of all decisions
_HEAVY: Final = 0.1  # of all weight, in one unit
_OFF: Final = 4.0  # standard errors that the mean weight may be from 1


@dataclass(frozen=True, slots=True)
class Overlap:
    """effective: decisions of that policy that would tell as much; heaviest: the part of all weight that one unit has.

    mean: of the weights, 1 where the policy was tried wherever it wants something. warnings: why not to believe it.
    """

    effective: float
    heaviest: float
    mean: float
    warnings: tuple[str, ...]


def overlap_of(logged: Logged, wanted: Array) -> Overlap:
    """How far a policy and a log have to do with each other.

    Source: Owen, Monte Carlo theory, methods and examples (2013), 9.3, on effective sizes and on weights that do not
    come to one.
    """
    weight = weights(logged, wanted_chances(logged, wanted))
    total, squares = float(weight.sum()), float((weight**2).sum())
    if total <= 0:
        none = "nothing that the policy wants was ever done: the log says nothing of it"
        return Overlap(0.0, 0.0, 0.0, (none,))
    _, unit = np.unique(logged.unit, return_inverse=True)
    effective, mean = total**2 / squares, total / len(logged)
    heaviest = float(np.bincount(unit, weight).max()) / total
    return Overlap(effective, heaviest, mean, tuple(_warnings(logged, weight, effective, heaviest, unit)))


def _warnings(logged: Logged, weight: Array, effective: float, heaviest: float, unit: Array) -> list[str]:
    found = []
    if effective < _FEW_EFFECTIVE:
        found.append(f"{len(logged):,} decisions are worth {effective:.0f} of that policy: too few to rely on")
    elif effective < _THIN * len(logged):
        share = effective / len(logged)
        found.append(f"{len(logged):,} decisions are worth {effective:,.0f} of that policy, {share:.1%} of them")
    if heaviest > _HEAVY:
        found.append(f"one caller or decision has {heaviest:.0%} of all weight")
    mean = float(weight.mean())
    sums = np.bincount(unit, weight - mean)
    error = float(np.sqrt((sums**2).sum())) / len(logged)
    if abs(mean - 1) > _OFF * error + 1e-9:
        found.append(
            f"weights have a mean of {mean:.3g}, not 1: the policy wants what was never done there, or the "
            "probabilities are not those by which arms were chosen"
        )
    return found
