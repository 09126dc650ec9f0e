"""The walk in numpy: the same numbers as the native one, where that was not built."""

from __future__ import annotations

from typing import Final

import numpy as np

from trimtab.bundle.forest.layout import (
    CATEGORICAL,
    CONSTANT,
    EXACT,
    MISSING_LEFT,
    NAN_LEFT,
    OTHERS_LEFT,
    REFUSES,
    SLOT,
    TRUNCATED,
    ZERO,
    ZERO_IS_MISSING,
    Facts,
    Tables,
)
from trimtab.core.dtypes import Array

__all__ = ["raw_scores", "refused"]

_AT_ONCE: Final = 1 << 18  # rows times trees that are walked together


def raw_scores(tables: Tables, facts: Facts, rows: Array) -> Array:
    """Scores [rows, groups] of rows in the forest's own dtype."""
    trees = len(tables.group)
    size = max(1, _AT_ONCE // max(trees, 1))
    scores: Array = np.empty((len(rows), facts.groups), tables.base.dtype)
    for first in range(0, len(rows), size):
        part = slots(tables, facts, rows[first : first + size])
        scores[first : first + size] = _sums(tables, leaves(tables, facts, part))
    return scores


def refused(rows: Array, facts: Facts) -> int:
    """The number in `REFUSES` of what the library would refuse, or 0."""
    if facts.refuses and np.isinf(rows).any():
        return REFUSES.index("infinity")
    return REFUSES.index("missing") if facts.refuses == "missing" and np.isnan(rows).any() else 0


def slots(tables: Tables, facts: Facts, rows: Array) -> Array:
    """The values [rows, slots] that nodes look at."""
    values = rows[:, tables.features]
    missing = np.isnan(values) | (values == values.dtype.type(facts.missing))
    missing |= (np.abs(values) <= ZERO) & (tables.kinds & ZERO_IS_MISSING != 0)
    absent = np.where(tables.kinds & MISSING_LEFT != 0, -np.inf, np.nan).astype(values.dtype)
    return np.where(tables.kinds & CONSTANT != 0, values.dtype.type(0), np.where(missing, absent, values))


def leaves(tables: Tables, facts: Facts, values: Array) -> Array:
    """The row of `values` that each row reaches in each tree, [rows, trees]."""
    nodes, row = tables.nodes, np.arange(len(values))[:, None]
    first = tables.start[:-1]
    at = np.broadcast_to(first, (len(values), len(first)))
    while True:
        here = nodes[at]
        slot = here["slot"].astype(np.int64)
        value = values[row, slot & SLOT]
        right = ~(value <= here["threshold"])
        if tables.categorical:
            sets = slot & CATEGORICAL != 0
            right[sets] = ~_in_set(tables, facts.rule, slot[sets], here["threshold"][sets], value[sets])
        after = first + here["left"] + right
        if np.array_equal(after, at):
            reached: Array = tables.leaf[at]
            return reached
        at = after


def _in_set(tables: Tables, rule: int, node: Array, number: Array, value: Array) -> Array:
    number = number.astype(np.int64)
    start = tables.set_start[number]
    known = (value > -1.0) & (value < 32 * (tables.set_start[number + 1] - start))
    if rule != TRUNCATED:
        known &= value >= 0.0
    category = np.where(known, value, 0).astype(np.int64)
    if rule == EXACT:
        known &= category == value
    word = np.where(known, start + category // 32, 0)
    inside = tables.set_words[word] >> (category % 32).astype(np.uint32) & 1 != 0
    left: Array = np.where(known, inside, node & OTHERS_LEFT != 0)
    left[np.isnan(value)] = (node & NAN_LEFT != 0)[np.isnan(value)]
    return left


def _sums(tables: Tables, reached: Array) -> Array:
    """In the order of the trees, as the library adds them."""
    scores: Array = np.repeat(tables.base[None, :], len(reached), axis=0)
    for tree, group in enumerate(tables.group):
        added = tables.values[reached[:, tree]]
        if group < 0:
            scores += added
        else:
            scores[:, group] += added[:, 0]
    return scores
