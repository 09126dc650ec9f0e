"""Arrow types and the signature's fields: which belongs to which, in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from trimtab.core.datetimes import is_zoned, unit_of
from trimtab.core.dtypes import is_float, is_integer
from trimtab.core.signature import Field, Kind

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Described", "arrow_type", "describe", "element_type", "misfit"]

_ARROW_NAMES: Final = {
    "BOOL": "bool", "UINT8": "uint8", "UINT16": "uint16", "UINT32": "uint32", "UINT64": "uint64", "INT8": "int8",
    "INT16": "int16", "INT32": "int32", "INT64": "int64", "FP16": "halffloat", "FP32": "float", "FP64": "double",
}  # fmt: skip
_WIRE_NAMES: Final = {arrow: wire for wire, arrow in _ARROW_NAMES.items()}
_WAYS_OUT: Final = (
    ("is_decimal", "cast it to double, or to text if every digit counts"),
    ("is_duration", "store it as a number of seconds"),
    ("is_time", "store it as text or as a number of seconds"),
    ("is_interval", "store it as a number"),
    ("is_struct", "store each of its members as a column of its own"),
    ("is_map", "store it as a column for each key, or as JSON text"),
    ("is_union", "store it as a column for each of its types"),
)


@dataclass(frozen=True, slots=True)
class Described:
    """What a column of an Arrow type is on the wire; `axes` counts the lists around each value."""

    dtype: str
    kind: Kind = "value"
    axes: int = 0


def plain_type(type_: pa.DataType) -> pa.DataType:
    """The type of the values themselves: without extension, dictionary and run-length wrapping."""
    import pyarrow as pa

    while True:
        if isinstance(type_, pa.BaseExtensionType):
            type_ = type_.storage_type
        elif pa.types.is_dictionary(type_) or pa.types.is_run_end_encoded(type_):
            type_ = type_.value_type
        else:
            return type_


def element_type(type_: pa.DataType) -> pa.DataType | None:
    """The type of the elements of a list type of any sort, None for other types."""
    from pyarrow import types

    tests = ("is_list", "is_large_list", "is_fixed_size_list", "is_list_view", "is_large_list_view")
    return type_.value_type if any(getattr(types, test)(type_) for test in tests) else None


def describe(type_: pa.DataType) -> Described | str:
    """What the type is on the wire, or the way out for a type that has no place there."""
    from pyarrow import types

    type_ = plain_type(type_)
    axes = 0
    while (element := element_type(type_)) is not None:
        type_, axes = plain_type(element), axes + 1
    if types.is_boolean(type_):
        return Described("BOOL", axes=axes)
    if str(type_) in _WIRE_NAMES:
        return Described(_WIRE_NAMES[str(type_)], axes=axes)
    if is_text(type_):
        return Described("BYTES", axes=axes)
    if is_raw(type_):
        return Described("BYTES", "bytes", axes)
    if (types.is_timestamp(type_) or types.is_date(type_)) and not axes:
        return Described("BYTES", "datetime")
    ways = [way for test, way in _WAYS_OUT if getattr(types, test)(type_)]
    return ways[0] if ways else "store it as numbers, text or lists of these"


def is_text(type_: pa.DataType) -> bool:
    """Whether the type is one of Arrow's three text types."""
    return str(type_) in ("string", "large_string", "string_view")


def is_raw(type_: pa.DataType) -> bool:
    """Whether the type is raw bytes of any sort."""
    return str(type_).startswith(("binary", "large_binary", "fixed_size_binary"))


def misfit(type_: pa.DataType, field: Field) -> str:
    """Why no value of the type can ever be one of the field, empty if values have to be looked at."""
    import pyarrow as pa

    if pa.types.is_null(type_):
        return ""
    got = describe(type_)
    text = f"is `{type_}` in the file, the signature says `{field}`"
    if isinstance(got, str):
        return f"{text}; {got}"
    if got.axes != len(field.shape) - 1:
        return text
    numbers = _is_number(got.dtype) and _is_number(field.dtype)
    same = got.dtype == field.dtype and (got.kind == field.kind or (got.kind, field.kind) != ("datetime", "value"))
    times_as_bytes = got.kind == "datetime" and field.kind == "bytes"
    return "" if numbers or (same and not times_as_bytes) else text


def _is_number(dtype: str) -> bool:
    return is_integer(dtype) or is_float(dtype)


def arrow_type(field: Field) -> pa.DataType:
    """The Arrow type that a column of the field is written as; an axis of fixed length stays fixed."""
    import pyarrow as pa

    type_: Any
    if field.kind == "datetime":
        type_ = pa.timestamp(unit_of(field), "UTC" if is_zoned(field) else None)
    elif field.dtype == "BYTES":
        type_ = pa.binary() if field.kind == "bytes" else pa.string()
    else:
        type_ = pa.type_for_alias(_ARROW_NAMES[field.dtype])
    for size in reversed(field.shape[1:]):
        type_ = pa.list_(type_) if size < 1 else pa.list_(type_, size)  # Arrow has no fixed length of zero
    return type_
