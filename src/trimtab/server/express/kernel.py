"""The frames of one endpoint as the kernel has them, and the call."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from trimtab.bundle.engines.native import Native
from trimtab.bundle.kernels import library
from trimtab.core.dtypes import Array
from trimtab.server.express.frames import Frame

__all__ = ["VALUES", "Kernel"]

VALUES: Final = 1 << 14  # of a matrix: what is larger is better read in full, away from the loop


class _Hole(ctypes.Structure):
    """`trimtab_hole` of `express.c`."""

    _fields_ = tuple((name, ctypes.c_int64) for name in ("count", "first", "step"))


class _Frame(ctypes.Structure):
    """`trimtab_frame`."""

    _fields_ = (
        ("text", ctypes.c_char_p),
        ("lengths", ctypes.POINTER(ctypes.c_int64)),
        ("holes", ctypes.POINTER(_Hole)),
        ("count", ctypes.c_int64),
        ("rows", ctypes.c_int64),
    )


class _Express(ctypes.Structure):
    """`trimtab_express`."""

    _fields_ = (
        ("frames", ctypes.POINTER(_Frame)),
        *((name, ctypes.c_void_p) for name in ("model", "matrix", "scratch", "answers")),
        *((name, ctypes.c_int64) for name in ("count", "columns")),
        *((name, ctypes.c_int32) for name in ("forest", "single")),
    )


class Kernel:
    """Bodies to answers, for the frames that it knows; it belongs to one thread.

    matrix: the rows of the last body that it read [rows, columns], behind those of others where `begin_at` says so;
    answers: what the model said of them [rows, width]. Both are overwritten by the next call.
    """

    def __init__(self, native: Native, *, others: bool = False) -> None:
        """LookupError where the kernels were not built. others: have room for `most` rows more, for `begin_at`."""
        loaded = library()
        if loaded is None:
            raise LookupError("there are no kernels")
        self.most = int(min(native.most, VALUES // max(native.columns, native.width)))
        self.matrix: Array = np.zeros((max(self.most, 1) * (1 + others), native.columns), native.rows)
        self._first, self._begin, self._step = 0, self.matrix.ctypes.data, self.matrix.strides[0]
        self.answers: Array = np.zeros((max(self.most, 1), native.width), native.answers)
        self._scratch = np.zeros(max(native.scratch, 1), np.uint8)
        self._native = native  # its memory is what the structure points at
        self._frames: Any = (_Frame * 0)()
        self._struct = _Express(
            model=native.address,
            matrix=self._begin,
            scratch=self._scratch.ctypes.data,
            answers=self.answers.ctypes.data,
            columns=native.columns,
            forest=native.kind == "forest",
            single=native.rows == np.float32,
        )
        self.address, self.run = ctypes.addressof(self._struct), loaded.trimtab_express_run

    def begin_at(self, row: int) -> None:
        """What is read from now on begins at that row of the matrix; at most at `most`, if there is room for others."""
        if not 0 <= row <= len(self.matrix) - self.most:
            raise ValueError("what is read behind them would not fit into the matrix")
        self._first, self._struct.matrix = row, self._begin + row * self._step

    def read(self, rows: int) -> Array:
        """So many rows of the last body."""
        return self.matrix[self._first : self._first + rows]

    def know(self, frames: Sequence[Frame]) -> None:
        """These frames and no others; of no more than `most` rows each."""
        made = (_Frame * len(frames))()
        for struct, frame in zip(made, frames, strict=True):
            self._fits(frame)
            struct.text = b"".join(frame.texts)
            struct.lengths = (ctypes.c_int64 * len(frame.texts))(*map(len, frame.texts))
            struct.holes = (_Hole * len(frame.holes))(*(_Hole(one.count, one.first, one.step) for one in frame.holes))
            struct.count, struct.rows = len(frame.holes), frame.rows
        self._frames = made
        self._struct.frames, self._struct.count = ctypes.cast(made, ctypes.POINTER(_Frame)), len(frames)

    def _fits(self, frame: Frame) -> None:
        """Nothing is ever written beside the matrix."""
        places = frame.rows * self._native.columns
        filled = [one.first + one.step * at for one in frame.holes for at in range(one.count)]
        if frame.rows > self.most or sorted(filled) != list(range(places)) or len(frame.texts) != len(frame.holes) + 1:
            raise ValueError("the frame does not fill the matrix")

    def __call__(self, text: bytes, begin: int, end: int) -> int:
        """The number of the frame that this part of the text fits, or -1: somebody else has to look at it."""
        found: int = self.run(self.address, text, begin, end)
        return found
