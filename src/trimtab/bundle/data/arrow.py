"""Arrow to checked tables by a signature, and answers back to Arrow.

Numbers never become Python objects: a column without nulls is looked at where it lies. Only a column that does not fit
its field is taken apart value by value, so that each fault can be named with its row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from trimtab.bundle.data.arrowtypes import arrow_type, element_type, is_raw, is_text, plain_type
from trimtab.bundle.predictor import Outputs
from trimtab.core.check import Raw, check
from trimtab.core.datetimes import unit_of
from trimtab.core.dtypes import DTYPES, Array, is_float
from trimtab.core.lists import split_rows
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["column_of", "columns_of", "list_lengths", "to_batch", "to_table"]


def to_table(rows: pa.RecordBatch | pa.Table, signature: Signature) -> Table:
    """The signature's columns of Arrow rows, checked; raises SignatureError, columns beyond the signature are left."""
    return check(signature, columns_of(rows, signature.inputs))


def columns_of(rows: pa.RecordBatch | pa.Table, fields: Iterable[Field]) -> dict[str, Raw]:
    """What `check` takes, for those of the fields that the rows have."""
    names = set(rows.schema.names)
    return {field.name: column_of(rows.column(field.name), field) for field in fields if field.name in names}


def column_of(array: pa.Array | pa.ChunkedArray, field: Field) -> Raw:
    """One Arrow column as the field wants it, or as Python values where some do not fit; NaN is null, as in pandas."""
    import pyarrow as pa

    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_null(array.type):
        return [None] * len(array)
    if pa.types.is_dictionary(array.type) and is_text(array.type.value_type) and field.kind == "value":
        return _shared_texts(array)
    if plain_type(array.type) != array.type:
        array = array.cast(plain_type(array.type))
    if len(field.shape) > 1:
        column = _lists(array, field)
    elif field.kind == "datetime":
        column = _times(array, unit_of(field))
    elif field.dtype == "BYTES":
        column = _texts(array, raw=field.kind == "bytes")
    else:
        column = _numbers(array, field)
    return _values(array) if column is None else column


def _values(array: pa.Array) -> list[object]:
    """Python values, NaN as None; times as ISO 8601 text."""
    import pyarrow as pa

    if pa.types.is_timestamp(array.type) or pa.types.is_date(array.type):
        array = array.cast(pa.string())
    return [None if value != value else value for value in array.to_pylist()]  # noqa: PLR0124 - NaN only


def _mask(array: pa.Array, *, nan: bool = False) -> Array | None:
    if not nan and array.null_count == 0:
        return None
    missing: Array = array.is_null(nan_is_null=nan).to_numpy(zero_copy_only=False)
    return missing if missing.any() else None


def _numbers(array: pa.Array, field: Field) -> Column | None:
    """Numbers and booleans; a change of type only where every value keeps its worth."""
    import pyarrow as pa
    from pyarrow import compute

    floating, wanted = pa.types.is_floating(array.type), arrow_type(field)
    if not (floating or pa.types.is_integer(array.type) or pa.types.is_boolean(array.type)):
        return None
    if pa.types.is_boolean(array.type) != (field.dtype == "BOOL"):
        return None
    missing = _mask(array, nan=floating)
    if floating and is_float(field.dtype):
        values = compute.fill_null(array, np.nan).to_numpy(zero_copy_only=False)
        with np.errstate(over="ignore"):
            narrow = values.astype(DTYPES[field.dtype], copy=False)
        return Column(narrow, missing) if np.array_equal(np.isinf(narrow), np.isinf(values)) else None
    if floating and missing is not None:
        array = compute.if_else(pa.array(missing), None, array)
    try:
        array = array.cast(wanted)
    except pa.ArrowInvalid:
        return None
    filler = np.nan if is_float(field.dtype) else pa.scalar(0).cast(wanted)
    values = (array if missing is None else compute.fill_null(array, filler)).to_numpy(zero_copy_only=False)
    return Column(values, missing)


