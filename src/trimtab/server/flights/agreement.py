"""Whether two revisions have answered the same: numbers within a tolerance, labels exactly, lists of scores ranked."""

from __future__ import annotations

from typing import Final

import numpy as np

from trimtab.bundle.compare import compare
from trimtab.bundle.golden import Golden
from trimtab.bundle.predictor import Outputs
from trimtab.core.dtypes import Array

__all__ = ["agree", "tolerance"]

_RTOL, _ATOL = 1e-5, 1e-8
_FLAT: Final = 2


def tolerance(golden: Golden | None) -> tuple[float, float]:
    """Relative and absolute: those of golden rows, and never less than single precision is worth."""
    return (_RTOL, _ATOL) if golden is None else (max(golden.rtol, _RTOL), max(golden.atol, _ATOL))


def agree(champion: Outputs, challenger: Outputs, within: tuple[float, float]) -> bool:
    """Whether every output that the champion has given is the same; what the challenger gives beside is not asked.

    A list of scores in each row is the same when it ranks the same; equal scores rank by their place.
    """
    rtol, atol = within
    for name, ours in champion.items():
        theirs = challenger.get(name)
        if theirs is None:
            return False
        if _scores(ours) and _scores(theirs):
            if not _ranked_alike(ours, theirs):
                return False
        elif not compare({name: ours}, {name: theirs}, rtol, atol).ok:
            return False
    return True


def _scores(array: Array) -> bool:
    if array.dtype.kind == "O":
        return bool(len(array)) and all(
            isinstance(row, np.ndarray) and row.ndim == 1 and row.dtype.kind in "iuf" for row in array
        )
    return array.dtype.kind in "iuf" and array.ndim == _FLAT and array.shape[1] > 1


def _ranked_alike(ours: Array, theirs: Array) -> bool:
    return len(ours) == len(theirs) and all(
        len(left) == len(right) and np.array_equal(_order(left), _order(right))
        for left, right in zip(ours, theirs, strict=True)
    )


def _order(scores: Array) -> Array:
    """Places from the highest score to the lowest; NaN is below all."""
    return np.argsort(-np.nan_to_num(scores.astype(np.float64), nan=-np.inf), kind="stable")
