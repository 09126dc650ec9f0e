"""Where a request's own numbers cross the thresholds of trees behind a column stage.

A converter that rounds otherwise shows it next to a threshold and nowhere else; these are the rows to compare.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from trimtab.bundle.engines.columns import Columns
from trimtab.bundle.engines.inputs import columns_of
from trimtab.bundle.engines.numbers import RefusedRowsError
from trimtab.bundle.engines.steps import Fill, Hot, Join, Ordinal, Pick, Products, Step
from trimtab.core.dtypes import Array

__all__ = ["boundaries"]

_HALVINGS: Final = 80
_MOST: Final = 20_000
_FIRST: Final = 20  # rows of the sample that are tried
_LARGEST: Final = float(np.finfo(np.float64).max)

_Origins: TypeAlias = list[int | None]


def boundaries(columns: Columns, given: Any, thresholds: Mapping[int, Array]) -> dict[int, Array]:
    """For each column that is given, neighbouring values on both sides of thresholds; found by halving.

    given: the rows of the sample. thresholds: by the number of the stage's own column. Nothing where the stage refuses
    all of the first rows, or a value between those seen.
    """
    spec = columns.spec
    inputs = given if isinstance(given, np.ndarray) else columns_of(given, None, spec.count)
    base = list(inputs.T) if isinstance(inputs, np.ndarray) else inputs
    made = _origins(spec.steps, list(range(spec.count)))
    pairs = [(at, made[at], value) for at, values in thresholds.items() for value in values]
    asked = [(at, place, value) for at, place, value in pairs if place is not None]
    asked = [one for one in asked if base[one[1]].dtype.kind in "fiu"][:: len(asked) // _MOST + 1]
    if not asked:
        return {}
    search = _Search(columns, base, isinstance(inputs, np.ndarray), *map(np.array, zip(*asked, strict=True)))
    for row in range(min(len(base[0]), _FIRST)):
        try:
            return search.found(row)
        except RefusedRowsError:
            continue
    return {}


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """Many values at once: each for the column `at` of the stage, by the column `origin` of the rows."""

    columns: Columns
    base: Sequence[Array]
    matrix: bool
    at: Array
    origin: Array
    limit: Array

    def found(self, row: int) -> dict[int, Array]:
        """By the column of the rows; the other columns are as in that row."""
        low, high = self._ends()
        first = self._below(low, row)  # what the stage makes may fall as a value rises
        for _ in range(_HALVINGS):
            middle = low / 2 + high / 2
            same = self._below(middle, row) == first
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        both = np.concatenate((low, high))
        return {place: np.unique(both[np.tile(self.origin == place, 2)]) for place in set(self.origin.tolist())}

    def _below(self, values: Array, row: int) -> Array:
        """For each value whether the stage makes of it what is at most the threshold."""
        table = [_column(column[row : row + 1], values, self.origin == place) for place, column in enumerate(self.base)]
        names = self.columns.spec.names or map(str, range(len(table)))
        whole: Any = np.column_stack(table) if self.matrix else dict(zip(names, table, strict=True))
        below: Array = self.columns(whole)[np.arange(len(values)), self.at] <= self.limit
        return below

    def _ends(self) -> tuple[Array, Array]:
        """Three times the range that was seen, of each column asked about."""
        ends = {}
        for place in set(self.origin.tolist()):
            seen = self.base[place].astype(np.float64)
            seen = seen[np.isfinite(seen)]
            low, high = (seen.min(), seen.max()) if len(seen) else (0.0, 1.0)
            with np.errstate(over="ignore"):
                ends[place] = np.clip([low - (high - low), high + (high - low)], -_LARGEST, _LARGEST)
        return np.array([ends[one][0] for one in self.origin.tolist()]), np.array(
            [ends[one][1] for one in self.origin.tolist()]
        )


def _column(one: Array, values: Array, here: Array) -> Array:
    """The value of one row, with the values in place of it where they are asked about."""
    made: Array = np.repeat(one, len(values))
    if made.dtype.kind in "iu":
        info = np.iinfo(made.dtype)
        most = float(info.max)
        values = np.clip(values, float(info.min), most if int(most) <= info.max else np.nextafter(most, 0))
    if here.any():
        with np.errstate(over="ignore"):
            made[here] = values[here]
    return made


def _origins(steps: Sequence[Step], at: _Origins) -> _Origins:
    """For each column that the steps make the one column it was made of, if that is a number by itself."""
    for step in steps:
        match step:
            case Join():
                parts = [(part, at if part.at is None else [at[place] for place in part.at]) for part in step.parts]
                at = [one for part, given in parts for one in _origins(part.steps, given)]
            case Fill():
                kept = at if step.keep is None else [at[place] for place in step.keep]
                at = [*kept, *[None for _ in step.flags]]
            case Pick():
                at = [at[place] for place in step.at]
            case Hot():
                at = [None] * step.width
            case Ordinal():
                at = [None for _ in step.columns]
            case Products():
                at = [None for _ in step.keep]
            case _:
                pass
    return at
