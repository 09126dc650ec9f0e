"""What encoders do to columns of categories: one look into a table for each value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any, TypeAlias

import numpy as np

from trimtab.bundle.engines.numbers import RefusedRowsError, refuse
from trimtab.bundle.engines.steps import Codes, Hot, Ordinal, Words
from trimtab.core.dtypes import Array

__all__ = ["hot", "ordinal", "words"]

_Columns: TypeAlias = list[Array]


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """A column's codes; NaN stands for none, and None for a value that is refused."""

    codes: Mapping[Any, float]
    missing: float | None
    unknown: float | None

    @classmethod
    def of(cls, said: Codes) -> _Table:
        codes = {value: _plain(code) for value, code in zip(said.values, said.codes, strict=True)}
        missing = None if "missing" in said.refused else _plain(said.missing)
        return cls(codes, missing, None if "unknown" in said.refused else _plain(said.unknown))

    def find(self, column: Array) -> Sequence[float]:
        """The code of each value; ValueError for one that is refused."""
        refuse(column, "infinity")
        codes, missing, unknown = self.codes, self.missing, self.unknown
        found = [
            missing if value is None or value != value else codes.get(value, unknown)  # noqa: PLR0124  # NaN only
            for value in column.tolist()
        ]
        if (missing is None or unknown is None) and None in found:
            raise RefusedRowsError("the input contains a category that the model does not know, or a missing one")
        return found  # type: ignore[return-value]  # None was refused


def _plain(code: float | None) -> float:
    return nan if code is None else code


def ordinal(step: Ordinal) -> Callable[[_Columns], Array]:
    """See `Ordinal`."""
    tables = [_Table.of(said) for said in step.columns]

    def run(columns: _Columns) -> Array:
        found = [table.find(column) for table, column in zip(tables, columns, strict=True)]
        return np.array(found, step.dtype).T

    return run


def hot(step: Hot) -> Callable[[_Columns], Array]:
    """See `Hot`."""
    tables = [_Table.of(said) for said in step.columns]

    def run(columns: _Columns) -> Array:
        made: Array = np.zeros((len(columns[0]), step.width), step.dtype or columns[0].dtype)
        if len(made) == 1:
            for table, column in zip(tables, columns, strict=True):
                (place,) = table.find(column)
                if place == place:  # noqa: PLR0124  # NaN is no place
                    made[0, int(place)] = 1
            return made
        for table, column in zip(tables, columns, strict=True):
            places = np.array(table.find(column))
            rows = np.flatnonzero(~np.isnan(places))
            made[rows, places[rows].astype(np.intp)] = 1
        return made

    return run


def words(step: Words) -> Callable[[_Columns], _Columns]:
    """See `Words`."""

    def run(columns: _Columns) -> _Columns:
        return [_filled(column, word) for column, word in zip(columns, step.values, strict=True)]

    return run


def _filled(column: Array, word: str) -> Array:
    found = [word if value is None or value != value else value for value in column.tolist()]  # noqa: PLR0124  # NaN
    made = np.empty(len(found), object)
    made[:] = found
    return made
