"""A table in memory: what a checked request, a golden set and a batch of a file all become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trimtab.core.dtypes import Array

__all__ = ["Column", "Numbers", "Table", "concat"]


@dataclass(slots=True, eq=False)  # not frozen, though nobody edits one: that would treble the price of a request's
class Column:
    """Values of one column; the first axis is rows.

    Text is an object array of `str`, raw bytes an object array of `bytes`, a list of varying length an object array of
    arrays, a time `datetime64`. `missing` marks null rows (None: there are none); there the value is a filler: NaN for
    floats, NaT for times, None for objects, zero otherwise.
    """

    values: Array
    missing: Array | None = None

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.values)

    def rows(self, where: slice | Array) -> Column:
        """The same column for a slice, index array or mask of rows."""
        return Column(self.values[where], None if self.missing is None else self.missing[where])


class Numbers(Column):
    """Numbers of which none is NaN, as whoever made them knows."""

    __slots__ = ()


@dataclass(slots=True, eq=False)  # as above
class Table:
    """Columns by name, all of `height` rows, in the signature's order."""

    columns: Mapping[str, Column]
    height: int

    def rows(self, where: slice | Array) -> Table:
        """The same table for a slice, index array or mask of rows."""
        columns = {name: column.rows(where) for name, column in self.columns.items()}
        if columns:
            return Table(columns, len(next(iter(columns.values()))))
        return Table(columns, len(np.arange(self.height)[where]))


def concat(tables: list[Table]) -> Table:
    """One table of all rows, in order; the tables must have the same columns (at least one table)."""
    first = tables[0]
    columns = {}
    for name in first.columns:
        parts = [table.columns[name] for table in tables]
        missing = None
        if any(part.missing is not None for part in parts):
            masks = [np.zeros(len(part), bool) if part.missing is None else part.missing for part in parts]
            missing = np.concatenate(masks)
        columns[name] = Column(np.concatenate([part.values for part in parts]), missing)
    return Table(columns, sum(table.height for table in tables))
