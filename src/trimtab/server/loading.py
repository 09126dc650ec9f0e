"""Loads a bundle and finds out what it is like: does it answer its golden rows, how fast, and may rows share a call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from trimtab.bundle.golden import Golden, compare
from trimtab.bundle.predictor import Outputs, Predictor, parts_of
from trimtab.core.table import Table
from trimtab.server.pools import native_threads

__all__ = ["Loaded", "load_checked"]

_WARM_CALLS: Final = 5
_ALONE: Final = 8  # golden rows that are also asked one by one
_SIZES: Final = (1, 4, 16, 64, 256)
_BOX_S: Final = 0.25  # for measuring; a slow model is measured on fewer sizes
_APART_RTOL, _APART_ATOL = 1e-5, 1e-7  # matrix products round differently in another number of rows


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A predictor and what was found. `unfit`: why it must not answer, else empty. `points`: seconds a call by rows.

    threads: how many each kind of native thread pool in this process would use.

    alone: why its rows must not be joined with others into one call, else empty.
    """

    predictor: Predictor
    unfit: str = ""
    alone: str = ""
    points: Mapping[int, float] = field(default_factory=dict)
    threads: Mapping[str, int] = field(default_factory=dict)

    @property
    def yields(self) -> bool:
        """Whether it answers part by part where that is asked for."""
        return parts_of(self.predictor) is not None


def load_checked(
    load: Callable[[], Predictor], golden: Golden | None, clock: Callable[[], float] = time.perf_counter
) -> Loaded:
    """Load, replay the golden rows together and alone, measure; what user code raises passes through."""
    predictor = load()
    if golden is None or golden.inputs.height == 0:
        return Loaded(predictor, alone="there are no golden rows to show that rows do not depend on each other")
    together = predictor(golden.inputs)
    unfit = _replayed(golden, together)
    if unfit:
        return Loaded(predictor, unfit=unfit)
    alone, points = _depends(predictor, golden, together), _measured(predictor, golden.inputs, clock)
    return Loaded(predictor, "", alone, points, native_threads())


def _replayed(golden: Golden, got: Outputs) -> str:
    """Empty when the answers are those of the training process, else the worst difference."""
    difference = compare(golden.outputs, got, golden.rtol, golden.atol)
    if difference.ok:
        return ""
    return (
        f"golden row {difference.row} gives another `{difference.column}` than in training:"
        f" largest difference {difference.worst:g}"
    )


def _depends(predictor: Predictor, golden: Golden, together: Outputs) -> str:
    """Empty when a row gets the same answer alone and among others."""
    last = golden.inputs.height - 1
    picks = sorted({round(at * last / (_ALONE - 1)) for at in range(_ALONE)})
    rtol, atol = max(golden.rtol, _APART_RTOL), max(golden.atol, _APART_ATOL)
    for row in picks:
        one = slice(row, row + 1)
        expected = {name: array[one] for name, array in together.items()}
        difference = compare(expected, predictor(golden.inputs.rows(one)), rtol, atol)
        if not difference.ok:
            return f"golden row {row} gets another `{difference.column}` alone than among others"
    return ""


def _measured(predictor: Predictor, rows: Table, clock: Callable[[], float]) -> dict[int, float]:
    """Seconds of a call by rows, the best of some; the time box bounds the sizes, not the first one."""
    points: dict[int, float] = {}
    end = clock() + _BOX_S
    for size in _SIZES:
        table = rows.rows(np.arange(size) % rows.height)
        points[size] = min(_seconds(predictor, table, clock) for _ in range(_WARM_CALLS if size == 1 else 2))
        if clock() + points[size] * 8 > end:
            break
    return points


def _seconds(predictor: Predictor, table: Table, clock: Callable[[], float]) -> float:
    start = clock()
    predictor(table)
    return clock() - start
