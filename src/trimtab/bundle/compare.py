"""How far two answers are apart, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trimtab.bundle.predictor import Outputs
from trimtab.core.dtypes import Array

__all__ = ["Difference", "compare"]


@dataclass(frozen=True, slots=True)
class Difference:
    """The largest difference found: its size and place; among rows out of tolerance if there are any.

    worst is absolute; infinite where values are not numbers or the arrays cannot be compared. row is -1 and column
    empty where no one place is meant.
    """

    worst: float
    column: str
    row: int
    ok: bool


def compare(expected: Outputs, got: Outputs, rtol: float, atol: float) -> Difference:
    """Numbers within atol + rtol * |expected| are equal, NaN equals NaN; everything else must be exactly equal."""
    odd = next((name for name in [*expected, *got] if name not in got or name not in expected), None)
    if odd is not None:
        return Difference(np.inf, odd, -1, ok=False)
    found = [_column(name, expected[name], got[name], (rtol, atol)) for name in expected]
    return _worst(found) or Difference(0.0, "", -1, ok=True)


def _worst(found: Sequence[Difference]) -> Difference | None:
    return max(found, key=lambda difference: (not difference.ok, difference.worst), default=None)


def _column(name: str, expected: Array, got: Array, tolerance: tuple[float, float]) -> Difference:
    if expected.dtype.kind == "O" and expected.ndim == 1 and any(isinstance(item, np.ndarray) for item in expected):
        return _ragged(name, expected, got, tolerance)
    numbers = expected.dtype.kind in "iuf" and got.dtype.kind in "iuf"
    if expected.shape != got.shape or not (numbers or expected.dtype.kind == got.dtype.kind):
        return Difference(np.inf, name, -1, ok=False)
    if not expected.size:
        return Difference(0.0, name, -1, ok=True)
    if expected.dtype.kind == "f" or got.dtype.kind == "f":
        distance, bad = _floats(expected.astype(np.float64), got.astype(np.float64), tolerance)
    else:
        distance, bad = _exact(expected, got)
    distance, bad = _by_row(distance, bad)
    row = int(np.argmax(np.where(bad, distance, -1.0) if bad.any() else distance))
    return Difference(float(distance[row]), name, row, ok=not bad.any())


def _by_row(distance: Array, bad: Array) -> tuple[Array, Array]:
    """The largest distance of each row, among its values out of tolerance if there are any."""
    distance, bad = distance.reshape(len(distance), -1), bad.reshape(len(bad), -1)
    odd: Array = np.asarray(bad.any(axis=1))
    return np.where(bad | ~odd[:, None], distance, 0.0).max(axis=1), odd


def _floats(expected: Array, got: Array, tolerance: tuple[float, float]) -> tuple[Array, Array]:
    """Distance of each value, and whether it is out of tolerance."""
    rtol, atol = tolerance
    same = (expected == got) | (np.isnan(expected) & np.isnan(got))
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.where(same, 0.0, np.abs(got - expected))
        bad = ~same & ~(distance <= atol + rtol * np.abs(expected))
    unfit = ~same & ~(np.isfinite(expected) & np.isfinite(got))
    return np.where(unfit, np.inf, distance), bad | unfit


def _exact(expected: Array, got: Array) -> tuple[Array, Array]:
    if expected.dtype.kind in "iu":
        apart = [abs(int(left) - int(right)) for left, right in zip(expected.flat, got.flat, strict=True)]
        distance = np.array(apart, np.float64).reshape(expected.shape)
        return distance, distance > 0
    same = np.asarray(expected == got, bool)
    if expected.dtype.kind == "M":
        same = np.asarray(same | (np.isnat(expected) & np.isnat(got)))
    bad = ~same
    return np.where(bad, np.inf, 0.0), bad


def _ragged(name: str, expected: Array, got: Array, tolerance: tuple[float, float]) -> Difference:
    if len(expected) != len(got):
        return Difference(np.inf, name, -1, ok=False)
    found = []
    for row, (left, right) in enumerate(zip(expected, got, strict=True)):
        if left is None or right is None:
            same = left is right
            found.append(Difference(0.0 if same else np.inf, name, row, ok=same))
        else:
            inner = _column(name, left, np.asarray(right), tolerance)
            found.append(Difference(inner.worst, name, row, ok=inner.ok))
    return _worst(found) or Difference(0.0, name, -1, ok=True)
