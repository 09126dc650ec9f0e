"""XGBoost's JSON model as a packed forest.

Facts, from XGBoost's sources (`cpu_predictor.cc`, `predict_fn.h`, `categorical.h`, `math.h`, the objectives): rows,
thresholds, leaves and sums are float32, tree after tree from the base score on; a value goes left when it is less than
the threshold; a missing one goes the node's default way; a category of the node's set goes right, every other one left.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.layout import (
    CATEGORICAL,
    MISSING_LEFT,
    NAN_LEFT,
    NONNEGATIVE,
    OTHERS_LEFT,
    Facts,
)
from trimtab.bundle.forest.refusal import refused
from trimtab.bundle.forest.trees import Tree, below, tables
from trimtab.core.dtypes import Array

__all__ = ["from_xgboost"]

_LINKS: Final = {
    "binary:hinge": "hinge",
    "multi:softmax": "argmax",
    "multi:softprob": "softmax_single",
    **dict.fromkeys(("binary:logistic", "reg:logistic"), "logistic_single"),
    **dict.fromkeys(("count:poisson", "reg:gamma", "reg:tweedie", "survival:cox"), "exp_single"),
    **dict.fromkeys(("reg:squarederror", "reg:linear", "reg:squaredlogerror", "reg:pseudohubererror"), "identity"),
    **dict.fromkeys(("reg:absoluteerror", "reg:quantileerror", "binary:logitraw"), "identity"),
    **dict.fromkeys(("rank:pairwise", "rank:ndcg", "rank:map"), "identity"),
}
_WORD: Final = 32


def from_xgboost(booster: Any, iterations: int = 0, missing: float = float("nan")) -> Forest:
    """A booster, its first iterations or all (0), packed as its `inplace_predict` answers; P290 when it cannot be.

    Columns of categories hold their codes, as numpy arrays do for XGBoost.
    """
    chosen = booster[:iterations] if iterations else booster
    learner = json.loads(chosen.save_raw("json"))["learner"]
    kind, objective = learner["gradient_booster"]["name"], learner["objective"]["name"]
    if kind != "gbtree":
        raise refused(f"it is a booster of kind `{kind}`")
    if objective not in _LINKS:
        raise refused(f"its objective `{objective}` is not known")
    model, params = learner["gradient_booster"]["model"], learner["learner_model_param"]
    if any(int(tree["tree_param"]["size_leaf_vector"]) > 1 for tree in model["trees"]):
        raise refused("its trees have vector leaves (`multi_output_tree`)")
    if not model["trees"]:
        raise refused("it has no trees")
    groups = max(int(params["num_class"]), int(params.get("num_target", "1")), 1)
    trees = [_tree(tree, group) for tree, group in zip(model["trees"], model["tree_info"], strict=True)]
    facts = Facts(
        library="xgboost",
        columns=int(params["num_feature"]),
        groups=groups,
        rows="float32",
        casts=True,
        missing=float(np.float32(missing)),
        rule=NONNEGATIVE,
        link=_LINKS[objective],
        flat=groups == 1 or objective == "multi:softmax",
    )
    return Forest(tables(trees, facts, _base(booster, facts)), facts)


def _base(booster: Any, facts: Facts) -> Array:
    """What sums start from, as the library computes it: the answer of trees whose leaves are all minus zero.

    Adding minus zero changes nothing, not even minus zero itself, where adding zero would.
    """
    model = json.loads(booster[:1].save_raw("json"))
    for tree in model["learner"]["gradient_booster"]["model"]["trees"]:
        pairs = zip(tree["split_conditions"], tree["left_children"], strict=True)
        tree["split_conditions"] = [-0.0 if left < 0 else condition for condition, left in pairs]
    emptied = type(booster)(model_file=bytearray(json.dumps(model).encode()))
    row = np.zeros((1, facts.columns), np.float32)
    base: Array = emptied.inplace_predict(row, predict_type="margin").reshape(facts.groups).astype(np.float32)
    return base


def _tree(said: Mapping[str, Any], group: int) -> Tree:
    left = np.array(said["left_children"], np.int64)
    conditions = np.array(said["split_conditions"], np.float32)
    by_default = np.array(said["default_left"], np.int64) != 0
    splits, categorical = left >= 0, np.array(said["split_type"], np.int64) == 1
    if (splits & ~categorical & by_default & np.isneginf(conditions)).any():
        raise refused("a threshold is minus infinity")
    # nothing is less than minus infinity, and nothing is at most NaN
    threshold = np.where(np.isneginf(conditions), np.float32(np.nan), below(conditions)).astype(np.float64)
    sets: list[Array] = []
    for node, first, size in zip(
        said["categories_nodes"], said["categories_segments"], said["categories_sizes"], strict=True
    ):
        threshold[node] = len(sets)
        sets.append(_all_but(np.array(said["categories"][first : first + size], np.int64)))
    flags = CATEGORICAL | OTHERS_LEFT | NAN_LEFT * by_default
    return Tree(
        column=np.array(said["split_indices"], np.int64),
        threshold=threshold,
        left=left,
        right=np.array(said["right_children"], np.int64),
        kind=np.where(splits & categorical, flags, MISSING_LEFT * by_default),
        leaf=np.arange(len(left)),
        values=np.where(splits, np.float32(0), conditions)[:, None],
        group=group,
        sets=tuple(sets),
    )


def _all_but(categories: Array) -> Array:
    """Words with a bit for each category that does not go right."""
    words = np.full(int(categories.max(initial=0)) // _WORD + 1, 0xFFFFFFFF, np.uint32)
    np.bitwise_and.at(words, categories // _WORD, ~(np.uint32(1) << (categories % _WORD).astype(np.uint32)))
    return words
