"""Columns of many interactions, as they were written, to one Arrow array: bytes are joined, never taken apart.

Lists are plain lists, whatever their length; the shape is in the schema. Half precision becomes single, which every
reader of Parquet knows, and every value is the same. Times are in UTC and without a zone, as they are in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.journal.interactions.decode import dtype_named
from trimtab.journal.interactions.schema import ColumnSchema
from trimtab.journal.seal.mixed import as_text, together

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["array_of", "arrow_type", "leaves"]

_ALIASES: Final = {"BOOL": "bool", "FP16": "float", "FP32": "float", "FP64": "double"}


def arrow_type(column: ColumnSchema) -> pa.DataType:
    """What a column that is kept as its schema says becomes."""
    import pyarrow as pa

    if column.kind == "datetime":
        type_ = pa.timestamp(column.unit)
    elif column.dtype == "BYTES":
        type_ = pa.binary() if column.kind == "bytes" else pa.string()
    else:
        type_ = pa.type_for_alias(_ALIASES.get(column.dtype, column.dtype.lower()))
    for _ in column.shape:
        type_ = pa.list_(type_)
    return type_


def array_of(items: Sequence[Any], rows: int, column: ColumnSchema | None) -> pa.Array:
    """One value a row of all interactions, each of which has `rows`; null for those that have no such item.

    column: None for an output that the signature does not name. ValueError for items that are none.
    """
    kinds = set(map(type, items))
    if kinds == {bytes}:
        return _plain(items, rows, column)
    if kinds == {list}:
        return _listed(items, rows, column)
    import pyarrow as pa

    forms: dict[Any, list[int]] = {}
    for at, item in enumerate(items):
        forms.setdefault(_form(item), []).append(at)
    arrays, places = [], []
    for form, where in forms.items():
        chosen = [items[at] for at in where]
        match form:
            case "none":
                array = pa.nulls(len(chosen) * rows)
            case "plain":
                array = _plain(chosen, rows, column)
            case "listed":
                array = _listed(chosen, rows, column)
            case _:
                array = _told(chosen, rows, form)
        arrays.append(array)
        places.append((np.array(where)[:, None] * rows + np.arange(rows)).ravel())
    if len(arrays) == 1:
        return arrays[0] if column is None or arrays[0].null_count < len(arrays[0]) else _nothing(arrays[0], column)
    back = np.argsort(np.concatenate(places), kind="stable")
    return pa.concat_arrays(together(arrays)).take(pa.array(back))


def _nothing(array: pa.Array, column: ColumnSchema) -> pa.Array:
    """An array without a value says at least of which type its values would be."""
    import pyarrow as pa

    return pa.nulls(len(array), arrow_type(column)) if pa.types.is_null(array.type) else array


def _form(item: Any) -> Any:
    if item is None:
        return "none"
    if isinstance(item, bytes):
        return "plain"
    if isinstance(item, list):
        return "listed"
    if not isinstance(item, Mapping):
        raise ValueError("an item of no form")
    return (item["d"], tuple(item["s"])) if "d" in item else "plain"


def _plain(items: Sequence[Any], rows: int, column: ColumnSchema | None) -> pa.Array:
    """Bytes of the schema's own datatype and shape."""
    if column is None:
        raise ValueError("values without a datatype")
    return _numbers(items, rows, np.dtype(column.numpy), column.shape)


def _told(items: Sequence[Mapping[str, Any]], rows: int, form: tuple[str, tuple[int, ...]]) -> pa.Array:
    """Bytes that say themselves what they are."""
    dtype, shape = form
    if not shape or shape[0] != rows:
        raise ValueError("values of another number of rows")
    return _numbers(items, rows, dtype_named(dtype), shape[1:])


