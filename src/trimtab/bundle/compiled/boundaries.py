"""Where a request's own numbers cross the thresholds of trees behind a column stage.

A converter that rounds otherwise shows it next to a threshold and nowhere else; these are the rows to compare.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from trimtab.bundle.engines.columns import Columns
from trimtab.bundle.engines.inputs import columns_of
from trimtab.bundle.engines.steps import Fill, Hot, Join, Ordinal, Pick, Products, Step
from trimtab.core.dtypes import Array

__all__ = ["boundaries"]

_HALVINGS: Final = 80
_MOST: Final = 20_000

_Origins: TypeAlias = list[int | None]


def boundaries(columns: Columns, given: Any, thresholds: Mapping[int, Array]) -> dict[int, Array]:
    """For each column that is given, neighbouring values on both sides of thresholds; found by halving.

    given: the rows of the sample. thresholds: by the number of the stage's own column.
    """
    spec = columns.spec
    inputs = given if isinstance(given, np.ndarray) else columns_of(given, None, spec.count)
    base = list(inputs.T) if isinstance(inputs, np.ndarray) else inputs
    made = _origins(spec.steps, list(range(spec.count)))
    pairs = [(at, made[at], value) for at, values in thresholds.items() for value in values]
    asked = [(at, place, value) for at, place, value in pairs if place is not None]
    asked = [one for one in asked if base[one[1]].dtype.kind == "f"][:: len(asked) // _MOST + 1]
    if not asked:
        return {}
    at, origin = np.array([one[0] for one in asked]), np.array([one[1] for one in asked])
    limit = np.array([one[2] for one in asked])
    low, high = _ends(base, origin)
    rows = np.arange(len(asked))
    for _ in range(_HALVINGS):
        middle = low + (high - low) / 2
        table = [_column(column, middle, origin == place) for place, column in enumerate(base)]
        whole: Any = np.column_stack(table) if isinstance(inputs, np.ndarray) else _named(table, spec.names)
        below = columns(whole)[rows, at] <= limit
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return {int(place): np.unique(np.concatenate((low, high))[np.tile(origin == place, 2)]) for place in set(origin)}


def _named(table: Sequence[Array], names: Sequence[str] | None) -> dict[str, Array]:
    return dict(zip(names or map(str, range(len(table))), table, strict=True))


def _ends(base: Sequence[Array], origin: Array) -> tuple[Array, Array]:
    """Three times the range that was seen, of each column asked about."""
    ends = {}
    for place in set(origin.tolist()):
        seen = base[place].astype(np.float64)
        seen = seen[np.isfinite(seen)]
        low, high = (seen.min(), seen.max()) if len(seen) else (0.0, 1.0)
        ends[place] = low - (high - low), high + (high - low)
    return np.array([ends[one][0] for one in origin.tolist()]), np.array([ends[one][1] for one in origin.tolist()])


def _column(column: Array, values: Array, here: Array) -> Array:
    """The column of the first row, with the values in place of it where they are asked about."""
    made: Array = np.repeat(column[:1], len(values))
    if here.any():
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
