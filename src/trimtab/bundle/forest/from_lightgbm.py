"""LightGBM's text model as a packed forest.

Facts, from LightGBM's sources (`tree.h`, `gbdt_prediction.cpp`, `c_api.cpp`, the objectives): values no larger than
1e-35 in size are zero before a tree sees them; sums are float64, tree after tree; with missing type `none` a NaN is
zero, with `zero` both are missing, with `nan` only NaN is; categories are cut towards zero, others go right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.layout import (
    CATEGORICAL,
    MISSING_LEFT,
    ZERO,
    ZERO_IS_MISSING,
    Facts,
)
from trimtab.bundle.forest.refusal import refused
from trimtab.bundle.forest.trees import Tree, below, single, tables
from trimtab.core.dtypes import Array

__all__ = ["from_lightgbm"]

_SPLIT_IS_CATEGORICAL, _DEFAULT_LEFT, _MISSING_TYPE = 1, 2, 2  # bits of `decision_type`, and the shift of two more
_MISSING_ZERO, _MISSING_NAN = 1, 2
_SCALED: Final = frozenset({"binary", "multiclassova"})
_LINKS: Final = {
    "binary": "logistic",
    "multiclassova": "logistic",
    "cross_entropy": "logistic",
    "multiclass": "softmax",
    "poisson": "exp",
    "gamma": "exp",
    "tweedie": "exp",
    "cross_entropy_lambda": "log1p_exp",
    **dict.fromkeys(("regression", "regression_l1", "huber", "fair", "quantile", "mape"), "identity"),
    **dict.fromkeys(("lambdarank", "rank_xendcg", "custom", ""), "identity"),
}


def from_lightgbm(booster: Any, rows: str = "float64") -> Forest:
    """A booster, or the text of one, packed for rows of "float64" or "float32"; P290 when it cannot be.

    For float32 rows the walk is faster, and no other rows are taken. Of a booster that stopped early the trees up to
    its best iteration count, as in its own `predict`.
    """
    text = booster if isinstance(booster, str) else booster.model_to_string()
    head, *parts = text.partition("\nend of trees")[0].split("\nTree=")
    said = _pairs(head)
    groups = int(said.get("num_tree_per_iteration", said.get("num_class", "1")))
    trees = [_tree(_pairs(part), number % groups, rows) for number, part in enumerate(parts)]
    link, scale = _link(said.get("objective", ""))
    averaged = re.search(r"(?m)^average_output$", head) is not None
    facts = Facts(
        library="lightgbm",
        columns=int(said["max_feature_idx"]) + 1,
        groups=groups,
        rows=rows,
        casts=False,
        divisor=max(len(trees) // groups, 1) if averaged else 1,
        link=link,
        scale=scale,
        flat=groups == 1,
    )
    return Forest(tables(trees, facts, np.zeros(groups)), facts)


def _pairs(text: str) -> dict[str, str]:
    return dict(line.rstrip("\r").split("=", 1) for line in text.split("\n") if "=" in line)


def _link(objective: str) -> tuple[str, float]:
    """The link and its scale, from a line such as `binary sigmoid:1`."""
    name, *options = objective.split() or [""]
    if name not in _LINKS:
        raise refused(f"its objective `{name}` is not known")
    if "sqrt" in options:
        return "square", 1.0
    scales = [option.partition(":")[2] for option in options if option.startswith("sigmoid:")]
    return _LINKS[name], float(scales[0]) if scales and name in _SCALED else 1.0


def _numbers(said: Mapping[str, str], name: str, dtype: type) -> Array:
    return np.array(said.get(name, "").split(), dtype)


def _tree(said: Mapping[str, str], group: int, rows: str) -> Tree:
    if said.get("is_linear", "0").strip() == "1":
        raise refused("its leaves are linear models (`linear_tree`)")
    values = _numbers(said, "leaf_value", np.float64)
    leaves, splits = int(said["num_leaves"]), int(said["num_leaves"]) - 1
    decision = _numbers(said, "decision_type", np.int64)
    threshold = _numbers(said, "threshold", np.float64)
    categorical = decision & _SPLIT_IS_CATEGORICAL != 0
    kind, compared = _missing(threshold, decision)
    compared = _flushed(compared)
    if rows == "float32":
        compared = single(compared).astype(np.float64)
    filler, none = np.zeros(leaves), np.full(leaves, -1)
    return Tree(
        column=np.concatenate((_numbers(said, "split_feature", np.int64), filler.astype(np.int64))),
        threshold=np.concatenate((np.where(categorical, threshold, compared), filler)),
        left=np.concatenate((_child(said, "left_child", splits), none)),
        right=np.concatenate((_child(said, "right_child", splits), none)),
        kind=np.concatenate((np.where(categorical, CATEGORICAL, kind), none * 0)),
        leaf=np.concatenate((np.full(splits, -1), np.arange(leaves))),
        values=values[:, None],
        group=group,
        sets=_sets(said),
    )


def _child(said: Mapping[str, str], name: str, splits: int) -> Array:
    """LightGBM numbers leaves apart, as -1, -2 and so on; here they follow the splits."""
    child = _numbers(said, name, np.int64)[:splits]
    return np.where(child < 0, splits + ~child, child)


def _missing(threshold: Array, decision: Array) -> tuple[Array, Array]:
    """The slot kind of each split, and its threshold."""
    kinds = decision >> _MISSING_TYPE & 3
    by_default = decision & _DEFAULT_LEFT != 0
    left = np.where((kinds == _MISSING_ZERO) | (kinds == _MISSING_NAN), by_default, threshold >= 0)
    return MISSING_LEFT * left + ZERO_IS_MISSING * (kinds == _MISSING_ZERO), threshold


def _flushed(threshold: Array) -> Array:
    """Thresholds that treat values within ZERO as LightGBM does, which takes them for zero."""
    inside = (threshold >= -ZERO) & (threshold < ZERO)
    return np.where(inside, np.where(threshold >= 0, ZERO, below(np.array(-ZERO))), threshold)


def _sets(said: Mapping[str, str]) -> tuple[Array, ...]:
    if "cat_threshold" not in said:
        return ()
    bounds = _numbers(said, "cat_boundaries", np.int64)
    return tuple(np.split(_numbers(said, "cat_threshold", np.uint32), bounds[1:-1]))
