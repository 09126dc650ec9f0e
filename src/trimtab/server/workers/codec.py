"""Columns as bytes and back, between two processes of ours: no pickle, so that a worker runs no code in the server.

A block is a msgpack head, its length in front, and behind it the plain bytes of the numeric columns.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from functools import lru_cache
from math import prod
from typing import Any, Final

import msgspec
import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.table import Column, Table

__all__ = ["pack_arrays", "pack_table", "unpack_arrays", "unpack_table"]

_LENGTH: Final = struct.Struct("<I")
_ALIGN: Final = 16
_KINDS: Final = "biufM"
_encode: Final = msgspec.msgpack.Encoder().encode


class _Packed(msgspec.Struct, array_like=True):
    """One array: numbers lie behind the head from `start` on; objects are here, nested arrays as `_Packed`."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int = -1
    items: list[Any] | None = None


class _Head(msgspec.Struct, array_like=True):
    height: int
    arrays: list[_Packed]


_decode: Final = msgspec.msgpack.Decoder(_Head).decode
# numpy's own parser of dtypes is no place for what another process says
_DTYPE: Final = re.compile(
    r"[<>|=]?[biuf](1|2|4|8|16)"
    r"|[<>]M8(\[([1-9][0-9]{0,5})?[a-zA-Z]{1,7}\])?"
)
_LEAVES: Final = frozenset({type(None), str, bytes, bool, int, float})


def pack_table(table: Table) -> list[Any]:
    """The pieces of a block, to be written one behind the other."""
    arrays: dict[str, Array] = {}
    for name, column in table.columns.items():
        arrays[f"v{name}"] = column.values
        if column.missing is not None:
            arrays[f"m{name}"] = column.missing
    return pack_arrays(arrays, table.height)


def unpack_table(block: bytes | memoryview) -> Table:
    """The table of a block; its arrays are read-only views of the block where they are numbers.

    ValueError for bytes that are none.
    """
    height, arrays = unpack_arrays(block)
    if any(array.shape[:1] != (height,) for array in arrays.values()):
        raise ValueError(f"no table of {height} rows")
    columns = {
        key[1:]: Column(array, arrays.get(f"m{key[1:]}")) for key, array in arrays.items() if key.startswith("v")
    }
    return Table(columns, height)


def pack_arrays(arrays: Mapping[str, Array], height: int) -> list[Any]:
    """The pieces of a block; TypeError for values that no column holds."""
    packed: list[_Packed] = []
    pieces: list[Any] = []
    end = 0
    for name, array in arrays.items():
        if array.dtype.kind in _KINDS:
            pad = -end % _ALIGN
            if pad:
                pieces.append(bytes(pad))
            raw = np.ascontiguousarray(array)
            packed.append(_Packed(name, array.dtype.str, array.shape, end + pad))
            pieces.append(raw.reshape(-1).view(np.uint8).data if raw.size else b"")
            end += pad + raw.nbytes
        else:
            packed.append(_objects(name, array))
    head = _encode(_Head(height, packed))
    pad = -(_LENGTH.size + len(head)) % _ALIGN
    return [_LENGTH.pack(len(head)), head, bytes(pad), *pieces]


def _objects(name: str, array: Array) -> _Packed:
    items = array.ravel().tolist() if array.dtype.kind != "O" else list(array.flat)
    return _Packed(name, "O", array.shape, items=[_item(item) for item in items])


def _item(item: Any) -> Any:
    if isinstance(item, np.ndarray):
        if item.dtype.kind in _KINDS:
            return [item.dtype.str, item.shape, np.ascontiguousarray(item).tobytes()]
        return ["O", item.shape, [_item(leaf) for leaf in item.flat]]
    if item is None or isinstance(item, (str, bytes, bool, int, float)):
        return item
    raise TypeError(f"a `{type(item).__name__}` in a column")


def unpack_arrays(block: bytes | memoryview) -> tuple[int, dict[str, Array]]:
    """Height and arrays of a block; ValueError for bytes that are none."""
    view = memoryview(block)
    try:
        (length,) = _LENGTH.unpack_from(view)
        start = _LENGTH.size + length
        head = _decode(view[_LENGTH.size : start])
        body = view[start + (-start % _ALIGN) :]
        return head.height, {packed.name: _array(packed, body) for packed in head.arrays}
    except (msgspec.DecodeError, struct.error, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"no block of columns: {error}") from None


def _array(packed: _Packed, body: memoryview) -> Array:
    if packed.items is not None:
        array = np.empty(len(packed.items), object)
        array[:] = packed.items if _LEAVES.issuperset(map(type, packed.items)) else _leaves(packed.items)
        return array.reshape(packed.shape)
    dtype = _dtype(packed.dtype)
    count = prod(packed.shape)
    if min(packed.shape, default=0) < 0:
        raise ValueError(f"shape {packed.shape} in a block")
    flat = np.frombuffer(body, dtype, count, packed.start) if count else np.empty(0, dtype)
    return flat.reshape(packed.shape)


@lru_cache(maxsize=64)
def _dtype(text: str) -> np.dtype[Any]:
    if _DTYPE.fullmatch(text) is None:
        raise ValueError(f"dtype `{text[:40]}` in a block")
    return np.dtype(text)


def _leaves(items: list[Any]) -> Array:
    array = np.empty(len(items), object)
    for position, item in enumerate(items):
        array[position] = _leaf(item)
    return array


def _leaf(item: Any) -> Any:
    if type(item) in _LEAVES:
        return item
    if not isinstance(item, list):
        raise ValueError(f"a `{type(item).__name__}` in a block")
    dtype, shape, raw = item
    if dtype == "O":
        return _leaves(raw).reshape(shape)
    return np.frombuffer(raw, _dtype(dtype)).reshape(shape)