def _times(array: pa.Array, unit: str) -> Column | None:
    import pyarrow as pa

    if pa.types.is_date(array.type):
        array = array.cast(pa.timestamp("s" if pa.types.is_date32(array.type) else "ms"))
    if not pa.types.is_timestamp(array.type):
        return None
    wanted = pa.timestamp(unit, array.type.tz)
    try:
        # to a finer unit Arrow refuses what would overflow; to a coarser one numpy rounds down, before 1970 as after
        finer = array.cast(wanted, safe=True)
    except pa.ArrowInvalid:
        finer = array
        if ("s", "ms", "us", "ns").index(unit) > ("s", "ms", "us", "ns").index(array.type.unit):
            return None
    values = finer.to_numpy(zero_copy_only=False).astype(f"datetime64[{unit}]", copy=False)
    return Column(values, _mask(array))


def _texts(array: pa.Array, *, raw: bool) -> Column | None:
    import pyarrow as pa

    if not (is_text(array.type) or is_raw(array.type)):
        return None
    if is_text(array.type) is raw:
        try:
            array = array.cast(pa.binary() if raw else pa.string())
        except pa.ArrowInvalid:
            return None
    return Column(array.to_numpy(zero_copy_only=False), _mask(array))


def _shared_texts(array: pa.Array) -> Column:
    """Text with few distinct values: each becomes one Python object, however many rows hold it."""
    from pyarrow import compute

    words = [*array.dictionary.to_pylist(), None]
    places = compute.fill_null(array.indices, len(words) - 1) if array.null_count else array.indices
    codes = places.to_numpy(zero_copy_only=False)
    missing = np.array([word is None for word in words])[codes]
    return Column(np.array(words, object)[codes], missing if missing.any() else None)


def _lists(array: pa.Array, field: Field) -> Column | None:
    inner = field.shape[1:]
    if element_type(array.type) is None or (len(inner) > 1 and -1 in inner):
        return None
    missing = _mask(array)
    flat, present = array, len(array) - array.null_count
    lengths = list_lengths(array) if inner[0] == -1 else None
    for level, size in enumerate(inner):
        if element_type(flat.type) is None or (level and flat.null_count):
            return None
        valid = flat.drop_null()
        if size != -1 and not (list_lengths(valid) == size).all():
            return None
        flat = valid.flatten()
    leaves = column_of(flat, replace(field, shape=(-1,), categories=None)) if not flat.null_count else None
    if not isinstance(leaves, Column):
        return None
    if lengths is not None:
        return Column(_ragged(leaves.values, lengths, missing), missing)
    values = leaves.values.reshape(present, *inner)
    return Column(values if missing is None else _spread(values, missing), missing)


def list_lengths(array: pa.Array) -> Array:
    """The length of each list, 0 for null."""
    from pyarrow import compute

    lengths: Array = compute.fill_null(compute.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    return lengths


def _ragged(leaves: Array, lengths: Array, missing: Array | None) -> Array:
    pieces: list[Any] = np.split(leaves, np.cumsum(lengths)[:-1]) if len(lengths) else []
    absent = np.zeros(len(lengths), bool) if missing is None else missing
    return split_rows(None if gone else piece for piece, gone in zip(pieces, absent.tolist(), strict=True))


def _spread(values: Array, missing: Array) -> Array:
    """Rows of values at the places that are not missing, fillers at the others."""
    filler = np.nan if values.dtype.kind == "f" else (None if values.dtype.kind == "O" else 0)
    array = np.full((len(missing), *values.shape[1:]), filler, values.dtype)
    array[~missing] = values
    return array


def to_batch(outputs: Outputs, fields: Iterable[Field]) -> pa.RecordBatch:
    """Answers as Arrow columns of the fields' types, in the fields' order.

    Raises KeyError for an output that is not there, ValueError for values that do not fit.
    """
    import pyarrow as pa

    fields = tuple(fields)
    arrays = [_answer(np.asarray(outputs[field.name]), arrow_type(field)) for field in fields]
    return pa.RecordBatch.from_arrays(arrays, names=[field.name for field in fields])


def _answer(values: Array, wanted: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if values.dtype.kind == "O":
        return pa.array([_plain(value) for value in values], wanted)
    if 0 in values.shape[1:]:
        return pa.array(values.tolist(), wanted)
    flat = pa.array(values.ravel())
    leaf, sizes = wanted, values.shape[1:]
    while (element := element_type(leaf)) is not None:
        leaf = element
    array = flat.cast(leaf)
    for size in reversed(sizes):
        array = pa.FixedSizeListArray.from_arrays(array, size)
    return array.cast(wanted)


def _plain(value: object) -> object:
    return value.tolist() if isinstance(value, np.ndarray) else value
