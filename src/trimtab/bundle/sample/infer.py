"""What a column of a sample is: from Python values, a numpy array or an Arrow column.

Nothing is guessed beyond what the sample shows: a column is nullable when the sample has a null in it, a list is of
fixed length when all its rows are equally long, and ranges are never taken from data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from trimtab.bundle.data.arrow import column_of, list_lengths
from trimtab.bundle.data.arrowtypes import describe, plain_type
from trimtab.core.check import Raw
from trimtab.core.dtypes import DTYPES, Array, dtype_of
from trimtab.core.errors import Problem
from trimtab.core.signature import Field, Kind
from trimtab.core.table import Column

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ColumnError", "Found", "all_null", "from_array", "from_arrow", "from_values", "unsupported"]

Found: TypeAlias = tuple[Field, Raw]

_TYPES: Final = ((bool, "boolean"), (int, "integer"), (float, "float"), (str, "text"), (bytes, "bytes"), (date, "time"))
_DTYPES: Final = {"boolean": "BOOL", "integer": "INT64", "float": "FP64"}
_KINDS: Final[dict[str, Kind]] = {"bytes": "bytes", "time": "datetime"}
_WAYS_OUT: Final = {
    "Decimal": "convert it to float, or to text if every digit counts",
    "timedelta": "convert it to a number of seconds",
    "Timedelta": "convert it to a number of seconds",
    "time": "convert it to text or to a number of seconds",
    "dict": "make each of its members a column of its own, or JSON text",
}
_ELSE: Final = "convert it to numbers, text or lists of these"
_LARGEST: Final = int(np.iinfo(np.int64).max)


class ColumnError(Exception):
    """A column that no field can be made of."""

    def __init__(self, code: str, what: str, hint: str) -> None:
        """The code, what is wrong with the column, and the way out."""
        super().__init__(what)
        self.problem = Problem(code, what, hint=hint)


def unsupported(name: str, type_: object, way_out: str = _ELSE) -> ColumnError:
    """The error for a type that has no place in a signature."""
    return ColumnError("P265", f"column `{name}` is `{type_}`, which a signature has no datatype for", way_out)


def all_null(name: str) -> ColumnError:
    """The error for a column whose type cannot be seen."""
    hint = f'say what it holds in trimtab.toml: `[signature.inputs]` `{name} = {{ dtype = "FP64" }}`'
    return ColumnError("P267", f"column `{name}` has no value in any row, so its type cannot be seen", hint)


def from_values(name: str, values: Sequence[Any]) -> Found:
    """The field of Python values, None and NaN being null; numpy's scalars and arrays count as numbers and lists."""
    plain = [_plain(value) for value in values]
    kinds: dict[str, int] = {}
    shapes = {_walk(name, value, row, kinds) for row, value in enumerate(plain) if value is not None}
    if not kinds:
        raise all_null(name)
    depth = max(map(len, shapes))
    # what a list that ends empty would hold it does not show: it may be as deep as the others
    shapes = {(*shape, *[0] * (depth - len(shape))) if shape[-1:] == (0,) else shape for shape in shapes}
    if len({len(shape) for shape in shapes}) > 1:
        rows = {
            len(_walk(name, value, 0, {})): row for row, value in reversed([*enumerate(plain)]) if value is not None
        }
        first, second, *_ = sorted(rows.values())
        hint = "make every row a list of the same depth"
        raise ColumnError("P266", f"column `{name}` is nested differently in row {first} and row {second}", hint)
    kind = _one_kind(name, kinds)
    shape = (-1, *(sizes.pop() if len(sizes) == 1 else -1 for sizes in map(set, zip(*shapes, strict=True))))
    meaning = _KINDS.get(kind, "value")
    field = Field(name, _DTYPES.get(kind, "BYTES"), shape, None in plain, kind=meaning, frame="object")
    if kind == "time":
        zoned = all(isinstance(value, datetime) and value.tzinfo for value in plain if value is not None)
        texts = [None if value is None else value.isoformat() for value in plain]
        return replace(field, frame="datetime64[us, UTC]" if zoned else "datetime64[us]"), texts
    if kind == "integer" and shape == (-1,) and max(value for value in plain if value is not None) > _LARGEST:
        return replace(field, dtype="UINT64"), plain
    return field, plain


