"""What a packed forest consists of: its arrays, its few facts, and what their numbers mean.

A tree's nodes stand level by level, so that the children of the n-th node that splits are nodes 2n + 1 and 2n + 2 of
the tree; a leaf is its own left child. At a node a value goes left when it is at most the threshold. Nodes look at
*slots* rather than columns: a slot is a column together with what becomes of its missing values, so that they need no
thought during the walk. The last slot is constantly zero; leaves look at it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from trimtab.core.dtypes import Array

__all__ = [
    "CATEGORICAL",
    "CONSTANT",
    "EXACT",
    "MISSING_LEFT",
    "NAN_LEFT",
    "NARROW",
    "NATIVE_LINKS",
    "NONNEGATIVE",
    "OTHERS_LEFT",
    "REFUSES",
    "SLOT",
    "TRUNCATED",
    "TYPES",
    "WIDE",
    "ZERO",
    "ZERO_IS_MISSING",
    "Facts",
    "Tables",
]

NARROW: Final = np.dtype([("threshold", "<f4"), ("left", "<u2"), ("slot", "<u2")])
WIDE: Final = np.dtype([("threshold", "<f8"), ("left", "<u4"), ("slot", "<u4")])

# kinds of slots: a missing value becomes minus infinity (always left) or NaN (always right)
MISSING_LEFT: Final = 1
ZERO_IS_MISSING: Final = 2
CONSTANT: Final = 4

# bits beside the slot of a wide node; a categorical node's threshold is the number of its set
CATEGORICAL: Final = 0x80000000
NAN_LEFT: Final = 0x40000000
OTHERS_LEFT: Final = 0x20000000  # what is no category of the set's range
SLOT: Final = 0x1FFFFFFF

# how a value becomes a category: cut towards zero; the same but negative ones are none; fractions are none either
TRUNCATED, NONNEGATIVE, EXACT = 0, 1, 2

# the links that the kernel knows, by its numbers: those that need the C library's own functions
NATIVE_LINKS: Final = {
    "logistic": 1,
    "two_chances": 1,
    "exp": 2,
    "softmax": 3,
    "log1p_exp": 4,
    "logistic_single": 5,
    "exp_single": 6,
    "softmax_single": 7,
}
REFUSES: Final = ("", "infinity", "missing")  # nothing; infinity; infinity and NaN

ZERO: Final = float(np.float32(1e-35))  # LightGBM's `kZeroThreshold`: what is no larger counts as zero


@dataclass(frozen=True, slots=True)
class Facts:
    """What is not an array: shapes, the dtype of rows, and what becomes of raw scores."""

    library: str
    columns: int
    groups: int  # raw scores a row
    rows: str  # "float32" or "float64": the library casts to it, or these are the rows it was packed for
    casts: bool  # whether rows of another dtype are cast, as the library does it
    refuses: str = ""  # one of REFUSES
    missing: float = math.nan  # a value that means missing besides NaN
    rule: int = TRUNCATED  # of categories
    divisor: int = 1  # raw scores are divided by it: the number of trees, where they are averaged
    link: str = "identity"  # what follows: see `links.py`
    scale: float = 1.0  # of the link
    flat: bool = True  # answers are [rows] rather than [rows, one]


@dataclass(frozen=True, slots=True)
class Tables:
    """The arrays; `values` and `base` have the dtype that the library sums in."""

    nodes: Array  # NARROW or WIDE
    start: Array  # int64: where each tree's nodes begin, and the end
    leaf: Array  # int32: for each node, the row of `values` it stands for, -1 where it splits
    group: Array  # int32: for each tree, the score it adds to; -1: a row of `values` adds to all
    values: Array  # [leaves, 1], or [leaves, groups] where trees add to all scores
    base: Array  # [groups]: what sums start from
    features: Array  # int32: the column of each slot
    kinds: Array  # uint8: of each slot
    set_start: Array  # int64: where each set's words begin, and the end
    set_words: Array  # uint32: a bit for each category that goes left

    @property
    def categorical(self) -> bool:
        """Whether any node looks at categories."""
        return len(self.set_start) > 1

    def parts(self) -> dict[str, Array]:
        """The arrays by name."""
        return {name: getattr(self, name) for name in TYPES}


TYPES: Final[dict[str, tuple[Any, ...]]] = {
    "nodes": (NARROW, WIDE),
    "start": ("<i8",),
    "leaf": ("<i4",),
    "group": ("<i4",),
    "values": ("<f8", "<f4"),
    "base": ("<f8", "<f4"),
    "features": ("<i4",),
    "kinds": ("|u1",),
    "set_start": ("<i8",),
    "set_words": ("<u4",),
}
