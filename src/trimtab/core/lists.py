"""Columns whose values are lists: of a fixed length (one array), or of a length that varies (an array of arrays)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from math import prod
from typing import Any

import numpy as np

from trimtab.core.dtypes import DTYPES, Array, is_float
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.core.values import ValueFault, parse_values, show

__all__ = ["empty_list", "nest", "parse_lists", "split_rows"]


def parse_lists(values: Sequence[object], field: Field) -> tuple[Column, list[ValueFault]]:
    """One column from one nested list a row, and all faults found; a null inside a list is a fault."""
    inner = field.shape[1:]
    rows = [_Row(value, inner) for value in values]
    faults = [ValueFault(row, item.fault) for row, item in enumerate(rows) if item.fault]
    leaves = list(chain.from_iterable(item.leaves for item in rows))
    flat, leaf_faults = parse_values(leaves, replace(field, shape=(-1,), categories=None))
    ends = np.cumsum([len(item.leaves) for item in rows])
    faults += [ValueFault(int(np.searchsorted(ends, fault.row, "right")), fault.what) for fault in leaf_faults]
    if flat.missing is not None:
        inside = np.unique(np.searchsorted(ends, np.flatnonzero(flat.missing), "right"))
        faults += [ValueFault(int(row), "there is a null inside the list") for row in inside]
    absent = np.fromiter((value is None for value in values), bool, len(values))
    missing = absent if absent.any() else None
    return Column(_assemble(rows, flat.values, field), missing), sorted(faults, key=lambda fault: fault.row)


class _Row:
    """One nested list, taken apart: its leaves in order, its shape, and what is wrong with it."""

    __slots__ = ("fault", "leaves", "shape")

    def __init__(self, value: object, inner: tuple[int, ...]) -> None:
        self.leaves: list[object] = []
        self.shape: tuple[int, ...] | None = None
        self.fault = ""
        if value is None:
            return
        try:
            self.shape = self._measure(value, inner)
        except ValueError as error:
            self.fault, self.leaves = str(error), []
            return
        fits = all(want in (-1, got) for want, got in zip(inner, self.shape, strict=True))
        if not fits:
            self.fault, self.leaves = f"has the shape {list(self.shape)}, expected {list(inner)}", []
            self.shape = None

    def _measure(self, value: object, inner: tuple[int, ...]) -> tuple[int, ...]:
        if not isinstance(value, (list, tuple)):
            raise ValueError(f"{show(value)} is no list")
        if not value:
            return empty_list(inner)
        if len(inner) == 1:
            self.leaves.extend(value)
            return (len(value),)
        shapes = {self._measure(item, inner[1:]) for item in value}
        if len(shapes) > 1:
            raise ValueError("its inner lists differ in length")
        return (len(value), *shapes.pop())


def empty_list(inner: Sequence[int]) -> tuple[int, ...]:
    """The shape of an empty list in a column with these axes behind the rows: what it does not show is as promised."""
    return (0, *(max(size, 0) for size in inner[1:]))


def _assemble(rows: list[_Row], leaves: Array, field: Field) -> Array:
    inner = field.shape[1:]
    if -1 in inner:
        return split_rows(_pieces(rows, leaves))
    filler = np.nan if is_float(field.dtype) else (None if field.dtype == "BYTES" else 0)
    if all(row.shape is not None for row in rows):
        return leaves.reshape(len(rows), *inner)
    array = np.full((len(rows), *inner), filler, leaves.dtype if len(leaves) else DTYPES[field.dtype])
    for position, piece in enumerate(_pieces(rows, leaves)):
        if piece is not None:
            array[position] = piece
    return array


def _pieces(rows: list[_Row], leaves: Array) -> Iterator[Array | None]:
    start = 0
    for row in rows:
        end = start + len(row.leaves)
        yield None if row.shape is None else leaves[start:end].reshape(row.shape)
        start = end


def nest(flat: Sequence[Any], shape: Sequence[int]) -> list[Any]:
    """Row-major values as lists as deep as the shape has axes; zero-length axes included."""
    items = list(flat)
    for axis in range(len(shape) - 1, 0, -1):
        size = shape[axis]
        items = [items[at * size : (at + 1) * size] for at in range(prod(shape[:axis]))]
    return items


def split_rows(pieces: Iterator[Array | None] | Array) -> Array:
    """An object array with one array a row, also when all rows happen to be of one shape."""
    items = list(pieces)
    array = np.empty(len(items), object)
    for position, item in enumerate(items):
        array[position] = item
    return array
