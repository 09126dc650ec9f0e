"""The value of a policy that was not flown, from what was logged and how likely that was.

Sources: inverse propensity scores: Horvitz and Thompson, JASA 47 (1952). Self-normalised: Hajek (1971); Swaminathan and
Joachims, The self-normalized estimator for counterfactual learning, NeurIPS 2015. Doubly robust: Robins, Rotnitzky and
Zhao, JASA 89 (1994); Dudik, Langford and Li, Doubly robust policy evaluation and learning, ICML 2011. Intervals are of
Student's, at the linearised variance, with units (callers) drawn as wholes: Sarndal, Swensson and Wretman (1992), 5.7.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from statistics import NormalDist
from typing import Literal, TypeAlias

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.release.policy.logged import Logged, wanted_chances

__all__ = ["Method", "Range", "Value", "doubly_robust", "ips", "self_normalised", "weights"]

Method: TypeAlias = Literal["ips", "self-normalised", "doubly robust"]
_FEW = 10  # units; of fewer no interval is given


@dataclass(frozen=True, slots=True)
class Range:
    """A best guess with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Value:
    """What a policy would have brought a decision, on average, and how much more that is than what was flown brought.

    rows, units: that it rests on. effective: as many decisions, made by that policy itself, would tell as much (Kish).
    """

    method: Method
    mean: Range
    gain: Range
    rows: int
    units: int
    effective: float


def ips(logged: Logged, wanted: Array) -> Value:
    """Each reward times how many times as likely the policy makes it; unbiased, and wide where chances were small."""
    weight = weights(logged, wanted_chances(logged, wanted))
    return _value("ips", weight * logged.reward, logged, weight)


def self_normalised(logged: Logged, wanted: Array) -> Value:
    """The same, over the sum of the weights: a little biased in small logs, and most often much narrower.

    Never outside what rewards can be. Without any weight nothing is known: then the interval has no ends.
    """
    weight = weights(logged, wanted_chances(logged, wanted))
    total = float(weight.sum())
    if total <= 0:
        return _nothing("self-normalised", logged)
    mean = float((weight * logged.reward).sum()) / total
    # each decision's influence on the ratio, around its value
    score = mean + weight * (logged.reward - mean) * len(logged) / total
    return _value("self-normalised", score, logged, weight)


def doubly_robust(logged: Logged, wanted: Array, expected: Array) -> Value:
    """What a model expects of the policy, mended by how far it was off where the policy would have done the same.

    expected: [decision, action], of a model that did not see the decision (`cross_fitted`). With true probabilities it
    is unbiased however bad the model is; the better the model, the narrower.
    """
    chances = wanted_chances(logged, wanted)
    weight = weights(logged, chances)
    width = chances.shape[1]
    told = (chances * expected[:, :width]).sum(axis=1)
    off = logged.reward - expected[np.arange(len(logged)), logged.taken]
    return _value("doubly robust", told + weight * off, logged, weight)


def weights(logged: Logged, chances: Array) -> Array:
    """Of each decision: how many times as likely the policy makes what was done as it was."""
    return np.asarray(chances[np.arange(len(logged)), logged.taken] / logged.probability)


def _value(method: Method, score: Array, logged: Logged, weight: Array) -> Value:
    """score: of each decision; their mean is the estimate."""
    _, unit = np.unique(logged.unit, return_inverse=True)
    squares = float((weight**2).sum())
    effective = float(weight.sum()) ** 2 / squares if squares else 0.0
    gain = _range(score - logged.reward, unit)
    return Value(method, _range(score, unit), gain, len(logged), int(unit.max()) + 1, effective)


def _range(score: Array, unit: Array) -> Range:
    mean, units = float(score.mean()), int(unit.max()) + 1
    if units < _FEW:
        return Range(mean, -inf, inf)
    errors = np.bincount(unit, score - mean)
    variance = units / (units - 1) * float((errors**2).sum()) / len(score) ** 2
    half = _student(units - 1) * sqrt(variance)
    return Range(mean, mean - half, mean + half)


def _nothing(method: Method, logged: Logged) -> Value:
    unknown = Range(float(logged.reward.mean()), -inf, inf)
    return Value(method, unknown, Range(0.0, -inf, inf), len(logged), len(np.unique(logged.unit)), 0.0)


def _student(freedom: int) -> float:
    """The 97.5 % quantile of Student's distribution for nine degrees and more (Abramowitz and Stegun, 26.7.5)."""
    z = NormalDist().inv_cdf(0.975)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
