"""Whatever a model answers, column by column, as an array with a datatype of the Open Inference Protocol or of times.

Text is an object array of `str` (None where missing), a list of varying length an object array of arrays.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from trimtab.core.dtypes import Array, dtype_of
from trimtab.core.lists import split_rows

__all__ = ["to_array"]

_UNITS = ("s", "ms", "us", "ns")


def to_array(value: Any) -> Array:
    """The array of one output; raises TypeError saying what the value is when it cannot be one."""
    if hasattr(value, "toarray"):  # a sparse matrix
        value = value.toarray()
    if isinstance(value, (list, tuple)):
        return _from_objects(value)
    # numpy loads the module when it is first named, a megabyte: whoever has such an array has named it
    if "numpy.ma" in sys.modules and isinstance(value, np.ma.MaskedArray) and value.mask.any():
        msg = "a masked array: fill it, what lies behind its mask is no answer"
        raise TypeError(msg)
    dtype = getattr(value, "dtype", None)
    if dtype is not None and not isinstance(dtype, np.dtype) and hasattr(value, "to_numpy"):
        return _from_extension(value, dtype)
    array = np.asarray(value)
    if array.ndim == 0:
        msg = "a single value, not one a row" if value is not None else "None"
        raise TypeError(msg)
    if array.dtype.kind == "O":
        return _from_objects(array.ravel().tolist()).reshape(array.shape) if array.ndim > 1 else _from_objects(array)
    return _native(array)


def _native(array: Array) -> Array:
    """Numbers in the byte order of the machine, text as objects, times in one of four units."""
    if array.dtype.kind in "SU":
        return array.astype(object)
    if array.dtype.kind == "M":
        unit = np.datetime_data(array.dtype)[0]
        return array if unit in _UNITS else array.astype("datetime64[s]")
    dtype_of(array)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _from_extension(value: Any, dtype: Any) -> Array:
    """A pandas Series, Index or array of a dtype that is not numpy's."""
    kind = getattr(dtype, "kind", "O")
    if kind == "M":
        return _native(np.asarray(value, dtype=f"datetime64[{getattr(dtype, 'unit', 'ns')}]"))
    if hasattr(dtype, "categories") or kind not in "iufb":
        return _from_objects(value.to_numpy(dtype=object))
    missing = np.asarray(value.isna(), bool)
    if not missing.any():
        return _native(value.to_numpy(dtype=getattr(dtype, "numpy_dtype", None)))
    if kind == "b":
        msg = "booleans with missing values"
        raise TypeError(msg)
    wide: Array = value.to_numpy(dtype=np.float64, na_value=np.nan)
    return wide.astype(dtype.numpy_dtype) if kind == "f" else wide


def _from_objects(values: Sequence[Any] | Array) -> Array:
    """One Python object a row: their common type decides, and None, NaN, NA and NaT are missing values."""
    items = [None if _is_missing(item) else item for item in values]
    present = [item for item in items if item is not None]
    if not present:
        nothing = len(items) and any(item is not None for item in values)  # NaN: numbers that are all missing
        return np.full(len(items), np.nan) if nothing else split_rows(iter(items))
    if all(isinstance(item, (list, tuple, np.ndarray)) for item in present):
        return _from_lists(items)
    if all(isinstance(item, str) for item in present):
        "".join(present).encode()  # a lone surrogate is no text that an answer can carry
        return _objects([None if item is None else str(item) for item in items])
    if all(isinstance(item, bytes) for item in present):
        return _objects(items)
    if all(isinstance(item, (datetime, date, np.datetime64)) for item in present):
        return _native(np.array([_utc(item) for item in items], "datetime64[us]"))
    return _numbers(items, present)


def _numbers(items: list[Any], present: list[Any]) -> Array:
    booleans = [isinstance(item, (bool, np.bool_)) for item in present]
    if all(booleans) and len(present) == len(items):
        return np.array(items, bool)
    if any(booleans) or not all(isinstance(item, (int, float, np.number)) for item in present):
        names = sorted({type(item).__name__ for item in items})
        msg = f"values of type {', '.join(f'`{name}`' for name in names)}"
        raise TypeError(msg)
    array = np.array([np.nan if item is None else item for item in items])
    if array.dtype.kind in "fO" and all(isinstance(item, (int, np.integer)) for item in items):
        array = np.array(
            items, np.uint64
        )  # numpy would round large integers to floats; those that do not fit, it names
    return _native(array)


def _from_lists(items: list[Any]) -> Array:
    """One array where all rows are of one shape, else an array a row, all of one dtype."""
    rows = [None if item is None else to_array(item) for item in items]
    arrays = [row for row in rows if row is not None]
    filled = [row for row in arrays if row.size] or arrays  # an empty list has no dtype of its own
    dtype = np.result_type(*{row.dtype for row in filled})
    rows = [None if row is None else row.astype(dtype, copy=False) for row in rows]
    if len(arrays) == len(rows) and len({row.shape for row in arrays}) == 1:
        return np.stack([row for row in rows if row is not None])
    return split_rows(iter(rows))


def _is_missing(item: Any) -> bool:
    if item is None or type(item).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(item, np.datetime64):
        return bool(np.isnat(item))
    return isinstance(item, (float, np.floating)) and bool(np.isnan(item))


def _utc(item: Any) -> Any:
    if isinstance(item, datetime) and item.tzinfo is not None:
        return item.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64("NaT") if item is None else item


def _objects(items: list[Any]) -> Array:
    array = np.empty(len(items), object)
    array[:] = items
    return array
