"""From raw scores to answers, with the bits of the library that is copied.

LightGBM, XGBoost and SciPy's logistic function call `exp` of the C library. numpy's own `exp` differs from that in the
last bit now and then, so these links go through the C library too: through the native kernel, or value by value
through Python's `math`, which calls the same functions. Where scikit-learn itself uses numpy's `exp`, so do we. Bits
can therefore differ only from a library that was linked against another C library than this process.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np

from trimtab.bundle.forest.layout import NATIVE_LINKS, Facts
from trimtab.core.dtypes import Array

__all__ = ["LINKS", "answers"]

_CLIP: Final = np.float32(88.7)


def answers(scores: Array, facts: Facts, *, linked: bool) -> Array:
    """Raw scores [rows, groups], which may be overwritten, to answers [rows] or [rows, several].

    `linked` says that the kernel was asked for answers, and so has divided and has applied a link of its own.
    """
    if not linked and facts.divisor > 1:
        scores /= facts.divisor
    if not linked or facts.link not in NATIVE_LINKS:
        scores = LINKS[facts.link](scores, facts.scale)
    if facts.link == "two_chances":
        both = np.empty((len(scores), 2))
        both[:, 1] = scores[:, 0]
        np.subtract(1, both[:, 1], out=both[:, 0])
        return both
    return scores[:, 0] if facts.flat else scores


def _same(scores: Array, _scale: float) -> Array:
    return scores


def _logistic(scores: Array, scale: float) -> Array:
    return 1.0 / (1.0 + _exp(-scale * scores))


def _softmax(scores: Array, _scale: float) -> Array:
    """Sums one class after the other, which numpy's `sum` does not promise."""
    powers = _exp(scores - scores.max(axis=1, keepdims=True))
    chances: Array = powers / np.add.accumulate(powers, axis=1)[:, -1:]
    return chances


def _log1p_exp(scores: Array, _scale: float) -> Array:
    return _each(math.log1p, _exp(scores))


def _logistic_single(scores: Array, _scale: float) -> Array:
    return np.float32(1) / (_exp_single(np.minimum(-scores, _CLIP)) + np.float32(1))


def _softmax_single(scores: Array, _scale: float) -> Array:
    powers = _exp_single(scores - scores.max(axis=1, keepdims=True))
    total = np.add.accumulate(powers.astype(np.float64), axis=1)[:, -1:]
    chances: Array = powers / total.astype(np.float32)
    return chances


def _softmax_numpy(scores: Array) -> Array:
    """scikit-learn's, which is numpy's; in what order a row is summed up depends on the layout of the scores."""
    powers = np.exp(scores - scores.max(axis=1)[:, None])
    chances: Array = powers / powers.sum(axis=1)[:, None]
    return chances


def _square(scores: Array, _scale: float) -> Array:
    """LightGBM's `reg_sqrt`."""
    return np.sign(scores) * scores * scores


def _each(function: Callable[[float], float], values: Array) -> Array:
    return np.array([function(value) for value in values.ravel().tolist()], values.dtype).reshape(values.shape)


def _exp(values: Array) -> Array:
    return _each(_one_exp, values)


def _one_exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _exp_single(values: Array) -> Array:
    return _each(_expf(), values)


@cache
def _expf() -> Callable[[float], float]:
    """The C library's `expf`, as the process has it loaded; else `exp`, rounded, which differs in few last bits."""
    try:
        found = ctypes.CDLL(None).expf
    except (OSError, AttributeError, TypeError):
        return _one_exp
    found.restype, found.argtypes = ctypes.c_float, (ctypes.c_float,)
    return found


LINKS: Final[dict[str, Callable[[Array, float], Any]]] = {
    "identity": _same,
    "logistic": _logistic,
    "two_chances": _logistic,
    "exp": lambda scores, _scale: _exp(scores),
    "exp_numpy": lambda scores, _scale: np.exp(scores),
    "log1p_exp": _log1p_exp,
    "softmax": _softmax,
    "softmax_rows": lambda scores, _scale: _softmax_numpy(scores),
    "softmax_columns": lambda scores, _scale: _softmax_numpy(np.asfortranarray(scores)),
    "square": _square,
    "logistic_single": _logistic_single,
    "exp_single": lambda scores, _scale: _exp_single(scores),
    "softmax_single": _softmax_single,
    "hinge": lambda scores, _scale: (scores > 0).astype(np.float32),
    "argmax": lambda scores, _scale: scores.argmax(axis=1).astype(np.float32)[:, None],
}
