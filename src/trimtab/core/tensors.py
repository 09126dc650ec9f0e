"""Open Inference Protocol tensors <-> numpy, without loss, for every datatype of the protocol.

Sources: Open Inference Protocol v2, "Tensor Data"; Triton's binary tensor data extension. Two additions to JSON,
which has no word for them: null is a missing value (NaN for floats), infinities are the texts "Infinity", "-Infinity".
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from math import isfinite, prod
from typing import Any, Final

import numpy as np

from trimtab.core.datetimes import format_datetimes
from trimtab.core.dtypes import DTYPES, Array
from trimtab.core.lists import nest
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.core.values import parse_values

__all__ = ["TensorError", "checked_shape", "decode_binary", "decode_json", "encode_binary", "encode_json", "octets"]

_FEW: Final = 32  # values that are looked at faster one by one
_LENGTH: Final = struct.Struct("<I")
_FAULTS_SHOWN: Final = 20
_SHOWN: Final = 40  # characters of what somebody else wrote
_MOST: Final = 2**63 - 1  # a count that an array can have


class TensorError(ValueError):
    """A tensor that contradicts itself: its datatype, shape or data."""

    def __init__(self, what: str, row: int | None = None) -> None:
        """What is wrong, and the first row it is wrong in, where there is one."""
        super().__init__(what)
        self.row = row


def checked_shape(datatype: str, shape: Sequence[object], *, varying: bool = False) -> tuple[int, ...]:
    """The shape as counts; raises TensorError for an unknown datatype too. varying: -1 is a length that varies."""
    if datatype not in DTYPES:
        raise TensorError(f"unknown datatype `{datatype[:_SHOWN]}`, the protocol has {', '.join(DTYPES)}")
    least = -1 if varying else 0
    sizes = [size for size in shape if isinstance(size, int) and not isinstance(size, bool) and size >= least]
    if len(sizes) != len(shape) or not sizes or sizes[0] < 0:
        raise TensorError(f"shape {str(list(shape))[:_SHOWN]} is not a list of one or more counts")
    if max(sizes) > _MOST:
        raise TensorError("the shape has a count that no array has")
    return tuple(sizes)


def _flatten(data: Sequence[object], depth: int) -> list[object]:
    """Leaves of row-major data that is flat or nested to the depth of its shape."""
    flat = list(data)
    for _ in range(depth - 1):
        nested = [isinstance(item, list) for item in flat]
        if not any(nested):
            return flat
        if not all(nested):
            raise TensorError("data mixes lists and values")
        flat = [leaf for item in flat if isinstance(item, list) for leaf in item]
    return flat


def decode_json(datatype: str, shape: Sequence[object], data: Sequence[object]) -> Column:
    """The column of a JSON tensor; data is flat or nested, and nested where the shape has a -1 behind the first axis.

    Raises TensorError naming the row of the first value that does not fit, and how many there are.
    """
    sizes = checked_shape(datatype, shape, varying=True)
    if -1 in sizes[1:]:
        if len(data) != sizes[0]:
            raise TensorError(f"data has {len(data)} rows, the shape says {sizes[0]}")
        column, faults = parse_values(data, Field("", datatype, (-1, *sizes[1:])))
        row_size = 1
    else:
        flat = _flatten(data, len(sizes))
        if len(flat) != prod(sizes):
            raise TensorError(f"data has {len(flat)} values, shape {list(sizes)} needs {prod(sizes)}")
        column, faults = parse_values(flat, Field("", datatype))
        row_size = prod(sizes[1:])
        missing = None if column.missing is None else column.missing.reshape(sizes)
        column = Column(column.values.reshape(sizes), missing)
    if faults:
        rows = sorted({fault.row // row_size for fault in faults})
        more = (
            f" (rows {', '.join(map(str, rows[:_FAULTS_SHOWN]))}: {len(faults)} such values)" if len(rows) > 1 else ""
        )
        raise TensorError(faults[0].what + more, rows[0])
    return column


def encode_json(array: Array, missing: Array | None = None) -> list[Any]:
    """Flat row-major JSON values of an array; a list a row for an array of arrays.

    Raises TensorError for bytes that are no UTF-8 text: JSON cannot carry them, the binary form can.
    """
    if array.dtype.kind == "M":
        return format_datetimes(array.ravel(), zoned=True)
    if array.dtype.kind == "O" and any(isinstance(item, np.ndarray) for item in array.flat):
        return [None if item is None else nest(encode_json(item), item.shape) for item in array.flat]
    values = array.ravel().tolist()
    if array.dtype.kind == "f" and not (
        all(map(isfinite, values)) if len(values) <= _FEW else np.isfinite(array).all()
    ):
        values = [_json_float(value) for value in values]
    elif array.dtype.kind in "OSU":
        values = [_json_text(value) for value in values]
    if missing is not None:
        values = [None if absent else value for value, absent in zip(values, missing.ravel().tolist(), strict=True)]
    return values


def _json_float(value: float) -> float | str | None:
    if value != value:  # noqa: PLR0124 - only NaN differs from itself
        return None
    return value if abs(value) != np.inf else ("Infinity" if value > 0 else "-Infinity")


def _json_text(value: object) -> str | None:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise TensorError("bytes that are no UTF-8 text need the binary form") from None
    return value if value is None else str(value)


def decode_binary(datatype: str, shape: Sequence[object], raw: bytes | memoryview) -> Array:
    """The array of a binary tensor, read-only, without a copy of numbers; BYTES gives an object array of `bytes`."""
    sizes = checked_shape(datatype, shape)
    if datatype == "BYTES":
        return _decode_bytes(prod(sizes), memoryview(raw)).reshape(sizes)
    dtype = DTYPES[datatype].newbyteorder("<")
    if prod(sizes) * dtype.itemsize != len(raw):
        raise TensorError(
            f"{len(raw)} bytes of data, {datatype} of shape {list(sizes)} needs {prod(sizes) * dtype.itemsize}"
        )
    if datatype == "BOOL":
        octets = np.frombuffer(raw, np.uint8)
        if octets.size and octets.max() > 1:
            raise TensorError("a BOOL byte is neither 0 nor 1", int(np.argmax(octets > 1)) // max(prod(sizes[1:]), 1))
    return np.frombuffer(raw, dtype).reshape(sizes)


def _decode_bytes(count: int, raw: memoryview) -> Array:
    """Elements of a BYTES tensor: each a little-endian length of four bytes, then that many bytes."""
    items: list[bytes] = []
    start = 0
    while start < len(raw):
        if len(raw) - start < _LENGTH.size:
            raise TensorError("a BYTES element's length is cut off", len(items))
        end = start + _LENGTH.size + _LENGTH.unpack_from(raw, start)[0]
        if end > len(raw):
            raise TensorError("a BYTES element is longer than the data", len(items))
        items.append(bytes(raw[start + _LENGTH.size : end]))
        start = end
    if len(items) != count:
        raise TensorError(f"data has {len(items)} BYTES elements, the shape needs {count}")
    return split_items(items)


def split_items(items: Sequence[object]) -> Array:
    """An object array of one axis, whatever the items are."""
    array = np.empty(len(items), object)
    array[:] = items
    return array


def encode_binary(array: Array) -> bytes:
    """Little-endian row-major bytes of an array; text is UTF-8, each element behind its length."""
    if array.dtype.kind not in "OSUM":
        return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
    return b"".join(part for item in octets(array) for part in (_LENGTH.pack(len(item)), item))


def octets(array: Array) -> list[bytes]:
    """The elements of an array of text, bytes or times in row-major order; a missing one is empty."""
    if array.dtype.kind == "M":
        return [(text or "").encode() for text in format_datetimes(array.ravel(), zoned=True)]
    if array.dtype.kind == "O" and any(isinstance(item, np.ndarray) for item in array.flat):
        raise TensorError("lists of varying length have no binary form")
    return [
        item if isinstance(item, bytes) else str("" if item is None else item).encode()
        for item in array.ravel().tolist()
    ]
