"""What a decision would have brought, by what is known of it beforehand: simple models for doubly robust estimates.

Each is fitted without the decisions that it is then asked about, in five parts: what a model has seen, it repeats
(cross-fitting: Chernozhukov et al., Double/debiased machine learning, The Econometrics Journal 21, 2018).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.release.policy.logged import Logged

__all__ = ["Fit", "bucket_means", "cross_fitted", "ridge"]

_PARTS: Final = 5
# features and rewards of decisions that took one action, and features of others: the rewards to expect of these
Fit: TypeAlias = Callable[[Array, Array, Array], Array]


def cross_fitted(logged: Logged, features: Array, actions: int, fit: Fit) -> Array:
    """The reward that each action is expected to bring, [decision, action]; units are never torn apart.

    Where an action was not seen in the other parts, it is the mean of all rewards there.
    """
    _, unit = np.unique(logged.unit, return_inverse=True)
    part = unit % _PARTS
    expected = np.zeros((len(logged), actions))
    for held in range(_PARTS):
        here, seen = part == held, part != held
        among = logged.reward[seen] if seen.any() else logged.reward
        for action in range(actions):
            chosen = seen & (logged.taken == action)
            if chosen.any():
                expected[here, action] = fit(features[chosen], logged.reward[chosen], features[here])
            else:
                expected[here, action] = among.mean()
    return expected


def ridge(penalty: float = 1.0) -> Fit:
    """A plane through the rewards, with slopes that a penalty keeps small; features: numbers, [decision, feature].

    Source: Hoerl and Kennard, Ridge regression, Technometrics 12 (1970). Features are brought to one scale first; the
    mean is not penalised.
    """

    def fit(features: Array, rewards: Array, asked: Array) -> Array:
        middle, scale = features.mean(axis=0), features.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        known, other = (features - middle) / scale, (asked - middle) / scale
        square = known.T @ known + penalty * np.eye(known.shape[1])
        slopes = np.linalg.solve(square, known.T @ (rewards - rewards.mean()))
        return np.asarray(rewards.mean() + other @ slopes)

    return fit


def bucket_means(weight: float = 10.0) -> Fit:
    """The mean of each bucket, drawn towards that of all as if so many decisions more had it; features: bucket numbers.

    Source: the empirical Bayes mean of Efron and Morris, JASA 70 (1975), with a weight that is said, not estimated.
    """

    def fit(features: Array, rewards: Array, asked: Array) -> Array:
        size = int(max(features.max(initial=0), asked.max(initial=0))) + 1
        count, total = np.bincount(features, minlength=size), np.bincount(features, rewards, size)
        means = (total + weight * rewards.mean()) / (count + weight)
        return np.asarray(means[asked])

    return fit
