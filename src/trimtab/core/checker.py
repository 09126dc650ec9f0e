"""The check of one signature made ready once, for those who check many requests against it.

What is plainly right passes quickly, plain numbers all together; whatever is in doubt goes through `check`, which
decides and names every fault. So both always agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any, Final

import numpy as np

from trimtab.core.check import Raw, check, check_field
from trimtab.core.dtypes import DTYPES, Array, is_float, is_integer
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Numbers, Table, side_by_side

__all__ = ["Checker"]

_TYPES: Final = {"f": frozenset({float, int}), "i": frozenset({int}), "u": frozenset({int}), "b": frozenset({bool})}


class Checker:
    """`check` for one signature; raises what it raises."""

    def __init__(self, signature: Signature) -> None:
        """Sorts the fields by how they can be checked quickly."""
        self._signature = signature
        self._names = {field.name: None for field in signature.inputs}.keys()
        groups: dict[str, list[Field]] = {}
        for field in signature.inputs:
            if len(field.shape) == 1 and DTYPES[field.dtype].kind in _TYPES and field.categories is None:
                groups.setdefault(field.dtype, []).append(field)
        self._groups = [_Group(dtype, fields) for dtype, fields in groups.items() if len(fields) > 1]
        grouped = {field.name for group in self._groups for field in group.fields}
        self._whole = self._groups[0] if grouped == self._names and len(self._groups) == 1 else None
        self._places = side_by_side(self._names, np.empty((len(self._names), 0))).columns
        self._single = [_Single(field) for field in signature.inputs if field.name not in grouped]
        self._only = self._single[0] if len(self._names) == len(self._single) == 1 else None

    def __call__(self, columns: Mapping[str, Raw]) -> Table:
        """The columns as a table in the signature's order and dtypes; raises SignatureError naming every fault."""
        table = self.quickly(columns)
        return check(self._signature, columns) if table is None else table

    def quickly(self, columns: Mapping[str, Raw]) -> Table | None:
        """The table of columns that are plainly right; None when something is in doubt."""
        if columns.keys() != self._names:
            return None
        if self._whole is not None:
            block = self._whole.block(columns)
            if block is not None:
                return side_by_side(self._places, block)
        if self._only is not None:
            name = self._only.field.name
            only = self._only.read(columns[name])
            return None if only is None else Table({name: only}, len(only.values))
        found: dict[str, Column] = {}
        for group in self._groups:
            if not group.add(columns, found):
                return None
        for single in self._single:
            column = single.read(columns[single.field.name])
            if column is None:
                return None
            found[single.field.name] = column
        heights = {len(column.values) for column in found.values()}
        if len(heights) > 1:
            return None
        return Table({name: found[name] for name in self._names} if self._groups else found, next(iter(heights), 0))


class _Group:
    """Fields of one dtype with one number a row: their values become one array."""

    def __init__(self, dtype: str, fields: list[Field]) -> None:
        self.fields = fields
        self._names = [field.name for field in fields]
        self._dtype = DTYPES[dtype]
        self._float = is_float(dtype)
        self._types = _TYPES[self._dtype.kind]
        self._singles = [_Single(field) for field in fields]
        self._low = _limits([field.low for field in fields], -np.inf)
        self._high = _limits([field.high for field in fields], np.inf)

    def add(self, columns: Mapping[str, Raw], found: dict[str, Column]) -> bool:
        """Whether all are plainly right; then they are found."""
        block = self.block(columns)
        if block is not None:
            found.update(zip(self._names, map(Column, block), strict=True))
            return True
        for single in self._singles:
            column = single.read(columns[single.field.name])
            if column is None:
                return False
            found[single.field.name] = column
        return True

    def block(self, columns: Mapping[str, Raw]) -> Array | None:
        """Fields x rows; None when a value is not plainly right."""
        raws: list[Any] = [columns[name] for name in self._names]
        if set(map(type, raws)) != {list}:
            return None
        heights = set(map(len, raws))
        flat = list(chain.from_iterable(raws))
        if len(heights) != 1 or not set(map(type, flat)) <= self._types:
            return None
        try:
            array = np.array(flat, np.float64 if self._float else self._dtype)
        except OverflowError:
            return None
        if self._float and (_has_nan(array) or (self._dtype.itemsize < array.itemsize)):
            return None
        matrix = array.reshape(len(raws), -1) if flat else array.reshape(len(raws), 0)
        outside = (self._low is not None and (matrix < self._low).any()) or (
            self._high is not None and (matrix > self._high).any()
        )
        return None if outside else matrix


def _limits(limits: list[float | None], without: float) -> Array | None:
    if all(limit is None for limit in limits):
        return None
    return np.array([[without if limit is None else limit] for limit in limits])


def _has_nan(array: Array) -> bool:
    return bool(np.isnan(array).any())


class _Single:
    """One field; an array of its very dtype and shape is looked at as a whole."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self._dtype = DTYPES[field.dtype]
        self._numbers = is_float(field.dtype) or is_integer(field.dtype) or field.dtype == "BOOL"
        self._float = is_float(field.dtype)
        self._inner = field.shape[1:]
        fixed = -1 not in self._inner and field.categories is None
        self._quick = self._numbers and fixed and field.low is None and field.high is None

    def read(self, raw: Raw) -> Column | None:
        """The column; None when something is wrong with it."""
        if self._quick and isinstance(raw, Column):
            values = raw.values
            plain = values.dtype == self._dtype and values.shape[1:] == self._inner and raw.missing is None
            if plain and (not self._float or isinstance(raw, Numbers) or not _has_nan(values)):
                return raw
        column, faults = check_field(self.field, raw)
        return None if faults else column
