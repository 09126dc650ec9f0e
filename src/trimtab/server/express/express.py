"""One endpoint on the express lane: what it knows of bodies, and how it writes answers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from math import isfinite
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from trimtab.bundle.engines.native import Native, at_most, native_of
from trimtab.bundle.engines.scan import scanned
from trimtab.bundle.predictor import Outputs, Predictor
from trimtab.core.dtypes import Array
from trimtab.core.table import Table
from trimtab.server.batching.at_once import AtOnce
from trimtab.server.dialects.oip_answer import texts_of
from trimtab.server.endpoint import Endpoint
from trimtab.server.express.frames import Frame, Hole
from trimtab.server.express.kernel import Kernel
from trimtab.server.express.leaving import Found
from trimtab.server.express.reading import Reading, matrix_of, same

__all__ = ["Express", "open_express"]

_FEW: Final = 32  # values that are looked at faster one by one
_GOLDEN: Final = 64  # golden rows that it is held against
_encode: Final = msgspec.json.Encoder().encode


class _Known(NamedTuple):
    """A frame, and what belongs to the answers of its bodies."""

    height: int  # its rows
    rows: Array  # views of what the kernel fills
    columns: Array  # as `raw` gives them
    answers: Array
    head: bytes  # of an answer: up to its id, and from there to its values
    middle: bytes


class Express(Reading):
    """Bodies of an endpoint to answers."""

    def __init__(self, endpoint: Endpoint, native: Native, kernel: Kernel, at_once: AtOnce) -> None:
        """Nothing is known yet."""
        super().__init__(endpoint, kernel)
        self._native, self._at_once = native, at_once
        self._texts = texts_of(endpoint)
        self._known: list[_Known] = []

    def answer(self, data: bytes, begin: int) -> Found | None:
        """What the model says to the body that begins there; None where it has to be read in full."""
        at = -1 if self._at_once.crowded else self._kernel.run(self._kernel.address, data, begin, len(data))
        if at < 0:
            return None
        known = self._known[at]
        values = known.answers.tolist()
        if not (all(map(isfinite, values)) if len(values) <= _FEW else np.isfinite(known.answers).all()):
            return None  # they have words of their own
        return Found(known.height, known.head, b"%b%b}]}" % (known.middle, _encode(values)), at)

    @property
    def dtypes(self) -> tuple[Any, Any]:
        """Of the inputs, and of the output."""
        return self._native.rows, self._native.answers

    def raw(self, found: Found) -> tuple[bytes, bytes]:
        """The inputs, one column after the other, and the output; of the last body that was answered."""
        known = self._known[found.at]
        return known.columns.tobytes(), known.answers.tobytes()

    def kept(self, found: Found) -> tuple[Table, Outputs]:
        """The same as a table and its outputs."""
        known = self._known[found.at]
        outputs = {self._native.output: known.answers.reshape(self._shape(known.height)).copy()}
        return self._table(known.rows), outputs

    def agrees(self, golden: Table, predictor: Predictor) -> bool:
        """Whether the call answers these rows as the predictor does, to the last bit."""
        rows = matrix_of(golden)
        hole = Hole(rows.size, 0, 1)
        self._kernel.know([Frame((b"", b""), (hole,), len(rows))])
        text = _text(rows)
        if self._kernel(text, 0, len(text)) < 0:
            return False
        wanted = predictor(golden)
        found = self._kernel.answers[: len(rows)].reshape(self._shape(len(rows)))
        self._kernel.know([])
        return wanted.keys() == {self._native.output} and same(found, wanted[self._native.output])

    def _shape(self, rows: int) -> tuple[int, ...]:
        flat = self._native.flat and self._native.width == 1
        return (rows,) if flat else (rows, self._native.width)

    def _takes(self, rows: int) -> bool:
        return super()._takes(rows) and self._at_once.worth(rows)

    def _knows(self, frames: Sequence[Frame]) -> None:
        super()._knows(frames)
        self._known = [self._made(frame) for frame in frames]

    def _made(self, frame: Frame) -> _Known:
        head, middle = self._texts.around(self._native.output, frame.rows)
        rows, answers = self._kernel.matrix[: frame.rows], self._kernel.answers[: frame.rows]
        return _Known(frame.rows, rows, rows if self._matrix else rows.T, answers.reshape(-1), head, middle)


def open_express(endpoint: Endpoint, predictor: Predictor, at_once: AtOnce, most: int) -> Express | None:
    """The endpoint's, for so many rows; None where its model is more than the kernel's call, or that says otherwise."""
    native, golden = at_most(native_of(predictor), most), endpoint.golden
    if native is None or golden is None or golden.inputs.height == 0:
        return None
    try:
        kernel = Kernel(native)
    except LookupError:
        return None
    express = Express(endpoint, native, kernel, at_once)
    rows = golden.inputs.rows(_plain(golden.inputs, min(kernel.most, _GOLDEN)))
    return express if rows.height and express.agrees(rows, predictor) else None


def _plain(table: Table, most: int) -> Array:
    """The first rows that have a number in every column, written as callers mostly do."""
    plain = np.ones(table.height, bool)
    for column in table.columns.values():
        finite = np.isfinite(column.values)
        plain &= finite.reshape(table.height, -1).all(axis=1)
    rows = matrix_of(table)
    read = (at for at in np.flatnonzero(plain).tolist() if _readable(rows[at]))
    return np.array(list(islice(read, most)), np.intp)


def _readable(row: Array) -> bool:
    """Whether the kernel reads all of its numbers."""
    text = _text(row)
    return scanned(text, 0, len(text), (1, len(row)), row.dtype) is not None


def _text(rows: Array) -> bytes:
    return ",".join(map(repr, rows.ravel().tolist())).encode()
