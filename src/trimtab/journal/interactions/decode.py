"""Bytes to interactions: whoever reads a journal comes through here. A checksum has said before that they are whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from math import prod
from typing import Any, Final

import msgspec
import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.interactions import Interaction
from trimtab.core.table import Column
from trimtab.journal.interactions.schema import ColumnSchema, Schema

__all__ = ["Record", "decode", "dtype_named", "interaction_of", "number_of"]


class _Facts(msgspec.Struct, array_like=True, frozen=True):
    """What `Facts` has, in its order. time, seconds: in microseconds."""

    id: str
    time: int
    seconds: int
    status: int
    rows: int
    dialect: str
    principal: str = ""
    request_id: str = ""
    error: str = ""
    sampled: float = 1.0
    subjects: list[str] | None = None
    arm: str = ""
    probability: float = 1.0


class Record(msgspec.Struct, array_like=True, frozen=True):
    """A record as it was written; its columns are still items."""

    schema: int
    facts: _Facts
    inputs: Any = None
    outputs: Any = None


_decode: Final = msgspec.msgpack.Decoder(Record).decode
_DTYPE: Final = re.compile(r"[<|][biuf](1|2|4|8)|<M8\[(s|ms|us|ns|D)\]")
_MICROS: Final = 1e6


def decode(payload: bytes | memoryview) -> Record:
    """The record; ValueError for bytes that are none."""
    try:
        return _decode(payload)
    except msgspec.DecodeError as error:
        raise ValueError(f"no record of an interaction: {error}") from None


def number_of(payload: bytes | memoryview) -> int:
    """Which schema a record needs."""
    return decode(payload).schema


def interaction_of(record: Record, schema: Schema) -> Interaction:
    """The interaction; ValueError where columns and schema do not fit."""
    facts, rows = record.facts, record.facts.rows
    try:
        inputs = _columns(schema.inputs, record.inputs, rows)
        outputs = _columns(schema.outputs, record.outputs, rows)
    except (TypeError, ValueError, KeyError, IndexError) as error:
        raise ValueError(f"no record of an interaction: {error}") from None
    return Interaction(
        facts.id,
        facts.time / _MICROS,
        schema.endpoint,
        schema.revision,
        facts.status,
        facts.seconds / _MICROS,
        rows,
        facts.dialect,
        facts.principal,
        facts.request_id,
        facts.error,
        facts.arm,
        facts.probability,
        facts.sampled,
        inputs,
        outputs,
        tuple(facts.subjects or ()),
    )


def _columns(schemas: tuple[ColumnSchema, ...] | None, items: Any, rows: int) -> dict[str, Column]:
    if items is None:
        return {}
    if isinstance(items, dict):
        return {name: _column(None, item, rows) for name, item in items.items() if item is not None}
    if schemas is None:
        raise ValueError("columns without names")
    if isinstance(items, bytes):
        block = np.frombuffer(items, schemas[0].numpy).reshape(len(schemas), rows)
        return {schema.name: Column(values) for schema, values in zip(schemas, block, strict=True)}
    pairs = zip(schemas, items, strict=True)
    columns = {schema.name: _column(schema, item, rows) for schema, item in pairs if item is not None}
    if any(len(column) != rows for column in columns.values()):
        raise ValueError(f"a column of other than {rows} rows")
    return columns


def _column(schema: ColumnSchema | None, item: Any, rows: int) -> Column:
    if isinstance(item, list):
        inner = () if schema is None else schema.shape
        return _tensor(item, inner) if inner and min(inner) >= 0 else _listed(item)
    if isinstance(item, Mapping):
        missing = (
            None if "m" not in item else np.unpackbits(np.frombuffer(item["m"], np.uint8), count=rows).astype(bool)
        )
        values = _array(item) if "d" in item else _plain(schema, item["v"], rows)
        return Column(values, missing)
    return Column(_plain(schema, item, rows))


def _plain(schema: ColumnSchema | None, raw: bytes, rows: int) -> Array:
    if schema is None:
        raise ValueError("values without a datatype")
    return np.frombuffer(raw, schema.numpy).reshape(rows, *schema.shape)


def _array(item: Mapping[str, Any]) -> Array:
    shape = tuple(item["s"])
    if len(item["v"]) != prod(shape) * dtype_named(item["d"]).itemsize:
        raise ValueError("values that do not fit their shape")
    return np.frombuffer(item["v"], dtype_named(item["d"])).reshape(shape)


@lru_cache(maxsize=32)
def dtype_named(text: str) -> np.dtype[Any]:
    """The datatype of that name in an item; ValueError for one that is not written."""
    if _DTYPE.fullmatch(text) is None:
        raise ValueError(f"dtype `{text[:40]}`")
    return np.dtype(text)


def _listed(items: list[Any]) -> Column:
    values = np.empty(len(items), object)
    for row, item in enumerate(items):
        values[row] = _leaf(item)
    missing = np.fromiter((item is None for item in items), bool, len(items))
    return Column(values, missing if missing.any() else None)


def _tensor(items: list[Any], inner: tuple[int, ...]) -> Column:
    """Texts of one shape in every row; a row that is missing has None everywhere."""
    values = np.empty((len(items), *inner), object)
    missing = np.fromiter((item is None for item in items), bool, len(items))
    for row, item in enumerate(items):
        if item is not None:
            values[row] = np.array(item, object).reshape(inner)
    return Column(values, missing if missing.any() else None)


def _leaf(item: Any) -> Any:
    if isinstance(item, Mapping):
        return _array(item)
    if isinstance(item, list):
        return _listed(item).values
    return item
