"""For whom decisions change: a small tree over the recorded columns, and those of its leaves that stand out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.ops.replay.conditions import Condition, phrase
from trimtab.ops.replay.estimate import Share, share
from trimtab.ops.replay.features import Feature
from trimtab.ops.replay.splits import Counts, best_split, stands_out

__all__ = ["DEPTH", "ERROR", "Segment", "Weighed", "segments_of"]

DEPTH: Final = 3
ERROR: Final = 0.01  # chance of naming any segment where there is none
_FAR: Final = 3  # times as often: from here on, parts of a group are not alike
_MOST: Final = 0.75  # of a group that is alike: then what is unlike it is told with it
_NODES: Final = 2**DEPTH - 1  # that are split at most, each with its part of the error


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What is known of each row: whether its decision changed, how many rows it stands for, whose it is."""

    changed: Array
    weight: Array
    cluster: Array

    def share(self, where: Array) -> Share:
        """The share that changed among some of the rows."""
        return share(self.changed[where], self.weight[where], self.cluster[where])


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """A group of rows that changes more often than all others. part: of all changed decisions, how many are in it."""

    path: tuple[Condition, ...]
    rows: Array
    share: Share
    elsewhere: Share
    part: float

    def __str__(self) -> str:
        """Its conditions in words."""
        return phrase(self.path)


def segments_of(features: Sequence[Feature], rows: Weighed) -> list[Segment]:
    """The leaves that stand out, those with most of the changed decisions first; none where nothing is to be seen.

    The intervals of their shares do not count that the segments were searched for.
    """
    among = rows.share(np.ones(len(rows.changed), bool))
    if not 0 < among.count < among.rows:
        return []
    per_weight = min(among.effective, among.rows) / among.total
    found = []
    everything = np.arange(len(rows.changed))
    for path, where in _leaves(features, rows, per_weight, everything, ()):
        outside = np.ones(len(rows.changed), bool)
        outside[where] = False
        one, elsewhere = rows.share(where), rows.share(outside)
        if path and stands_out(one.value, elsewhere.value):
            part = one.value * one.total / (among.value * among.total)
            found.append(Segment(path, where, one, elsewhere, part))
    return sorted(found, key=lambda segment: (-segment.part, str(segment)))


def _leaves(
    features: Sequence[Feature], rows: Weighed, per_weight: float, where: Array, path: tuple[Condition, ...]
) -> list[tuple[tuple[Condition, ...], Array]]:
    """Conditions and rows of each leaf."""
    changed = rows.changed[where]
    split = None
    if len(path) < DEPTH and changed.any() and not changed.all():
        weight = rows.weight[where]
        counts = [_counted(feature, where, weight, changed) for feature in features]
        split = best_split(features, counts, per_weight)
    if split is None or split.log_chance > log(ERROR / _NODES):
        return [(path, where)]
    feature = features[split.feature]
    chosen = np.zeros(len(feature.labels) + 1, bool)
    chosen[split.codes] = True
    goes_in = chosen[feature.codes[where]]
    inside = _leaves(features, rows, per_weight, where[goes_in], (*path, split.inside))
    outside = _leaves(features, rows, per_weight, where[~goes_in], (*path, split.outside))
    leaves = [*inside, *outside]
    return [(path, where)] if path and _is_one(rows, where, [places for _, places in leaves]) else leaves


def _is_one(rows: Weighed, where: Array, parts: Sequence[Array]) -> bool:
    """Whether a group is better told as a whole: it stands out, and most of it is alike."""
    beyond = np.ones(len(rows.changed), bool)
    beyond[where] = False
    shares = [rows.share(part) for part in parts]
    most = max(one.value for one in shares)
    alike = sum(one.total for one in shares if _FAR * one.value > most)
    whole = stands_out(rows.share(where).value, rows.share(beyond).value)
    return whole and alike >= _MOST * sum(one.total for one in shares)


def _counted(feature: Feature, where: Array, weight: Array, changed: Array) -> Counts:
    codes, size = feature.codes[where], len(feature.labels) + 1
    rows = np.bincount(codes, minlength=size)
    return Counts(rows, np.bincount(codes, weight, size), np.bincount(codes, weight * changed, size))
