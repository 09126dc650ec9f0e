"""Small forests made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.layout import CATEGORICAL, MISSING_LEFT, Facts
from trimtab.bundle.forest.trees import Tree, tables


def stump(**changes: Any) -> Tree:
    """`column 0 <= 1 ? 10 : 20`, missing values to the left."""
    parts: dict[str, Any] = {
        "column": np.zeros(3, np.int64),
        "threshold": np.array([1.0, 0, 0]),
        "left": np.array([1, -1, -1]),
        "right": np.array([2, -1, -1]),
        "kind": np.array([MISSING_LEFT, 0, 0]),
        "leaf": np.arange(3),
        "values": np.array([[0.0], [10.0], [20.0]]),
        "group": 0,
    }
    return Tree(**parts | changes)


def made(trees: list[Tree], rows: str = "float64", **facts: Any) -> Forest:
    """A forest of two columns and one score."""
    said = Facts(**{"library": "none", "columns": 2, "groups": 1, "rows": rows, "casts": False, **facts})
    return Forest(tables(trees, said, np.zeros(said.groups)), said)


@pytest.fixture
def a_forest() -> Callable[..., Forest]:
    """Trees of a kind by name: `plain`, `sets` (with a categorical node too)."""

    def build(kind: str = "plain", rows: str = "float64", **facts: Any) -> Forest:
        words = (np.array([0b101], np.uint32),)
        sets = stump(threshold=np.zeros(3), kind=np.array([CATEGORICAL, 0, 0]), sets=words)
        leaf = stump(**{name: np.array([-1]) for name in ("left", "right")}, leaf=np.array([1]), kind=np.array([0]))
        return made(
            [stump(), leaf, stump(column=np.ones(3, np.int64)), *([sets] if kind == "sets" else [])], rows, **facts
        )

    return build
