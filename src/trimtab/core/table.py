"""A table in memory: what a checked request, a golden set and a batch of a file all become."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from trimtab.core.dtypes import Array

__all__ = ["Column", "Numbers", "Table", "concat", "side_by_side"]


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
    """Columns by name, all of `height` rows, in the signature's order.

    block: fields x rows, where the columns are the rows of one array of numbers; see `side_by_side`.
    """

    columns: Mapping[str, Column]
    height: int
    block: Array | None = None

    def rows(self, where: slice | Array) -> Table:
        """The same table for a slice, index array or mask of rows."""
        if self.block is not None:
            return side_by_side(self.columns, self.block[:, where])
        columns = {name: column.rows(where) for name, column in self.columns.items()}
        if columns:
            return Table(columns, len(next(iter(columns.values()))))
        return Table(columns, len(np.arange(self.height)[where]))


class _Views(Mapping[str, Column]):
    """The rows of an array as columns; one is made when somebody asks for it."""

    __slots__ = ("_block", "_places")

    def __init__(self, places: Mapping[str, int], block: Array) -> None:
        self._places = places
        self._block = block

    def __getitem__(self, name: str) -> Column:
        return Numbers(self._block[self._places[name]])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def side_by_side(names: Iterable[str], block: Array) -> Table:
    """The table of an array, fields x rows, of numbers of which none is missing or NaN.

    names: of the fields, in order; those of another such table are taken as they are.
    """
    if isinstance(names, _Views):
        return Table(_Views(names._places, block), block.shape[1], block)  # noqa: SLF001 - of its own kind
    return Table(_Views({name: at for at, name in enumerate(names)}, block), block.shape[1], block)


def concat(tables: list[Table]) -> Table:
    """One table of all rows, in order; the tables must have the same columns (at least one table)."""
    first = tables[0]
    blocks = [table.block for table in tables if table.block is not None]
    if len(blocks) == len(tables):
        return side_by_side(first.columns, np.concatenate(blocks, axis=1))
    columns = {}
    for name in first.columns:
        parts = [table.columns[name] for table in tables]
        missing = None
        if any(part.missing is not None for part in parts):
            masks = [np.zeros(len(part), bool) if part.missing is None else part.missing for part in parts]
            missing = np.concatenate(masks)
        columns[name] = Column(np.concatenate([part.values for part in parts]), missing)
    return Table(columns, sum(table.height for table in tables))
