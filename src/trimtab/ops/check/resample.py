"""What a metric would be of other rows of the same kind: the bootstrap, in pairs where two are compared.

Rows are drawn with replacement, and the ends are percentiles: Efron, Bootstrap methods (1979); Efron and Tibshirani,
An Introduction to the Bootstrap (1993), 13. The draws are the same each time, so that two runs say the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.ops.check.found import Interval

__all__ = ["DRAWS", "draws_of", "interval_of"]

DRAWS: Final = 400
_SEED: Final = 7
_SURE: Final = 0.95


def draws_of(rows: int, count: int = DRAWS) -> list[Array]:
    """So many draws of the places of rows; the same for the same number of rows."""
    chance = np.random.default_rng(_SEED)
    return [chance.integers(0, rows, rows) for _ in range(count)]


def interval_of(of: Callable[[Array], float], rows: int, sure: float = _SURE) -> Interval:
    """The number of all rows, with the ends between which it is of that share of draws.

    NaN where it says nothing of all rows, or of too many draws.
    """
    drawn = np.array([of(places) for places in draws_of(rows)])
    drawn = drawn[np.isfinite(drawn)]
    value = of(np.arange(rows))
    if len(drawn) < DRAWS // 2 or not np.isfinite(value):
        return Interval(float("nan"), float("nan"), float("nan"))
    low, high = np.quantile(drawn, [(1 - sure) / 2, (1 + sure) / 2]).tolist()
    return Interval(value, min(low, value), max(high, value))
