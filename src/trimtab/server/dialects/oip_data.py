"""The JSON data of one tensor: straight into numbers where the field says which, value by value otherwise."""

from __future__ import annotations

from math import prod
from typing import Any, Final

import msgspec
import numpy as np

from trimtab.core.check import Raw
from trimtab.core.dtypes import DTYPES
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.core.tensors import decode_json

__all__ = ["numbers", "values"]

_INTEGERS: Final[Any] = msgspec.json.Decoder(list[int]), msgspec.json.Decoder(list[list[int]])
_FLOATS: Final[Any] = msgspec.json.Decoder(list[float]), msgspec.json.Decoder(list[list[float]])
_DECODERS: Final = {"f": _FLOATS, "i": _INTEGERS, "u": _INTEGERS}  # by kind: of flat data, of rows
_BLANKS: Final = b" \t\r\n"


def numbers(field: Field, shape: list[int], data: msgspec.Raw) -> Raw | None:
    """The column of plain numbers of the field's own dtype; None when it is not as plain as that.

    One number a row stays a list, which is checked together with the other columns.
    """
    kind = DTYPES[field.dtype].kind
    text = bytes(data).lstrip(_BLANKS)
    nested = text[1:].lstrip(_BLANKS)[:1] == b"["
    try:
        if len(field.shape) == 1:
            if nested:
                return None
            flat: list[float] = _DECODERS[kind][0].decode(data)
            return flat if shape in ([len(flat)], [len(flat), 1]) else None
        given = _DECODERS[kind][nested].decode(data)
        with np.errstate(over="ignore"):
            array = np.array(given, DTYPES[field.dtype])
    except (msgspec.DecodeError, ValueError, OverflowError, RecursionError):
        return None
    fits = list(array.shape) == shape if nested else min(shape, default=0) > 0 and prod(shape) == array.size
    if not fits or (kind == "f" and np.isinf(array).any()):  # JSON has no infinity: it was a number too large
        return None
    return Column(array.reshape(shape))


def values(datatype: str, shape: list[int], data: list[Any], field: Field | None) -> Raw:
    """The column of any data; raises TensorError naming the row of the first value that does not fit."""
    if field is not None and datatype == field.dtype and len(field.shape) == 1 and _is_plain(shape, data):
        return data  # parsed once, by the field, where a message can name the row
    return decode_json(datatype, shape, data)


def _is_plain(shape: list[int], data: list[Any]) -> bool:
    """Whether the data is one value a row, of which the shape says no more than their number."""
    rows = len(data)
    return shape in ([rows], [rows, 1]) and not (rows and isinstance(data[0], list))
