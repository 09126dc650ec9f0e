"""Trees in the plain form that packers write, and their way into the packed one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trimtab.bundle.forest.layout import (
    CATEGORICAL,
    CONSTANT,
    NAN_LEFT,
    NARROW,
    OTHERS_LEFT,
    WIDE,
    Facts,
    Tables,
)
from trimtab.bundle.forest.refusal import refused
from trimtab.core.dtypes import Array

__all__ = ["Tree", "below", "single", "tables"]

_NARROW_LIMIT = 1 << 16
_NODES_LIMIT = 1 << 31


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree; node 0 is the root. Arrays have an entry a node, whose first five mean nothing at a leaf."""

    column: Array
    threshold: Array  # float64; of a categorical node the number of its set in `sets`
    left: Array  # -1: a leaf
    right: Array
    kind: Array  # of the slot; CATEGORICAL, NAN_LEFT and OTHERS_LEFT of a categorical node
    leaf: Array  # number of the leaf, a row of `values`
    values: Array  # [leaves, 1 or groups]
    group: int  # -1: to all
    sets: tuple[Array, ...] = ()  # uint32 words, a bit for each category that goes left


def single(threshold: Array) -> Array:
    """The largest float32 that is at most each threshold: float32 values compare with both alike."""
    with np.errstate(over="ignore"):  # beyond the float32s, and below the least of them, is an infinity
        near = threshold.astype(np.float32)
        rounded: Array = np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near)
    return rounded


def below(threshold: Array) -> Array:
    """The next smaller float: "less than" a threshold is "at most" that."""
    with np.errstate(over="ignore"):  # below the least float is minus infinity
        smaller: Array = np.nextafter(threshold, threshold.dtype.type(-np.inf))
    return smaller


def tables(trees: Sequence[Tree], facts: Facts, base: Array) -> Tables:
    """The packed form of trees, for rows of `facts.rows`; sums have the dtype of `base`."""
    orders = [_by_level(tree) for tree in trees]
    columns, kinds, slots = _slots(trees, orders)
    sets = [words for tree in trees for words in tree.sets]
    most = max((len(order) for order in orders), default=1)
    narrow = facts.rows == "float32" and not sets and most <= _NARROW_LIMIT and len(columns) <= _NARROW_LIMIT
    form = NARROW if narrow else WIDE
    nodes, first_set = [np.empty(0, form)], 0
    for tree, order, slot in zip(trees, orders, slots, strict=True):
        nodes.append(_nodes(tree, order, slot, len(columns) - 1, first_set, form))
        first_set += len(tree.sets)
    leaf, values = _leaves(trees, orders)
    if len(leaf) >= _NODES_LIMIT:
        raise refused("it has more than 2^31 nodes")
    return Tables(
        nodes=np.concatenate(nodes),
        start=_starts(orders),
        leaf=leaf,
        group=np.array([tree.group for tree in trees], np.int32),
        values=values.astype(base.dtype),
        base=base,
        features=np.asarray(columns, np.int32),
        kinds=np.asarray(kinds, np.uint8),
        set_start=_starts(sets),
        set_words=np.concatenate([np.empty(0, np.uint32), *sets]).astype(np.uint32),
    )


def _leaves(trees: Sequence[Tree], orders: Sequence[Array]) -> tuple[Array, Array]:
    """For each node its row among the values, and the values; many leaves of a classifier share one row."""
    width = trees[0].values.shape[1] if trees else 1
    splits = [tree.left[order] >= 0 for tree, order in zip(trees, orders, strict=True)]
    parts = [tree.values[tree.leaf[order[~split]]] for tree, order, split in zip(trees, orders, splits, strict=True)]
    values: Array = np.concatenate([np.empty((0, width), parts[0].dtype if parts else float), *parts])
    number = np.arange(len(values))
    if width > 1:
        whole = np.ascontiguousarray(values).view(np.dtype((np.void, values.itemsize * width))).ravel()
        _, first, number = np.unique(whole, return_index=True, return_inverse=True)
        values = values[first]
    leaf: Array = np.full(sum(map(len, orders)), -1, np.int32)
    leaf[~np.concatenate([np.empty(0, bool), *splits])] = number
    return leaf, values


def _starts(parts: Sequence[Array]) -> Array:
    return np.cumsum([0, *(len(part) for part in parts)], dtype=np.int64)


def _by_level(tree: Tree) -> Array:
    """The tree's nodes level by level; refuses what is no tree."""
    level = np.zeros(1, np.int64)
    order, total = [level], 1
    while True:
        splitting = level[tree.left[level] >= 0]
        if not len(splitting):
            return np.concatenate(order)
        level = np.column_stack((tree.left[splitting], tree.right[splitting])).ravel().astype(np.int64)
        total += len(level)
        if total > len(tree.left) or level.min() < 0 or level.max() >= len(tree.left):
            raise refused("its nodes do not form a tree")
        order.append(level)


def _slots(trees: Sequence[Tree], orders: Sequence[Array]) -> tuple[Array, Array, list[Array]]:
    """Columns and kinds of all slots, and the slot of each node in its tree's new order."""
    keys = []
    for tree, order in zip(trees, orders, strict=True):
        kind = np.where(tree.kind[order] & CATEGORICAL != 0, 0, tree.kind[order]).astype(np.int64)
        keys.append(np.where(tree.left[order] >= 0, tree.column[order].astype(np.int64) * 4 + kind, -1))
    every = np.unique(np.concatenate([np.empty(0, np.int64), *keys]))
    every = every[every >= 0]
    slots = [np.searchsorted(every, key) for key in keys]
    return np.append(every // 4, 0), np.append(every % 4, CONSTANT), slots


def _nodes(tree: Tree, order: Array, slot: Array, constant: int, first_set: int, dtype: Any) -> Array:
    split = tree.left[order] >= 0
    kind = tree.kind[order].astype(np.int64)
    sets = split & (kind & CATEGORICAL != 0)
    threshold = np.where(sets, tree.threshold[order] + first_set, tree.threshold[order])
    nodes: Array = np.empty(len(order), dtype)
    nodes["threshold"] = np.where(split, threshold, np.inf)
    nodes["left"] = np.where(split, 2 * np.cumsum(split) - 1, np.arange(len(order)))
    flags = np.where(sets, kind & (CATEGORICAL | NAN_LEFT | OTHERS_LEFT), 0)
    nodes["slot"] = np.where(split, slot, constant) | flags
    return nodes
