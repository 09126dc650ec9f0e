from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trimtab.bundle.forest.layout import MISSING_LEFT, NARROW, WIDE, Facts
from trimtab.bundle.forest.trees import Tree, below, single, tables
from trimtab.core.errors import UserError

FACTS = Facts("none", columns=70_000, groups=1, rows="float32", casts=False)


def chain(splits: int, **changes: Any) -> Tree:
    """A tree that only ever grows to the right; its leaves are numbered from the left."""
    at = np.arange(splits)
    parts: dict[str, Any] = {
        "column": np.append(at, np.zeros(splits + 1, np.int64)),
        "threshold": np.zeros(2 * splits + 1),
        "left": np.append(at + splits, np.full(splits + 1, -1)),
        "right": np.append(np.where(at < splits - 1, at + 1, 2 * splits), np.full(splits + 1, -1)),
        "kind": np.zeros(2 * splits + 1, np.int64),
        "leaf": np.append(np.full(splits, -1), np.arange(splits + 1)),
        "values": np.arange(splits + 1.0)[:, None],
        "group": 0,
    }
    return Tree(**parts | changes)


@example(-3.402823364973241e38, 0.0)  # nearest float32: the least one; what lies below it is an infinity
@given(st.floats(allow_nan=False), st.floats(allow_nan=False, width=32))
def test_float32_values_compare_alike_with_a_rounded_threshold(threshold: float, value: float) -> None:
    assert (value <= threshold) == (np.float32(value) <= single(np.array(threshold)))


@given(st.floats(allow_nan=False, width=32), st.floats(allow_nan=False, width=32))
def test_less_than_is_at_most_the_float_below(threshold: float, value: float) -> None:
    if threshold != -np.inf:
        assert (value < threshold) == (np.float32(value) <= below(np.array(threshold, np.float32)))


def test_nodes_stand_level_by_level_and_look_at_slots() -> None:
    made = tables([chain(2), chain(1, kind=np.array([MISSING_LEFT, 0, 0]))], FACTS, np.zeros(1))
    assert made.nodes["left"].tolist() == [1, 1, 3, 3, 4, 1, 1, 2]
    assert made.leaf.tolist() == [-1, 0, -1, 1, 2, -1, 3, 4]
    assert made.features.tolist() == [0, 0, 1, 0]  # column 0 in two ways, column 1, the constant
    assert made.kinds.tolist() == [0, 1, 0, 4]
    assert made.nodes["slot"].tolist() == [0, 3, 2, 3, 3, 1, 3, 3]
    assert made.nodes["threshold"].tolist() == [0, np.inf, 0, np.inf, np.inf, 0, np.inf, np.inf]


def test_a_large_tree_gets_wide_nodes() -> None:
    assert tables([chain(32_767)], FACTS, np.zeros(1)).nodes.dtype == NARROW
    assert tables([chain(32_768)], FACTS, np.zeros(1)).nodes.dtype == WIDE


def test_leaves_of_a_classifier_share_their_values() -> None:
    pairs = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    made = tables([chain(2, values=pairs, group=-1)], FACTS, np.zeros(2))
    assert len(made.values) == 2
    assert made.values[made.leaf[made.leaf >= 0]].tolist() == pairs.tolist()


@pytest.mark.parametrize("left", [[0, -1, -1], [1, 0, -1], [3, -1, -1], [-2, -1, -1]])
def test_what_is_no_tree_is_refused(left: list[int]) -> None:
    ring = chain(1, left=np.array(left), right=np.array([2, 2, -1]))
    if left[0] == -2:
        ring = chain(1, right=np.array([-2, -1, -1]))
    with pytest.raises(UserError, match=r"P290.*do not form a tree"):
        tables([ring], FACTS, np.zeros(1))
