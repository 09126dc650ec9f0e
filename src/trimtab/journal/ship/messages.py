"""The rows of a sealed file as messages: a key that says which row it is, JSON, and headers.

A value is one flat object with the file's columns: times in ISO 8601, bytes in base64, NaN as null and the infinities
as text, as everywhere in trimtab's JSON. A row sent twice has the same key, so that whoever reads a topic, and the
broker that compacts it, can keep one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Final

import msgspec
import numpy as np

from trimtab.core.datetimes import format_datetimes

__all__ = ["KEPT", "Message", "key_of", "messages", "no_more", "schema_name"]

# never cut out of a message that is too large
KEPT: Final = frozenset({"id", "row", "time", "received", "endpoint", "revision", "name"})
_encode: Final = msgspec.json.Encoder(enc_hook=str, decimal_format="string").encode


@dataclass(frozen=True, slots=True)
class Message:
    """value: None says that the row of that key is no more."""

    key: str
    value: bytes | None
    headers: list[tuple[str, bytes]]


def schema_name(schema: Any) -> str:
    """Twelve digits that are the same as long as the columns and their types are."""
    text = "\n".join(f"{field.name} {field.type}" for field in schema)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def messages(batch: Any, stream: str, largest: int) -> Iterator[Message]:
    """One message for each row of an Arrow batch, in its order.

    One of more than `largest` bytes is sent without its longest columns: they are null, and the header `trimtab-cut`
    names them.
    """
    schema = schema_name(batch.schema).encode()
    common = [("trimtab-stream", stream.encode()), ("trimtab-schema", schema), ("content-type", b"application/json")]
    names = ["stream", *batch.schema.names]
    columns = [[stream] * batch.num_rows, *(_plain(column) for column in batch.columns)]
    for row in zip(*columns, strict=True):
        record = dict(zip(names, row, strict=True))
        value = _encode(record)
        key = key_of(stream, record, value)
        headers = [*common, ("trimtab-revision", str(record["revision"]).encode())] if "revision" in record else common
        if len(value) > largest:
            value, gone = _cut(record, largest)
            headers = [*headers, ("trimtab-cut", json.dumps(gone).encode())]
        yield Message(key, value, headers)


def no_more(key: str, stream: str) -> Message:
    """The row of that key was removed here, and is to be removed there."""
    return Message(key, None, [("trimtab-stream", stream.encode())])


def key_of(stream: str, record: Mapping[str, Any], value: bytes = b"") -> str:
    """The interaction's id and the row; of what was said of it later, also which of all that was said."""
    row = record.get("row")
    place = record["id"] if row is None else f"{record['id']}/{row}"
    if stream == "interactions":
        return str(place)
    return f"{stream}/{place}/{hashlib.sha256(value).hexdigest()[:16]}"


def _cut(record: dict[str, Any], largest: int) -> tuple[bytes, list[str]]:
    gone: list[str] = []
    sizes = {name: len(_encode(value)) for name, value in record.items() if name not in KEPT and name != "stream"}
    for name in sorted(sizes, key=lambda one: -sizes[one]):
        gone.append(name)
        value = _encode(record | dict.fromkeys(gone))
        if len(value) <= largest:
            break
    return value, gone


def _plain(column: Any) -> list[Any]:
    """The values of an Arrow column as JSON has them."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        return list(format_datetimes(column.to_numpy(zero_copy_only=False), zoned=True))
    values: list[Any]
    if pa.types.is_floating(kind):
        numbers = column.to_numpy(zero_copy_only=False)  # null is NaN, and both are written as null
        values = numbers.tolist()
        return [_finite(value) for value in values] if np.isinf(numbers).any() else values
    if pa.types.is_nested(kind):
        return [_finite(value) for value in column.to_pylist()]
    if column.null_count or not any(is_kind(kind) for is_kind in (pa.types.is_integer, pa.types.is_boolean)):
        values = column.to_pylist()
    else:
        values = column.to_numpy(zero_copy_only=False).tolist()  # many times as fast
    return values


def _finite(value: Any) -> Any:
    if isinstance(value, float) and value in (inf, -inf):
        return "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    return value
