"""A table as a pandas DataFrame whose columns have the dtypes that the preparation code was written against.

What depends on the signature alone is decided once; a call for one row is then mostly pandas making the frame.
"""

# ruff: noqa: PD011 - `values` is the array of our own Column here, not that of a pandas object

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np

from trimtab.core.datetimes import unit_of
from trimtab.core.dtypes import DTYPES, Array, is_integer
from trimtab.core.lists import split_rows
from trimtab.core.signature import ORDERED, Field
from trimtab.core.table import Column, Table

__all__ = ["framer", "natural_frame", "with_nan", "with_none"]

_Maker: TypeAlias = Callable[[Column], Any]

_MANY: Final = 64  # columns; pandas calls a frame of more than 100 blocks fragmented, so wide ones are consolidated
_NUMBERS: Final = {dtype.name for dtype in DTYPES.values() if dtype.kind in "iuf"}
_MASKED: Final = {name.replace("uint", "UInt").replace("int", "Int").replace("float", "Float") for name in _NUMBERS}
_TEXT_DTYPE: Final = 3  # the major version of pandas whose `str` is a dtype of its own


def natural_frame(field: Field) -> str:
    """The pandas dtype of a field that names none: the one that holds its values, and its nulls, without loss."""
    if len(field.shape) > 1 or field.kind == "bytes":
        return "object"
    if field.kind == "datetime":
        return f"datetime64[{unit_of(field)}]"
    if field.dtype == "BYTES":
        return "str"
    if field.dtype == "BOOL":
        return "boolean" if field.nullable else "bool"
    name = DTYPES[field.dtype].name
    return _masked_name(name) if field.nullable and is_integer(field.dtype) else name


def _masked_name(name: str) -> str:
    return name.replace("uint", "UInt").replace("int", "Int")


def with_nan(column: Column, dtype: np.dtype[Any]) -> Array:
    """A copy of the values in a floating dtype, NaN where missing."""
    values = column.values.astype(dtype)
    if column.missing is not None:
        values[column.missing] = np.nan
    return values


def with_none(column: Column) -> Array:
    """One Python object a row, None where missing; a row of more axes is an array of its own."""
    values = split_rows(row.copy() for row in column.values) if column.values.ndim > 1 else column.values.astype(object)
    if column.missing is not None:
        values[column.missing] = None
    return values


def framer(fields: tuple[Field, ...]) -> Callable[[Table], Any]:
    """The function that makes a DataFrame of a table with these fields."""
    import pandas as pd

    frames = {field.frame or natural_frame(field) for field in fields}
    if len(frames) == 1 and frames <= _NUMBERS and not any(map(_needs_mask, fields)):
        names, dtype = pd.Index([field.name for field in fields]), np.dtype(frames.pop())
        return lambda table: _uniform(table, names, dtype)
    makers = {field.name: _maker(field) for field in fields}
    copy = len(fields) > _MANY

    def frame(table: Table) -> Any:
        columns = {name: make(table.columns[name]) for name, make in makers.items()}
        return pd.DataFrame(columns, index=pd.RangeIndex(table.height), copy=copy)

    return frame


def _uniform(table: Table, names: Any, dtype: np.dtype[Any]) -> Any:
    """A frame of numbers of one dtype, as one block: the cheapest there is."""
    import pandas as pd

    block = np.empty((len(names), table.height), dtype)
    for row, column in zip(block, table.columns.values(), strict=True):
        row[:] = column.values
        if column.missing is not None:
            row[column.missing] = np.nan
    return pd.DataFrame(block.T, columns=names, copy=False)


def _needs_mask(field: Field) -> bool:
    """Whether nulls of the field do not fit its numpy dtype: an integer has no NaN."""
    frame = field.frame or natural_frame(field)
    return field.nullable and not frame.startswith("float")


def _maker(field: Field) -> _Maker:
    """How the values of one field become a column of its pandas dtype."""
    frame = field.frame or natural_frame(field)
    if len(field.shape) > 1 or frame == "object":
        return _objects
    if frame in ("category", ORDERED):
        return _categorical(field, ordered=frame == ORDERED)
    if frame == "str":
        return _strings()
    if frame.startswith("datetime64["):
        return _times(frame)
    if frame == "boolean" or (frame == "bool" and field.nullable):
        return _masked(np.dtype(bool))
    if frame in _MASKED or (frame in _NUMBERS and _needs_mask(field)):
        return _masked(np.dtype(frame.lower()))
    if frame.startswith("float"):
        dtype = np.dtype(frame)
        return lambda column: with_nan(column, dtype)
    if frame in _NUMBERS or frame == "bool":
        dtype = np.dtype(frame)
        return lambda column: column.values.astype(dtype)
    return _other(frame)


def _objects(column: Column) -> Any:
    import pandas as pd

    return pd.Series(with_none(column), dtype=object, copy=False)


def _categorical(field: Field, *, ordered: bool) -> _Maker:
    import pandas as pd

    if field.categories is None:
        return lambda column: pd.Categorical(with_none(column))
    words: Any = list(field.categories)
    if field.dtype != "BYTES":
        words = np.array(words, DTYPES[field.dtype])  # as wide as in training
    dtype = pd.CategoricalDtype(words, ordered=ordered)
    codes_of: dict[Any, int] = {category: code for code, category in enumerate(field.categories)}
    smallest = np.min_scalar_type(-max(len(codes_of), 1))

    def make(column: Column) -> Any:
        codes = np.fromiter((codes_of.get(value, -1) for value in column.values.tolist()), smallest, len(column))
        if column.missing is not None:
            codes[column.missing] = -1
        return pd.Categorical.from_codes(codes, dtype=dtype)

    return make


def _strings() -> _Maker:
    import pandas as pd

    if int(pd.__version__.partition(".")[0]) < _TEXT_DTYPE:
        return _objects
    dtype = pd.StringDtype(na_value=np.nan)
    return lambda column: pd.array(with_none(column), dtype=dtype)


def _times(frame: str) -> _Maker:
    """Times are UTC in a table; user code gets them in its zone, or without one."""
    import pandas as pd

    unit, _, zone = frame.removeprefix("datetime64[").removesuffix("]").partition(",")
    dtype, zone = np.dtype(f"datetime64[{unit}]"), zone.strip()
    if not zone:
        return lambda column: column.values.astype(dtype)
    if zone == "UTC":
        return lambda column: pd.DatetimeIndex(column.values.astype(dtype)).tz_localize("UTC")
    return lambda column: pd.DatetimeIndex(column.values.astype(dtype)).tz_localize("UTC").tz_convert(zone)


def _masked(dtype: np.dtype[Any]) -> _Maker:
    import pandas as pd

    make = {"b": pd.arrays.BooleanArray, "f": pd.arrays.FloatingArray}.get(dtype.kind, pd.arrays.IntegerArray)

    def masked(column: Column) -> Any:
        mask = np.zeros(len(column), bool) if column.missing is None else column.missing.copy()
        return make(column.values.astype(dtype), mask)

    return masked


def _other(frame: str) -> _Maker:
    """Any dtype that pandas knows by name, from one object a row."""
    import pandas as pd

    return lambda column: pd.array(with_none(column), dtype=frame)