def _plain(value: Any) -> Any:
    if isinstance(value, np.datetime64):
        return value.astype("datetime64[us]").item()
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN only
        return None
    return bytes(value) if isinstance(value, (bytearray, memoryview)) else value


def _walk(name: str, value: Any, row: int, kinds: dict[str, int]) -> tuple[int, ...]:
    """The lengths of the nested lists of one value; notes the first row of each kind of leaf."""
    if isinstance(value, (list, tuple, np.ndarray)):
        inner = {_walk(name, item, row, kinds) for item in value if item is not None}
        depth = max(map(len, inner), default=0)
        deep = [sizes for sizes in inner if len(sizes) == depth]
        return len(value), *(sizes.pop() if len(sizes) == 1 else -1 for sizes in map(set, zip(*deep, strict=True)))
    value = value.item() if isinstance(value, np.generic) else value
    kind = next((kind for type_, kind in _TYPES if isinstance(value, type_)), "")
    if not kind:
        type_name = type(value).__name__
        raise unsupported(name, type_name, _WAYS_OUT.get(type_name, _ELSE))
    kinds.setdefault(kind, row)
    return ()


def _one_kind(name: str, kinds: dict[str, int]) -> str:
    if len(kinds) == 1:
        return next(iter(kinds))
    if set(kinds) == {"integer", "float"}:
        return "float"
    (first, row), (second, other), *_ = sorted(kinds.items(), key=lambda item: item[1])
    what = f"column `{name}` mixes types: {first} in row {row}, {second} in row {other}"
    raise ColumnError("P266", what, "convert the whole column to one type")


def from_array(name: str, values: Array) -> Found:
    """The field of a numpy array whose first axis is rows; NaN and NaT are null."""
    if values.ndim == 0:
        raise ColumnError("P265", f"`{name}` is a single value, not an array of rows", "give it an axis of rows")
    if isinstance(values, np.ma.MaskedArray):
        raise unsupported(name, "masked array", "fill it: `.filled(numpy.nan)`")
    kind = values.dtype.kind
    if kind == "O":
        field, raw = from_values(name, values.tolist())
        return replace(field, frame="" if field.kind == "value" else field.frame), raw
    if kind == "M" and values.ndim == 1:
        unit = np.datetime_data(values.dtype)[0]
        unit = unit if unit in ("s", "ms", "us", "ns") else "s"
        missing = np.isnat(values)
        field = Field(name, "BYTES", kind="datetime", nullable=bool(missing.any()), frame=f"datetime64[{unit}]")
        return field, Column(values.astype(f"datetime64[{unit}]"), missing if missing.any() else None)
    try:
        dtype = dtype_of(values)
    except TypeError:
        raise unsupported(name, values.dtype) from None
    shape = (-1, *values.shape[1:])
    if kind in "US":
        meaning: Kind = "value" if kind == "U" else "bytes"
        return Field(name, dtype, shape, kind=meaning), Column(values.astype(object))
    missing = np.isnan(values) if kind == "f" and values.ndim == 1 else np.zeros(1, bool)
    field = Field(name, dtype, shape, bool(missing.any()))
    return field, Column(values.astype(DTYPES[dtype], copy=False), missing if missing.any() else None)


def from_arrow(name: str, array: pa.ChunkedArray, frame: str) -> Found:
    """The field of an Arrow column that pandas shows as `frame`; dates become times at midnight."""
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_null(array.type):
        raise all_null(name)
    described = describe(array.type)
    if isinstance(described, str):
        raise unsupported(name, array.type, described)
    nullable, sizes, flat = array.null_count > 0, [], array.combine_chunks()
    for _ in range(described.axes):
        lists = flat.drop_null()
        lengths = set(list_lengths(lists).tolist())
        sizes.append(lengths.pop() if len(lengths) == 1 and lengths != {0} else -1)
        flat = lists.flatten()
    if pa.types.is_floating(plain_type(array.type)):
        nullable = nullable or bool(compute.any(compute.is_nan(array)).as_py())
    if pa.types.is_date(plain_type(array.type)):
        frame = "datetime64[ms]"
    field = Field(name, described.dtype, (-1, *sizes), nullable, kind=described.kind, frame=frame)
    return field, column_of(array, field)
