"""How long the candidate's calls take here, beside what was recorded then, which was measured differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trimtab.core.dtypes import Array

__all__ = ["Timing", "timing_of"]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of calls of so many rows together. Pairs are median and 99 % quantile.

    row: of all calls, divided by all rows. batch: of a call. alone: of a call with one row. recorded: of a request of
    one row, from question to answer, on whatever machine served it; None where there was none.
    """

    calls: int
    rows: int
    row: float
    batch: tuple[float, float]
    alone: tuple[float, float] | None
    recorded: tuple[float, float] | None

    def plain(self) -> dict[str, Any]:
        """JSON-ready."""

        def pair(two: tuple[float, float] | None) -> dict[str, float] | None:
            return None if two is None else {"p50": two[0], "p99": two[1]}

        return {
            "calls": self.calls,
            "rows": self.rows,
            "row_s": self.row,
            "batch_s": pair(self.batch),
            "one_row_s": pair(self.alone),
            "recorded_one_row_s": pair(self.recorded),
        }


def timing_of(calls: Sequence[tuple[int, float]], alone: Sequence[tuple[int, float]], recorded: Array) -> Timing | None:
    """calls, alone: rows and seconds of the candidate's calls. recorded: seconds of requests of one row, then."""
    if not calls:
        return None
    rows, seconds = (np.array(part, float) for part in zip(*calls, strict=True))
    singles = np.array([took for _, took in alone], float)
    return Timing(
        len(calls),
        int(rows.sum()),
        float(seconds.sum() / rows.sum()),
        _pair(seconds),
        _pair(singles) if len(singles) else None,
        _pair(recorded) if len(recorded) else None,
    )


def _pair(seconds: Array) -> tuple[float, float]:
    middle, late = np.quantile(seconds, [0.5, 0.99]).tolist()
    return middle, late
