"""An interaction to bytes: in the path of every request, so what can be known ahead is found out once an endpoint.

A record is a msgpack array: the number of its schema, the facts, then inputs and outputs. Columns are an array of
items, or one run of bytes where all of them are numbers that lay side by side. An item is the bytes of the values
(little-endian, row by row), `{v, m}` with the bits of missing rows, `{d, s, v}` where the schema does not tell dtype or
shape, or a list of values: texts, raw bytes, lists of varying length.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec
import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.table import Column, Table
from trimtab.journal.interactions.schema import ColumnSchema, Schema

__all__ = ["Encoder", "Facts", "Protect"]

# a column, and when it was asked about (seconds since 1970), to what may be kept of it
Protect: TypeAlias = Callable[[Column, float], Column | None]
# all that an interaction says beside its columns, in the order of `FACTS` in `decode.py`
Facts: TypeAlias = tuple[Any, ...]
_encode: Final = msgspec.msgpack.Encoder().encode
_MICROS: Final = 1e6
_LITTLE: Final = sys.byteorder == "little"


class Encoder:
    """Writes the interactions of one endpoint and revision."""

    def __init__(self, number: int, schema: Schema, protect: Mapping[str, Protect], dropped: frozenset[str]) -> None:
        """number: of the schema in the segment. protect: by column, for those that are not kept as they are.

        dropped: inputs and outputs that are not in the schema.
        """
        self._number = number
        self._inputs = [_Column(one, protect.get(one.name)) for one in schema.inputs]
        self._outputs = None if schema.outputs is None else [_Column(c, protect.get(c.name)) for c in schema.outputs]
        self._protect, self._dropped = protect, dropped
        plain = [one.plain for one in self._inputs]
        self._block = plain[0] if plain and len(set(plain)) == 1 else None
        self._count = len(plain)

    def __call__(self, facts: Facts, table: Table | None, outputs: Mapping[str, Array] | None) -> bytes:
        """The record; columns that are None were never there."""
        given: Any = None
        if table is not None:
            block = table.block
            if block is not None and block.dtype is self._block and len(block) == self._count:
                given = block.tobytes()
            else:
                columns, given = table.columns, []
                for one in self._inputs:
                    column = columns[one.name]
                    values = column.values
                    if values.dtype is one.plain and values.ndim == one.inner and column.missing is None:  # as most are
                        given.append(values.tobytes())
                    else:
                        given.append(_item(one.schema, _kept(column, one.protect, facts)))
        answered: Any = None
        if outputs is not None:
            answered = self._named(outputs, facts) if self._outputs is None else []
            for one in self._outputs or ():
                found = outputs.get(one.name)
                if found is None:
                    answered.append(None)
                elif found.dtype is one.plain and found.ndim == one.inner:
                    answered.append(found.tobytes())
                else:
                    answered.append(_item(one.schema, _kept(Column(found), one.protect, facts)))
        return _encode((self._number, facts, given, answered))

    def plain(self, rows: Any, answers: Any) -> bool:
        """Whether `pack` will do: all columns are kept as they are, inputs of the one dtype and an output of the other.

        The inputs are one, or have one number a row each.
        """
        inputs, outputs = self._inputs, self._outputs or ()
        alike = all(one.plain is not None and one.plain == rows for one in inputs)
        single = len(outputs) == 1 and outputs[0].plain is not None and outputs[0].plain == answers
        whole = not self._dropped  # what is dropped must not be among the bytes
        return alike and single and whole and (len(inputs) == 1 or self._block is not None)

    def pack(self, facts: Facts, inputs: bytes, output: bytes) -> bytes:
        """The record; inputs: one column after the other."""
        return _encode((self._number, facts, [inputs] if self._count == 1 else inputs, [output]))

    def _named(self, outputs: Mapping[str, Array], facts: Facts) -> dict[str, Any]:
        return {
            name: _item(None, _kept(Column(values), self._protect.get(name), facts))
            for name, values in outputs.items()
            if name not in self._dropped
        }


class _Column:
    """How one column is written; plain: the dtype of arrays of `inner` axes that their bytes alone tell, or None."""

    __slots__ = ("inner", "name", "plain", "protect", "schema")

    def __init__(self, schema: ColumnSchema, protect: Protect | None) -> None:
        self.name = schema.name
        self.plain = None if protect or not _LITTLE or schema.unit or schema.dtype == "BYTES" else schema.numpy
        self.inner = len(schema.shape) + 1
        self.schema, self.protect = schema, protect
        if -1 in schema.shape:
            self.plain = None


def _kept(column: Column, protect: Protect | None, facts: Facts) -> Column | None:
    return column if protect is None else protect(column, facts[1] / _MICROS)


def _item(schema: ColumnSchema | None, column: Column | None) -> Any:
    if column is None:
        return None
    values, missing = column.values, column.missing
    if values.dtype.kind in "OUS":
        return _values(values, missing)
    if schema is not None and _LITTLE and schema.is_plain(values):
        raw = values.tobytes()
        return raw if missing is None else {"v": raw, "m": np.packbits(missing).tobytes()}
    little = values.astype(values.dtype.newbyteorder("<"), copy=False)
    item = {"d": little.dtype.str, "s": little.shape, "v": little.tobytes()}
    return item if missing is None else item | {"m": np.packbits(missing).tobytes()}


def _values(values: Array, missing: Array | None) -> list[Any]:
    items = [_plain(value) for value in values.tolist()]
    if missing is not None:
        for row in np.flatnonzero(missing).tolist():
            items[row] = None
    return items


def _plain(value: Any) -> Any:
    """A value that msgpack has: text, bytes, numbers, lists of them."""
    if isinstance(value, np.ndarray):
        return _typed(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, str | bytes | bool | int | float) else str(value)


def _typed(array: Array) -> Any:
    if array.dtype.kind in "OUS":
        return [_plain(one) for one in array.tolist()]
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return {"d": little.dtype.str, "s": little.shape, "v": little.tobytes()}
