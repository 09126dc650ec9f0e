"""The bodies of one endpoint: what is known of their text, and from there to rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from trimtab.bundle.engines.native import at_most, matrix_alone
from trimtab.core.check import Raw
from trimtab.core.dtypes import Array
from trimtab.core.table import Numbers, Table, side_by_side
from trimtab.server.endpoint import Endpoint
from trimtab.server.express.frames import Frame, frame_of
from trimtab.server.express.kernel import Kernel

__all__ = ["Reading", "bytes_of", "kernel_of", "matrix_of", "open_reading", "same"]

_FRAMES: Final = 8  # which are tried one after the other
_PAUSE: Final = 256  # bodies that are not looked at after one that could not be learned, or displaced another
_LONGEST: Final = 2**16  # bytes of a body that is


class Reading:
    """Bodies to rows; on the loop's thread."""

    def __init__(self, endpoint: Endpoint, kernel: Kernel) -> None:
        """Nothing is known yet."""
        self._endpoint, self._kernel = endpoint, kernel
        self._fields = endpoint.inputs
        self._matrix = endpoint.signature.container == "matrix"
        self._frames: list[Frame] = []
        self._wait = 0

    def table(self, data: bytes, begin: int) -> Table | None:
        """The rows of the body that begins there; None where it has to be read in full."""
        at = self._kernel(data, begin, len(data))
        return None if at < 0 else self._table(self._kernel.read(self._frames[at].rows))

    def _table(self, rows: Array) -> Table:
        if self._matrix:
            (name,) = self._fields
            return Table({name: Numbers(rows.copy())}, len(rows))
        return side_by_side(self._fields, rows.T.copy())

    def part(self, begin: int, rows: int) -> Table:
        """So many rows of the matrix from that one on."""
        return self._table(self._kernel.matrix[begin : begin + rows])

    def bytes_of(self, rows: Array) -> bytes:
        """Of rows of the matrix: one column after the other."""
        return (rows if self._matrix else rows.T).tobytes()

    def learn(self, body: bytes | bytearray, columns: Mapping[str, Raw]) -> bool:
        """Whether this body is known, or is from now on; columns: what was read of it, in full."""
        if not isinstance(body, bytes) or len(body) > _LONGEST:
            return False
        if self._frames and self._kernel(body, 0, len(body)) >= 0:
            return True
        if self._wait:
            self._wait -= 1
            return False
        full = len(self._frames) == _FRAMES
        learned = self._learned(body, columns)
        if not learned or full:  # of too many forms none is worth another one
            self._wait = _PAUSE
        return learned

    def _learned(self, body: bytes, columns: Mapping[str, Any]) -> bool:
        table = self._endpoint.check.quickly(columns)
        if table is None or not self._takes(table.height):
            return False
        frame = frame_of(body, columns, self._fields, matrix=self._matrix, rows=table.height)
        if frame is None or frame in self._frames:
            return False
        were = self._frames
        before = were[-_FRAMES + 1 :]
        self._knows([*before, frame])
        # it is asked the very body that it was learned from: what it reads must be what was read
        read = self._kernel(body, 0, len(body)) == len(before)
        fits = read and same(self._kernel.read(frame.rows), matrix_of(table))
        if not fits:
            self._knows(were)
        return fits

    def _takes(self, rows: int) -> bool:
        return rows <= self._kernel.most

    def _knows(self, frames: Sequence[Frame]) -> None:
        self._frames = list(frames)
        self._kernel.know(self._frames)


def matrix_of(table: Table) -> Array:
    """The columns of a table side by side."""
    if table.block is not None:
        return table.block.T
    values = [column.values for column in table.columns.values()]
    return values[0] if len(values) == 1 and values[0].ndim > 1 else np.column_stack(values)


def bytes_of(table: Table) -> bytes:
    """Of a table that a reading made: one column after the other."""
    if table.block is not None:
        return table.block.tobytes()
    (column,) = table.columns.values()
    return column.values.tobytes()


def same(one: Array, other: Array) -> bool:
    """To the last bit."""
    return one.dtype == other.dtype and one.tobytes() == other.tobytes()


def kernel_of(endpoint: Endpoint, most: int, *, others: bool = False) -> Kernel | None:
    """What reads the endpoint's bodies of so many rows; None where they are no numbers, or there are no kernels.

    others: as for `Kernel`.
    """
    matrix = at_most(matrix_alone(endpoint.signature), most)
    try:
        return None if matrix is None else Kernel(matrix, others=others)
    except LookupError:
        return None


def open_reading(endpoint: Endpoint, most: int) -> Reading | None:
    """The endpoint's, for so many rows; None where they are more than numbers, or the kernels were not built."""
    kernel = kernel_of(endpoint, most)
    return None if kernel is None else Reading(endpoint, kernel)
