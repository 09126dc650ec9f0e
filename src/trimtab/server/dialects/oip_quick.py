"""Protocol bodies as most callers write them, in one reading: tensors of plain values in JSON, nothing beside them.

Whatever is not as plain as that, or is in doubt, is left to `oip`, which decides and names every fault: both agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, Final

import msgspec
import numpy as np

from trimtab.core.check import Raw
from trimtab.core.dtypes import DTYPES
from trimtab.core.signature import Field
from trimtab.core.table import Numbers
from trimtab.server.dialects.oip_matrix import matrices_of
from trimtab.server.endpoint import Endpoint

__all__ = ["Quick", "quick_of"]

_KEY: Final = "oip"  # what is noted of an endpoint
_PAUSE: Final = 64  # requests that are not tried after one that was not plain
_NUMBERS: Final = frozenset({float, int})
_INTEGERS: Final = frozenset({int})


class _Flat(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    shape: list[int]
    datatype: str
    data: list[int | float | str | bool | None]


class _FlatBody(msgspec.Struct, forbid_unknown_fields=True):
    inputs: list[_Flat]
    id: str | None = None


_DECODER: Final = msgspec.json.Decoder(_FlatBody)


class Quick:
    """The bodies of one endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Sorts out which bodies the signature can take."""
        self._fields = fields = endpoint.inputs
        self._fixed = all(-1 not in field.shape[1:] for field in fields.values())
        self._matrices = matrices_of(fields)
        self._wait = 0

    def read(self, body: bytes | bytearray) -> tuple[Mapping[str, Raw], str | None] | None:
        """The columns and the id of a plain body; None for any other."""
        if self._wait:
            self._wait -= 1
            return None
        matrices = self._matrices
        found: tuple[Mapping[str, Raw], str | None] | None
        found = self._flat(body) if matrices is None else matrices.read(body)
        if found is None:
            self._wait = _PAUSE
        return found

    def _flat(self, body: bytes | bytearray) -> tuple[dict[str, Raw], str | None] | None:
        if not self._fixed:
            return None
        try:
            given = _DECODER.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        found = self._columns(given.inputs)
        # as many colons as keys: no key is there twice, and no text has one
        if found is None or body.count(b":") != 1 + 4 * len(found) + (given.id is not None):
            return None
        return found, given.id

    def _columns(self, tensors: list[_Flat]) -> dict[str, Raw] | None:
        fields = self._fields
        columns: dict[str, Raw] = {}
        for tensor in tensors:
            field = fields.get(tensor.name)
            if field is None or tensor.datatype != field.dtype:
                return None
            column = _flat(field, tensor.shape, tensor.data)
            if column is None:
                return None
            columns[tensor.name] = column
        return columns if len(columns) == len(tensors) else None


def quick_of(endpoint: Endpoint) -> Quick:
    """The one of this endpoint."""
    found = endpoint.notes.get(_KEY)
    if not isinstance(found, Quick):
        found = endpoint.notes[_KEY] = Quick(endpoint)
    return found


def _flat(field: Field, shape: list[int], data: list[Any]) -> Raw | None:
    """Values one after another; one a row stays a list, which is checked together with the other columns."""
    if len(field.shape) == 1:
        return data if shape in ([len(data)], [len(data), 1]) else None
    kind = DTYPES[field.dtype].kind
    types = _NUMBERS if kind == "f" else _INTEGERS if kind in "iu" else None
    if types is None or not data or prod(shape) != len(data) or min(shape) < 0 or not set(map(type, data)) <= types:
        return None
    return _numbers(field, data, shape)


def _numbers(field: Field, data: list[Any], shape: list[int]) -> Raw | None:
    """JSON has no NaN, so none is in them."""
    dtype = DTYPES[field.dtype]
    try:
        if dtype.itemsize == 8:  # noqa: PLR2004 - of 64 bits: whatever was read fits
            array = np.array(data, dtype)
        else:
            with np.errstate(over="ignore"):
                array = np.array(data, dtype)
            if dtype.kind == "f" and not np.isfinite(array).all():
                return None
        return Numbers(array if array.ndim == len(shape) and list(array.shape) == shape else array.reshape(shape))
    except (ValueError, OverflowError):
        return None
