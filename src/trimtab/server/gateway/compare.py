"""Whether two backends have answered the same, whatever wraps it: numbers within a tolerance, all else exactly."""

from __future__ import annotations

from math import isclose, isnan
from typing import Any, Final

import msgspec

__all__ = ["agree"]

# of what is around a prediction, these name the server, the request or the moment, and differ between any two answers
_AROUND: Final = frozenset({"id", "model_name", "model_version", "parameters", "metadata", "timestamp"})
_decode: Final = msgspec.json.Decoder().decode


def agree(champion: bytes, challenger: bytes, tolerance: float) -> bool | None:
    """None where one of them is no JSON, and nothing is known.

    Compared are `outputs` of the Open Inference Protocol, `predictions` of MLflow and TensorFlow Serving, else the
    whole answers but for what names the server or the request. tolerance: absolute and relative.
    """
    try:
        left, right = _decode(champion), _decode(challenger)
    except (msgspec.DecodeError, RecursionError):
        return None
    try:
        return _same(_core(left), _core(right), tolerance)
    except RecursionError:
        return None


def _core(value: Any) -> Any:
    """What was predicted."""
    if not isinstance(value, dict):
        return value
    outputs = value.get("outputs")
    if isinstance(outputs, list) and all(isinstance(one, dict) and "name" in one for one in outputs):
        return {one["name"]: {name: one[name] for name in ("shape", "data") if name in one} for one in outputs}
    if "predictions" in value:
        return value["predictions"]
    return {name: one for name, one in value.items() if name not in _AROUND}


def _same(left: Any, right: Any, tolerance: float) -> bool:
    numbers = isinstance(left, int | float), isinstance(right, int | float)
    if all(numbers):
        return _close(left, right, tolerance)
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[name], right[name], tolerance) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(_same(a, b, tolerance) for a, b in zip(left, right, strict=True))
    return bool(left == right)


def _close(left: float, right: float, tolerance: float) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    try:
        if isnan(left) or isnan(right):
            return isnan(left) and isnan(right)
        return isclose(left, right, rel_tol=tolerance, abs_tol=tolerance)
    except OverflowError:  # integers beyond any float
        return left == right
