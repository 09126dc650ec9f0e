"""Weighted sums of rows of numbers: in the native kernel, or in numpy where that was not built."""

from __future__ import annotations

import ctypes
import threading
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from trimtab.bundle.kernels import library
from trimtab.core.dtypes import Array

__all__ = ["NativeWeights", "Weights", "in_numpy", "sigmoid", "weighing"]

_SMALL: Final = 32
_SMALL_VALUES: Final = 1 << 17
_POINTERS: Final = ("weights", "intercept", "limit", "fill")
_TAME: Final = 1e100  # beyond it a sum may overflow or not, as the order of its additions will have it: numpy decides
_REFUSED: Final = "the input contains NaN, infinity or a value too large for the model"


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """FP64, contiguous: `weights` [columns, outputs], `intercept` [outputs], `limit` and `fill` [columns].

    limit: what is further from zero is refused. fill: what a missing value counts as, NaN: it is refused; None: no
    column has one. sigmoid: the answers are chances, not scores.
    """

    weights: Array
    intercept: Array
    limit: Array
    fill: Array | None
    sigmoid: bool


class _Linear(ctypes.Structure):
    """`trimtab_linear` of `linear.c`."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in _POINTERS),
        *((name, ctypes.c_int64) for name in ("columns", "outputs")),
        ("sigmoid", ctypes.c_int32),
    )


class _Buffers(threading.local):
    """What a small call works in, a set for each thread: asking numpy for an address costs more than copying a row."""

    def __init__(self, columns: int, outputs: int) -> None:
        self.rows: Array = np.empty((_SMALL, columns), np.float64)
        self.answers: Array = np.empty((_SMALL, outputs), np.float64)
        self.at = (self.rows.ctypes.data, self.answers.ctypes.data)


class NativeWeights:
    """The kernel's; `address` is that of its structure."""

    def __init__(self, weights: Weights, loaded: Any) -> None:
        """The arrays must be as `Weights` says."""
        self._weights = weights
        self._tame = tame = replace(weights, limit=np.minimum(weights.limit, _TAME))  # the structure points into it
        columns, self._outputs = weights.weights.shape
        self._struct = _Linear(
            **{name: part.ctypes.data for name in _POINTERS if (part := getattr(tame, name)) is not None},
            columns=columns,
            outputs=self._outputs,
            sigmoid=weights.sigmoid,
        )
        self.address, self._run = ctypes.addressof(self._struct), loaded.trimtab_linear_run
        self._small = _Buffers(columns, self._outputs) if columns * _SMALL <= _SMALL_VALUES else None

    def __call__(self, rows: Array) -> Array:
        """Answers [rows, outputs]; ValueError for what is refused."""
        count, small = len(rows), self._small
        if small is not None and count <= _SMALL:
            small.rows[:count] = rows
            given, found = small.at
            if self._run(self.address, given, count, found):
                return in_numpy(self._weights, rows)
            return small.answers[:count].copy()
        plain = np.ascontiguousarray(rows, np.float64)
        answers = np.empty((count, self._outputs), np.float64)
        if self._run(self.address, plain.ctypes.data, count, answers.ctypes.data):
            return in_numpy(self._weights, rows)
        return answers


def weighing(weights: Weights) -> Any:
    """From rows [rows, columns] to answers [rows, outputs]; ValueError for what is refused."""
    loaded = library()
    if loaded is None or not (np.abs(weights.weights) <= _TAME).all():
        return lambda rows: in_numpy(weights, rows)
    return NativeWeights(weights, loaded)


def in_numpy(weights: Weights, rows: Array) -> Array:
    """The same without the kernel."""
    if weights.fill is not None:
        rows = np.where(np.isnan(rows), weights.fill, rows)
    if not (np.abs(rows) <= weights.limit).all():
        raise ValueError(_REFUSED)
    scores: Array = rows @ weights.weights
    scores += weights.intercept
    return sigmoid(scores) if weights.sigmoid else scores


def sigmoid(scores: Array) -> Array:
    """The logistic function of each, without a warning for what is far below zero."""
    with np.errstate(over="ignore"):
        found: Array = 1.0 / (1.0 + np.exp(-scores))
    return found