def _numbers(items: Sequence[Any], rows: int, dtype: np.dtype[Any], shape: tuple[int, ...]) -> pa.Array:
    bare = set(map(type, items)) == {bytes}
    raws = items if bare else [item if isinstance(item, bytes) else item["v"] for item in items]
    size = rows * prod(shape) * dtype.itemsize
    if dtype.kind == "O" or min(shape, default=0) < 0 or set(map(len, raws)) != {size}:
        raise ValueError("values that do not fit their shape")
    missing = None
    if not bare:
        none = bytes((rows + 7) // 8)
        bits = [none if isinstance(item, bytes) else item.get("m", none) for item in items]
        packed = np.frombuffer(b"".join(bits), np.uint8).reshape(len(items), len(none))
        missing = np.unpackbits(packed, axis=1, count=rows).ravel().astype(bool)
    return _nested(np.frombuffer(b"".join(raws), dtype), len(items) * rows, shape, missing)


def _nested(values: Array, rows: int, shape: tuple[int, ...], missing: Array | None = None) -> pa.Array:
    """Values row by row as an array of so many rows, lists of them where a row has more than one."""
    import pyarrow as pa

    if not shape:
        return leaves(values, missing)
    array = leaves(values)
    for depth in range(len(shape), 0, -1):
        size, count = shape[depth - 1], rows * prod(shape[: depth - 1])
        ends = pa.array(np.arange(count + 1, dtype=np.int32) * size)
        array = pa.ListArray.from_arrays(ends, array, mask=None if missing is None or depth > 1 else pa.array(missing))
    return array


def leaves(values: Array, missing: Array | None = None) -> pa.Array:
    """Numbers, booleans or times as they are written; NaT is null."""
    import pyarrow as pa

    if values.dtype == np.float16:
        values = values.astype(np.float32)
    if values.dtype.kind == "M" and (nat := np.isnat(values)).any():
        missing = nat if missing is None else nat | missing
        values = np.where(
            nat, np.zeros((), values.dtype), values
        )  # Parquet has no seconds, and NaT is not in its range
    return pa.array(values, mask=missing)


def _listed(items: Sequence[list[Any]], rows: int, column: ColumnSchema | None) -> pa.Array:
    """Values one by one: texts, raw bytes, lists of varying length."""
    import pyarrow as pa

    if set(map(len, items)) != {rows}:
        raise ValueError("values of another number of rows")
    values = list(chain.from_iterable(items))
    kinds = set(map(type, values))
    if dict in kinds and kinds <= {dict, type(None)} and (array := _ragged(values)) is not None:
        return array
    if column is not None:
        try:
            return pa.array(values, arrow_type(column))
        except (pa.ArrowException, OverflowError):
            pass  # what a policy has left of them is of another type
    try:
        array = pa.array(values)
        return pa.array([_untold(value) for value in values]) if _has_arrays(array.type) else array
    except (pa.ArrowException, OverflowError):
        return as_text([_untold(value) for value in values])


def _has_arrays(type_: pa.DataType) -> bool:
    """Whether there are arrays among lists, which Arrow takes for records."""
    import pyarrow as pa

    return _has_arrays(type_.value_type) if pa.types.is_list(type_) else pa.types.is_struct(type_)


def _ragged(values: Sequence[Mapping[str, Any] | None]) -> pa.Array | None:
    """Arrays of one datatype and varying shape as lists; None where they are of several sorts."""
    import pyarrow as pa

    sorts = {(value["d"], len(value["s"])) for value in values if value is not None}
    if len(sorts) != 1 or (sort := sorts.pop())[1] < 1:
        return None
    dtype, axes = dtype_named(sort[0]), sort[1]
    shapes = np.array([(0,) * axes if value is None else value["s"] for value in values], np.int64)
    sizes = shapes.prod(axis=1) * dtype.itemsize
    raws = [b"" if value is None else value["v"] for value in values]
    if (shapes < 0).any() or any(len(raw) != size for raw, size in zip(raws, sizes.tolist(), strict=True)):
        raise ValueError("values that do not fit their shape")
    array = leaves(np.frombuffer(b"".join(raws), dtype))
    for depth in range(axes, 0, -1):
        lengths = np.repeat(shapes[:, depth - 1], shapes[:, : depth - 1].prod(axis=1))
        ends = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
        absent = pa.array([value is None for value in values]) if depth == 1 else None
        array = pa.ListArray.from_arrays(ends, array, mask=absent)
    return array


def _untold(value: Any) -> Any:
    """An array as lists, however deep in others it is."""
    if isinstance(value, list):
        return [_untold(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    dtype, shape = dtype_named(value["d"]), tuple(value["s"])
    if len(value["v"]) != prod(shape) * dtype.itemsize:
        raise ValueError("values that do not fit their shape")
    array = np.frombuffer(value["v"], dtype).reshape(shape)
    return array.tolist() if dtype.kind != "M" else np.datetime_as_string(array).tolist()
