"""What the counts say of one claim, before it is put into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from trimtab.release.sequential.tilts import Floats, from_any_start

__all__ = ["Judged", "broken_since", "kept", "showing"]


@dataclass(frozen=True, slots=True)
class Judged:
    """broken, kept: proved; both only where an early step was bad and this one is good.

    value, low, high: of what is measured, in this step or, of what is broken, since it showed. mine, theirs: of each
    arm. n: answers of the challenger. of: which output, where there are several.
    """

    broken: bool = False
    kept: bool = False
    value: float | None = None
    low: float | None = None
    high: float | None = None
    mine: float | None = None
    theirs: float | None = None
    n: int = 0
    of: str = ""


def broken_since(won: Floats, alpha: float) -> int | None:
    """The stratum since which what was won is enough to say that a claim is broken; None where it is not.

    won: from each stratum to the last one, of a unit for each.
    """
    if not len(won):
        return None
    parts = from_any_start(won)
    best = int(np.argmax(parts))
    return best if parts[best] >= -log(alpha) else None


def showing(won: Sequence[float], start: int) -> list[int]:
    """The strata, from that one on, in which it showed that a claim is broken; won: in each by itself.

    Those that speak against it are left out: in the sum of all, what is broken can look as if it were kept.
    """
    end = start + int(np.argmax(np.cumsum(won[start:]))) + 1
    return [at for at in range(start, end) if won[at] > 0]


def kept(won: Floats | float, alpha: float) -> bool:
    """Whether what was won in one stratum is enough to say that a claim is kept."""
    return bool(won >= -log(alpha))
