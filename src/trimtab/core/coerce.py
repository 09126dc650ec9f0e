"""A typed column, as a tensor or a file gives it, to the dtype and shape of a field; never with loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from trimtab.core.datetimes import unit_of
from trimtab.core.dtypes import DTYPES, Array, dtype_of
from trimtab.core.lists import empty_list, split_rows
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.core.values import ValueFault, parse_values

__all__ = ["MisfitError", "coerce"]


class MisfitError(ValueError):
    """A whole column of the wrong dtype or shape."""

    def __init__(self, what: str, hint: str = "") -> None:
        """What the column is and what the field wants; a hint on the way out."""
        super().__init__(what)
        self.hint = hint


def coerce(field: Field, column: Column) -> tuple[Column, list[ValueFault]]:
    """The column as the field wants it, and a fault for each value that cannot be; MisfitError if the whole cannot."""
    column = _shaped(field, column)
    values = column.values
    if values.dtype.kind == "M":
        if field.kind != "datetime":
            what = f"holds times, the signature says {field.dtype}"
            raise MisfitError(what)
        return Column(values.astype(f"datetime64[{unit_of(field)}]", copy=False), column.missing), []
    if values.dtype.kind == "O" and -1 in field.shape[1:]:
        return _ragged(field, column)
    _check_dtype(field, values)
    if field.dtype != "BYTES":
        return Column(values.astype(DTYPES[field.dtype], copy=False), column.missing), []
    if len(field.shape) > 1:
        return _text_rows(field, column)
    parsed, faults = parse_values(values.tolist(), field)
    return Column(parsed.values, column.missing if parsed.missing is None else parsed.missing), faults


def _check_dtype(field: Field, values: Array) -> None:
    """Widening without loss is allowed (INT32 to INT64, FP32 to FP64), nothing else."""
    try:
        got = dtype_of(values)
    except TypeError as error:
        raise MisfitError(str(error)) from None
    if got == field.dtype:
        return
    wanted = DTYPES[field.dtype]
    numbers = values.dtype.kind in "iuf" and wanted.kind in "iuf"
    if not (numbers and np.can_cast(values.dtype, wanted, "safe")):
        what = f"datatype {got}, the signature says {field.dtype}"
        raise MisfitError(what, f"send `{field.name}` as {field.dtype}")


def _shaped(field: Field, column: Column) -> Column:
    """The column with the field's axes: [n, 1] is a plain column, a rectangle is a list column of any length."""
    values, inner = column.values, field.shape[1:]
    if values.dtype.kind == "O" and -1 in inner and values.ndim == 1:
        return column
    if not inner and values.ndim == 2 and values.shape[1] == 1:  # noqa: PLR2004 - rows and one column
        return Column(values[:, 0], None if column.missing is None else column.missing[:, 0])
    fits = values.ndim == len(field.shape) and all(
        want in (-1, got) for want, got in zip(inner, values.shape[1:], strict=True)
    )
    if not fits:
        what = f"shape {list(values.shape)}, the signature says {list(field.shape)}"
        raise MisfitError(what)
    missing = column.missing
    if missing is not None and missing.ndim > 1:
        missing = np.asarray(missing.any(axis=tuple(range(1, missing.ndim))))
    return Column(split_rows(values) if -1 in inner else values, missing)


def _ragged(field: Field, column: Column) -> tuple[Column, list[ValueFault]]:
    """An array a row: each of the field's dtype."""
    rows: list[Any] = []
    faults: list[ValueFault] = []
    for row, item in enumerate(column.values):
        if item is None:
            rows.append(None)
            continue
        try:
            array = _item(field, item)
            rows.append(_texts(array) if field.dtype == "BYTES" else array.astype(DTYPES[field.dtype], copy=False))
        except (MisfitError, TypeError, ValueError) as error:
            faults.append(ValueFault(row, str(error)))
            rows.append(None)
    return Column(split_rows(iter(rows)), column.missing), faults


def _item(field: Field, item: Any) -> Array:
    """The array of one row, with the field's axes."""
    inner = field.shape[1:]
    array = np.asarray(item)
    if array.shape == (0,):  # an empty list shows neither its dtype nor its further axes
        return np.empty(empty_list(inner), DTYPES[field.dtype])
    if array.ndim != len(inner) or any(want not in (-1, got) for want, got in zip(inner, array.shape, strict=True)):
        what = f"has the shape {list(array.shape)}, expected {list(inner)}"
        raise MisfitError(what)
    _check_dtype(field, array)
    return array


def _texts(array: Array) -> Array:
    parsed, faults = parse_values(array.ravel().tolist(), Field("", "BYTES"))
    if faults:
        raise MisfitError(faults[0].what)
    return parsed.values.reshape(array.shape)


def _text_rows(field: Field, column: Column) -> tuple[Column, list[ValueFault]]:
    """Text in lists of a fixed length; a fault carries its row, not its place in the flat data."""
    flat: Sequence[object] = column.values.ravel().tolist()
    parsed, faults = parse_values(flat, Field(field.name, "BYTES", kind=field.kind))
    size = max(int(np.prod(field.shape[1:])), 1)
    faults = [ValueFault(fault.row // size, fault.what) for fault in faults]
    return Column(parsed.values.reshape(column.values.shape), column.missing), faults
