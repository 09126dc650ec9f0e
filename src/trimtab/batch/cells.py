"""Cells of a CSV file to the values of a field: by the signature, never by guessing.

What Arrow can parse as a whole is not looked at one by one; a cell that is not of its field stays text, for `check` to
name it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from trimtab.bundle.data.arrow import column_of
from trimtab.bundle.data.arrowtypes import arrow_type
from trimtab.core.check import Raw
from trimtab.core.datetimes import unit_of
from trimtab.core.dtypes import is_float, is_integer
from trimtab.core.signature import Field
from trimtab.core.table import Column

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["parse_cells"]

_EXACT: Final = 2**53
_INTEGER: Final = re.compile(r"([+-]?[0-9]+)(?:\.0*)?")
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?inf(inity)?|nan", re.IGNORECASE)
_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False}


def parse_cells(cells: pa.BinaryArray, field: Field) -> Raw:
    """What `check` takes for one column; lists are written as JSON, times as ISO 8601."""
    import pyarrow as pa

    if field.dtype == "BYTES" and field.kind != "datetime" and len(field.shape) == 1:
        return column_of(cells, field)
    for type_ in _tries(field):
        try:
            whole = cells.cast(pa.string()).cast(type_)
        except pa.ArrowInvalid:
            continue
        column = column_of(whole, field) if type_ != pa.float64() or _exact(whole) or is_float(field.dtype) else None
        if isinstance(column, Column):
            return column
    return [None if cell is None else _parse(cell, field) for cell in cells.to_pylist()]


def _tries(field: Field) -> list[Any]:
    """The types to read a whole column as, in turn; pandas writes integers with gaps as `1.0`."""
    import pyarrow as pa

    if len(field.shape) > 1:
        return []
    if field.kind == "datetime":
        return [pa.timestamp(unit_of(field))]
    return [arrow_type(field), pa.float64()] if is_integer(field.dtype) else [arrow_type(field)]


def _exact(numbers: pa.DoubleArray) -> bool:
    """Whether none of the numbers is so large that a double has rounded its last digits."""
    from pyarrow import compute

    largest = compute.max(compute.abs(numbers)).as_py()
    return largest is None or largest < _EXACT


def _parse(cell: bytes, field: Field) -> object:
    """One cell as a Python value; text where it is none of the field's."""
    text = cell.decode(errors="replace")
    bare = text.strip()
    if len(field.shape) > 1:
        try:
            return msgspec.json.decode(cell)
        except msgspec.DecodeError:
            return text
    if field.dtype == "BOOL":
        return _BOOLEANS.get(bare.lower(), text)
    if is_integer(field.dtype) and (whole := _INTEGER.fullmatch(bare)):
        return int(whole[1])
    if (is_integer(field.dtype) or is_float(field.dtype)) and _NUMBER.fullmatch(bare):
        number = float(bare)
        return None if number != number else number  # noqa: PLR0124 - NaN only
    return text
