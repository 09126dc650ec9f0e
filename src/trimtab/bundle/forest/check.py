"""Whether arrays form a forest that can be walked: every index in its range, every step downwards.

The native walk checks nothing, so this is what stands between it and a file that was damaged or made to harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from trimtab.bundle.forest.layout import (
    CATEGORICAL,
    CONSTANT,
    EXACT,
    MISSING_LEFT,
    NAN_LEFT,
    NARROW,
    OTHERS_LEFT,
    REFUSES,
    SLOT,
    TRUNCATED,
    ZERO_IS_MISSING,
    Facts,
    Tables,
)
from trimtab.bundle.forest.links import LINKS
from trimtab.core.dtypes import Array

__all__ = ["first_fault"]

_MOST: Final = 1 << 31
_EITHER: Final = frozenset({"identity", "hinge", "argmax"})  # links that take sums of either dtype


def first_fault(tables: Tables, facts: Facts) -> str:
    """The first thing wrong with arrays of the right dtypes, or nothing; later stages rely on earlier ones."""
    for stage in (_facts, _shapes, _slots, _trees, _nodes):
        found = next(stage(tables, facts), "")
        if found:
            return found
    return ""


def _facts(tables: Tables, facts: Facts) -> Iterator[str]:
    if not (1 <= facts.columns < _MOST and 1 <= facts.groups < _MOST and 1 <= facts.divisor < _MOST):
        yield "a size is out of range"
    if facts.rows not in ("float32", "float64") or facts.refuses not in REFUSES:
        yield "`rows` or `refuses` is none of its values"
    if not TRUNCATED <= facts.rule <= EXACT:
        yield "`rule` is none of its values"
    if facts.link not in LINKS:
        yield "no such `link`"
    if facts.link not in _EITHER and facts.link.endswith("_single") != (tables.base.dtype == np.float32):
        yield "`link` is for sums of another dtype"
    if facts.flat and (facts.groups > 1 and facts.link != "argmax"):
        yield "`flat` with more than one score a row"
    if facts.rows == "float64" and tables.nodes.dtype == NARROW:
        yield "narrow nodes for float64 rows"


def _shapes(tables: Tables, facts: Facts) -> Iterator[str]:
    flat = (tables.nodes, tables.start, tables.leaf, tables.group, tables.base, tables.features)
    if any(part.ndim != 1 for part in (*flat, tables.kinds, tables.set_start, tables.set_words)):
        yield "an array of another number of dimensions"
    elif tables.values.ndim != 2 or tables.values.dtype != tables.base.dtype:  # noqa: PLR2004  # leaves and groups
        yield "`values` of another shape or dtype"
    elif len(tables.leaf) != len(tables.nodes) or len(tables.start) != len(tables.group) + 1:
        yield "arrays of nodes or trees that differ in length"
    elif len(tables.base) != facts.groups:
        yield "`base` does not have a value for each score"
    elif not len(tables.kinds) or len(tables.kinds) != len(tables.features) or len(tables.kinds) > SLOT:
        yield "no slots, too many, or arrays of slots that differ in length"
    elif len(tables.nodes) >= _MOST or len(tables.values) >= _MOST:
        yield "too many nodes"
    elif not _are_starts(tables.start, len(tables.nodes), 1) or not _are_starts(
        tables.set_start, len(tables.set_words), 0
    ):
        yield "the starts of trees or sets are not in order"


def _are_starts(starts: Array, end: int, least: int) -> bool:
    """From zero to the end, each at least so much after the one before."""
    if not len(starts) or starts[0] != 0 or starts[-1] != end:
        return False
    return bool((starts >= 0).all() and (starts <= end).all() and (np.diff(starts) >= least).all())


def _slots(tables: Tables, facts: Facts) -> Iterator[str]:
    if (tables.features < 0).any() or (tables.features >= facts.columns).any():
        yield "a slot of a column that is not there"
    if tables.kinds[-1] != CONSTANT or (tables.kinds[:-1] > (MISSING_LEFT | ZERO_IS_MISSING)).any():
        yield "a slot of no known kind"


def _trees(tables: Tables, facts: Facts) -> Iterator[str]:
    width = tables.values.shape[1]
    to_all, to_one = tables.group == -1, (tables.group >= 0) & (tables.group < facts.groups)
    if not (to_one.all() and width == 1) and not (to_all.all() and width == facts.groups):
        yield "a tree adds to a score that is not there"
    sizes = np.diff(tables.start)
    tree = np.repeat(np.arange(len(sizes)), sizes)
    at = np.arange(len(tables.nodes)) - tables.start[tree]
    left = tables.nodes["left"].astype(np.int64)
    split = left != at
    ranks = np.cumsum(split)
    before = np.concatenate([np.zeros(1, np.int64), ranks])[tables.start[:-1]]
    if ((left != 2 * (ranks - before[tree]) - 1) & split).any() or (left < at).any():
        yield "a child that is not in its place"
    if (np.bincount(tree, split, len(sizes)).astype(np.int64) * 2 + 1 != sizes).any():
        yield "a tree of another size than its splits make"


def _nodes(tables: Tables, _facts: Facts) -> Iterator[str]:
    slot, threshold = tables.nodes["slot"].astype(np.int64), tables.nodes["threshold"]
    at = np.arange(len(tables.nodes)) - np.repeat(tables.start[:-1], np.diff(tables.start))
    split = tables.nodes["left"] != at
    constant = len(tables.kinds) - 1
    # what does not split must stay where it is, for any row
    if (~split & ((slot != constant) | (threshold != np.inf))).any():
        yield "a leaf that does not stay"
    if (~split & ((tables.leaf < 0) | (tables.leaf >= len(tables.values)))).any():
        yield "a leaf of a value that is not there"
    if not tables.categorical:
        if (slot > constant).any():
            yield "a node of a slot that is not there"
        return
    sets = slot & CATEGORICAL != 0
    if ((slot & SLOT) > constant).any() or (~sets & (slot & (NAN_LEFT | OTHERS_LEFT) != 0)).any():
        yield "a node of a slot that is not there"
    number = threshold[sets]
    if not ((number >= 0) & (number < len(tables.set_start) - 1) & (number == np.floor(number))).all():
        yield "a node of a set that is not there"
