"""What scalers, imputers and their like do to a matrix, operation by operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np

from trimtab.bundle.engines.steps import Bins, Fill, Floats, Move, Products, Refuses, Scale
from trimtab.core.dtypes import Array

__all__ = ["FUNCTIONS", "RefusedRowsError", "absent", "binned", "filled", "floats", "product", "refuse", "scaled"]

# value by value, and with the same bits wherever a value stands
FUNCTIONS: Final[dict[str, Any]] = {
    name: getattr(np, name)
    for name in (
        *("log1p", "log", "log2", "log10", "sqrt", "cbrt", "square", "abs", "absolute", "fabs", "negative", "sign"),
        *("exp", "exp2", "expm1", "reciprocal", "floor", "ceil", "rint", "trunc", "tanh", "arctan", "arcsinh"),
    )
}

_Run: TypeAlias = Callable[[Array], Array]

_UFUNCS: Final[dict[str, Any]] = {"minus": np.subtract, "by": np.divide, "times": np.multiply, "plus": np.add}
_DOUBLE, _SINGLE = np.dtype(np.float64), np.dtype(np.float32)


class RefusedRowsError(ValueError):
    """The rows hold what scikit-learn's own checks refuse: an infinity, a missing value, a category never seen."""


def refuse(matrix: Array, refuses: Refuses) -> Array:
    """The matrix; ValueError where it holds what scikit-learn's own check refuses there."""
    if refuses and matrix.dtype.kind == "f":
        fault = np.isinf(matrix).any() if refuses == "infinity" else not np.isfinite(matrix).all()
        if fault:
            word = "NaN, infinity or a value too large" if refuses == "missing" else "infinity or a value too large"
            msg = f"the input contains {word} for the model"
            raise RefusedRowsError(msg)
    return matrix


def _as_floats(matrix: Array) -> Array:
    """FP32 and FP64 stay what they are, all else becomes FP64."""
    return matrix if matrix.dtype in (_DOUBLE, _SINGLE) else matrix.astype(_DOUBLE)


def floats(step: Floats) -> _Run:
    """See `Floats`."""
    if step.single:
        return lambda matrix: refuse(_as_floats(matrix), step.refuses)
    return lambda matrix: refuse(matrix.astype(_DOUBLE, copy=False), step.refuses)


def scaled(step: Scale) -> _Run:
    """See `Scale`."""
    moves = [(_UFUNCS[move.op], _numbers(move)) for move in step.moves]

    def run(matrix: Array) -> Array:
        rows = refuse(_as_floats(matrix), "infinity").copy()
        single = rows.dtype == _SINGLE
        for function, (same, wide) in moves:
            function(rows, same if single else wide, out=rows, casting="same_kind")
        if step.clip is not None:
            np.clip(rows, rows.dtype.type(step.clip[0]), rows.dtype.type(step.clip[1]), out=rows)
        return rows

    return run


def _numbers(move: Move) -> tuple[Array, Array]:
    """The numbers of a move for rows of FP32 and for rows of FP64; wider numbers make the operation wider."""
    wide = np.array(move.values, move.dtype or _DOUBLE)
    return wide if move.dtype else wide.astype(_SINGLE), wide


def filled(step: Fill) -> _Run:
    """See `Fill`."""
    values = {dtype: np.array(step.values, dtype) for dtype in (_DOUBLE, _SINGLE)}
    keep = None if step.keep is None else np.array(step.keep, np.intp)
    flags = np.array(step.flags, np.intp)

    def run(matrix: Array) -> Array:
        rows = _as_floats(matrix) if step.floats else matrix
        refuse(rows, "infinity" if step.mark is None else "missing")
        gone = rows == step.mark if step.mark is not None else np.isnan(rows) if rows.dtype.kind == "f" else None
        if gone is None:
            gone = np.zeros(rows.shape, bool)
        here = gone
        if keep is not None:
            rows, here = rows[:, keep], gone[:, keep]
        fill = values.get(rows.dtype)
        made: Array = np.where(here, np.array(step.values).astype(rows.dtype) if fill is None else fill, rows)
        return np.concatenate((made, gone[:, flags]), axis=1) if len(flags) else made

    return run


def product(step: Products) -> _Run:
    """See `Products`."""
    keep = np.array(step.keep, np.intp)

    def run(matrix: Array) -> Array:
        rows = refuse(_as_floats(matrix), "missing")
        first = [np.ones((len(rows), 1), rows.dtype)] if step.bias else []
        width = rows.shape[1] + len(first) + sum(end - start for start, end, _ in step.groups)
        made = np.empty((len(rows), width), rows.dtype)
        at = rows.shape[1] + len(first)
        made[:, :at] = np.concatenate([*first, rows], axis=1)
        for start, end, column in step.groups:
            np.multiply(made[:, start:end], rows[:, column : column + 1], out=made[:, at : at + end - start])
            at += end - start
        return made[:, keep]

    return run


def binned(step: Bins) -> _Run:
    """See `Bins`."""
    edges = [np.array(inner, np.float64) for inner in step.edges]

    def run(matrix: Array) -> Array:
        rows = refuse(_as_floats(matrix), "missing")
        made = np.empty(rows.shape, rows.dtype)
        for at, inner in enumerate(edges):
            made[:, at] = np.searchsorted(inner, rows[:, at], side="right")
        return made

    return run


def absent(matrix: Array) -> Array:
    """See `Absent`."""
    rows = _as_floats(matrix)
    return np.where(rows == 0, rows.dtype.type(np.nan), rows)
