"""Python values, as JSON gives them, to a column of one field's dtype; strict, and every fault is named.

A boolean is no number, text is no number, a number with a fraction is no integer. None is null. Infinity is
written as the text "Infinity" or "-Infinity", because JSON has no number for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from trimtab.core.datetimes import parse_datetimes, unit_of
from trimtab.core.dtypes import DTYPES, Array, is_float, is_integer
from trimtab.core.signature import Field
from trimtab.core.table import Column

__all__ = ["ValueFault", "parse_values", "show"]

_INFINITY: Final = {"Infinity": np.inf, "-Infinity": -np.inf}
_SHOWN: Final = 40
_LONG_BITS: Final = 256


@dataclass(frozen=True, slots=True)
class ValueFault:
    """What is wrong with the value of one row."""

    row: int
    what: str


def show(value: object) -> str:
    """A value as a message may quote it: short, on one line, without control characters."""
    if isinstance(value, int) and value.bit_length() > _LONG_BITS:  # Python refuses to print the longest ones
        return f"`an integer of {value.bit_length()} bits`"
    text = json.dumps(value, ensure_ascii=not value.isprintable()) if isinstance(value, str) else repr(value)
    return f"`{text}`" if len(text) <= _SHOWN else f"`{text[:_SHOWN]}...`"


def parse_values(values: Sequence[object], field: Field) -> tuple[Column, list[ValueFault]]:
    """One column from one value a row (a list a row for fields with more axes), and all faults found.

    Rows with a fault hold the filler of a missing value, so that the column can be checked further.
    """
    if len(field.shape) > 1:
        from trimtab.core.lists import parse_lists

        return parse_lists(values, field)
    nulls = None in values if isinstance(values, (list, tuple)) else False
    missing = np.fromiter((value is None for value in values), bool, len(values)) if nulls else None
    if field.kind == "datetime":
        times, bad = parse_datetimes(values, unit_of(field))
        return Column(times, missing), [ValueFault(row, f"{show(values[row])} is no ISO 8601 time") for row in bad]
    array = _fast(values, field, missing)
    if array is not None:
        return Column(array, missing), []
    array, faults = _slow(values, field)
    return Column(array, missing), faults


def _fast(values: Sequence[Any], field: Field, missing: Array | None) -> Array | None:
    """The column when all values are of the expected type, else None; no loop in Python where nothing is null."""
    types = set(map(type, values))
    types.discard(type(None))
    dtype = DTYPES[field.dtype]
    if field.dtype == "BYTES":
        wanted = bytes if field.kind == "bytes" else str
        if types <= {wanted} and (wanted is bytes or _encodable(values)):
            return _objects(values)
        return None
    filler = np.nan if is_float(field.dtype) else 0
    filled = values if missing is None else [filler if value is None else value for value in values]
    try:
        if field.dtype == "BOOL":
            return np.array(filled, bool) if types <= {bool} else None
        if is_integer(field.dtype):
            return np.array(filled, dtype) if types <= {int} else None
        if not types <= {int, float}:
            return None
        return _narrowed(np.array(filled, np.float64), dtype)
    except OverflowError:
        return None


def _narrowed(wide: Array, dtype: np.dtype[Any]) -> Array | None:
    """FP64 as a narrower float; None when a finite value would become infinite."""
    if wide.dtype == dtype:
        return wide
    with np.errstate(over="ignore", under="ignore"):
        narrow = wide.astype(dtype, copy=False)
    return narrow if np.array_equal(np.isinf(narrow), np.isinf(wide)) else None


def _encodable(values: Sequence[Any]) -> bool:
    """Whether all text can be written as UTF-8: a lone surrogate cannot."""
    try:
        "".join(value for value in values if value is not None).encode()
    except UnicodeEncodeError:
        return False
    return True


def _objects(values: Sequence[Any]) -> Array:
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _slow(values: Sequence[Any], field: Field) -> tuple[Array, list[ValueFault]]:
    """Value by value, with a fault for each that does not fit."""
    parse = _parser(field)
    dtype = DTYPES[field.dtype]
    array = np.full(len(values), np.nan if is_float(field.dtype) else (None if dtype.kind == "O" else 0), dtype)
    faults = []
    for row, value in enumerate(values):
        if value is None:
            continue
        try:
            array[row] = parse(value)
        except ValueError as error:
            faults.append(ValueFault(row, f"{show(value)} {error}"))
    return array, faults


def _parser(field: Field) -> Callable[[Any], object]:
    dtype = DTYPES[field.dtype]
    if field.dtype == "BOOL":
        return _boolean
    if is_integer(field.dtype):
        return lambda value: _integer(value, field.dtype, dtype)
    if is_float(field.dtype):
        return lambda value: _float(value, field.dtype, dtype)
    return _bytes if field.kind == "bytes" else _text


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("is no boolean")


def _integer(value: object, name: str, dtype: np.dtype[Any]) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("is no integer")
    info = np.iinfo(dtype)
    if not info.min <= value <= info.max:
        raise ValueError(f"does not fit {name}")
    return value


def _float(value: object, name: str, dtype: np.dtype[Any]) -> float:
    if isinstance(value, str) and value in _INFINITY:
        return _INFINITY[value]
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError("is no number")
    msg = f"does not fit {name}"
    try:
        wide = float(value)
    except OverflowError:
        raise ValueError(msg) from None
    with np.errstate(over="ignore", under="ignore"):
        if np.isfinite(wide) and np.isinf(dtype.type(wide)):  # the same rule as for whole columns
            raise ValueError(msg)
    return wide


def _text(value: object) -> str:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise ValueError("is no UTF-8 text") from None
    if not isinstance(value, str):
        raise ValueError("is no text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("is no valid Unicode text") from None
    return value


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return _text(value).encode()
