"""What the columns of an endpoint's interactions are: written once a segment, so that a record need not say it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from trimtab.core.datetimes import unit_of
from trimtab.core.dtypes import DTYPES, Array
from trimtab.core.signature import Field

__all__ = ["ColumnSchema", "Schema", "column_schema"]


class ColumnSchema(msgspec.Struct, frozen=True):
    """One column as it is kept. shape: of one row; -1 varies. unit: of times. policy: what made it what it is."""

    name: str
    dtype: str
    shape: tuple[int, ...] = ()
    kind: str = "value"
    unit: str = ""
    policy: str = "keep"

    @property
    def numpy(self) -> Any:
        """The numpy dtype of its values in memory; `object` for text, bytes and lists of varying length."""
        return f"datetime64[{self.unit}]" if self.unit else DTYPES[self.dtype]

    def is_plain(self, values: Array) -> bool:
        """Whether the values are told by their bytes alone."""
        return values.dtype == self.numpy and values.dtype.kind != "O" and values.shape[1:] == self.shape


class Schema(msgspec.Struct, frozen=True):
    """The columns of one revision behind one endpoint. outputs: None where the signature does not name them."""

    endpoint: str
    revision: str
    inputs: tuple[ColumnSchema, ...]
    outputs: tuple[ColumnSchema, ...] | None = None

    def to_json(self) -> bytes:
        """As a segment has it."""
        return _encode(self)

    @classmethod
    def from_json(cls, data: bytes | memoryview) -> Schema:
        """The inverse; ValueError for anything else, names of datatypes and units included."""
        try:
            schema = _decode(data)
        except msgspec.DecodeError as error:
            raise ValueError(f"no schema of interactions: {error}") from None
        for column in (*schema.inputs, *(schema.outputs or ())):
            if column.dtype not in DTYPES or column.unit not in _UNITS:
                raise ValueError(f"no schema of interactions: `{column.name[:50]}` is `{column.dtype[:50]}`")
        return schema


_UNITS: Final = ("", "s", "ms", "us", "ns")
_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Schema).decode


def column_schema(field: Field, policy: str = "keep") -> ColumnSchema:
    """The schema of a field's column, as what the policy leaves of it is kept."""
    unit = unit_of(field) if field.kind == "datetime" else ""
    return ColumnSchema(field.name, field.dtype, tuple(field.shape[1:]), field.kind, unit, policy)
