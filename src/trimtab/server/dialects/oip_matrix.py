"""Protocol bodies whose tensors are matrices of floating-point numbers: from text to arrays, no object a number.

simdjson and our own scanner read a number the same as Python does: the nearest double. What is not plainly right is
left to `oip`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, Final

import numpy as np

from trimtab.bundle.engines.scan import scanned
from trimtab.core.dtypes import DTYPES, Array
from trimtab.core.signature import Field
from trimtab.core.table import Numbers

__all__ = ["Matrices", "matrices_of"]

_KEPT: Final = 2**20  # bytes; the memory that a longer body took is not kept
_KEYS: Final = 4  # of a tensor; the library counts a key as often as it is there
_WITH_ID: Final = 2
_INTEGERS: Final = {int}
_AROUND: Final = 512  # bytes around its numbers
_FRAMES: Final = 64
_DATA: Final = b'"data":'
_SQUARES: Final = {name: float(np.finfo(DTYPES[name]).max) ** 2 for name in ("FP16", "FP32")}
_FEW: Final = 1024  # values: for many, BLAS would wake threads
# for anything else than was looked for
_DOUBT: Final = (AttributeError, LookupError, TypeError, ValueError, RuntimeError)


class Matrices:
    """The bodies of these fields, each of rows of one length."""

    def __init__(self, fields: Mapping[str, Field], parser: Any) -> None:
        """Parser: makes one of the library's."""
        self._fields = fields
        self._make = parser
        self._parser = parser()
        self._frames: dict[tuple[bytes, bytes], tuple[Field, tuple[int, int]]] = {}

    def read(self, body: bytes | bytearray) -> tuple[dict[str, Numbers], str | None] | None:
        """The columns and the id of a plain body; None for any other."""
        if not body.startswith(b"{"):  # a byte order mark, which the library skips, is no JSON
            return None
        try:
            return self._again(bytes(body))
        except _DOUBT:
            self._parser = self._make()  # one that somebody still holds a value of would not read again
            return None

    def _again(self, body: bytes) -> tuple[dict[str, Numbers], str | None] | None:
        """Callers send the same text around other numbers: what it says is read once, then only the numbers are."""
        begin = body.find(b"[", body.find(_DATA) + len(_DATA))
        while body.startswith(b"[", begin + 1):
            begin += 1
        end = body.find(b"]", begin) + 1
        short = len(body) - end + begin <= _AROUND
        known = self._frames.get((body[:begin], body[end:])) if short else None
        parser = self._parser if len(body) <= _KEPT else self._make()
        if known is not None:
            field, shape = known
            array = scanned(body, begin + 1, end - 1, shape, DTYPES[field.dtype])
            if array is None:
                array = _numbers(field, shape, parser.parse(body[begin:end]))
            return None if array is None else ({field.name: Numbers(array)}, None)
        found = self._columns(parser.parse(body), body)
        if short and found is not None and len(found[0]) == 1 and found[1] is None:
            ((name, column),) = found[0].items()
            self._learn(body, begin, end, name, column.values.shape)
        return found

    def _learn(self, body: bytes, begin: int, end: int, name: str, shape: tuple[int, ...]) -> None:
        """Where all numbers of the only tensor stand in one list, the text around it says the same of any others.

        A text with a colon behind it is a key, and no other is called so.
        """
        at = body.find(_DATA) + len(_DATA)
        numbers = body[begin:end].count(b",") + 1
        if at < len(_DATA) or body[at:begin].strip(b"[ \t\r\n") or numbers != prod(shape):
            return
        if len(self._frames) >= _FRAMES:
            self._frames.clear()
        self._frames[body[:begin], body[end:]] = self._fields[name], (shape[0], shape[1])

    def _columns(self, whole: Any, body: bytes | bytearray) -> tuple[dict[str, Numbers], str | None] | None:
        inputs = whole["inputs"]
        given = whole["id"] if len(whole) == _WITH_ID else None
        if len(whole) != (1 if given is None else _WITH_ID) or not isinstance(given, str | None):
            return None
        columns: dict[str, Numbers] = {}
        lists = 1
        for tensor in inputs:
            field = self._fields.get(tensor["name"])
            if field is None or tensor["datatype"] != field.dtype or len(tensor) != _KEYS or field.name in columns:
                return None
            shape, data = tensor["shape"].as_list(), tensor["data"]
            if set(map(type, shape)) != _INTEGERS or shape[1:] != list(field.shape[1:]):
                return None
            lists += 2
            if type(data[0]) is type(data):
                lists += shape[0]
                if len(data) != shape[0] or set(map(len, data)) != {shape[1]}:
                    return None
            array = _numbers(field, shape, data)
            if array is None:
                return None
            columns[field.name] = Numbers(array)
        # as many brackets as lists: none is deeper than it should be, and none is hidden in a text
        return (columns, given) if _behind(body, lists) < 0 else None


def matrices_of(fields: Mapping[str, Field]) -> Matrices | None:
    """The reader for these fields; None where they are not such matrices, or the library is not there."""
    for field in fields.values():
        if DTYPES[field.dtype].kind != "f" or len(field.shape) != 2 or field.shape[1] < 1:  # noqa: PLR2004
            return None
    try:
        from simdjson import Parser
    except (ImportError, RuntimeError):  # its own word for one that cannot be imported
        return None
    return Matrices(fields, Parser) if fields else None


def _numbers(field: Field, shape: Sequence[int], data: Any) -> Array | None:
    doubles: Array = np.frombuffer(data.as_buffer(of_type="d"), np.float64)
    if len(doubles) != shape[0] * shape[1]:
        return None
    dtype = DTYPES[field.dtype]
    if dtype == np.float64:
        return doubles.reshape(shape)
    with np.errstate(over="ignore"):
        # where the sum of squares is no more than the square of the largest float, no value is larger
        if len(doubles) <= _FEW and doubles.dot(doubles) <= _SQUARES[field.dtype]:
            return doubles.astype(dtype).reshape(shape)
        array = doubles.astype(dtype)
    # JSON has no infinity: it was a number too large
    return array.reshape(shape) if np.isfinite(array).all() else None


def _behind(body: bytes | bytearray, lists: int) -> int:
    """Where a bracket stands behind so many; -1: nowhere. Faster than counting, which looks at every byte in turn."""
    at = body.find(b"[")
    for _ in range(lists):
        at = body.find(b"[", at + 1)
    return at
