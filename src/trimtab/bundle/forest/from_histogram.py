"""scikit-learn's `HistGradientBoostingClassifier` and `...Regressor` as packed forests.

Facts, from scikit-learn's sources (`_predictor.pyx`, `gradient_boosting.py`): rows, thresholds and sums are float64;
NaN goes the node's way for missing values, and so does a category that training did not see. Categories are coded
before the trees see them, and their columns moved to the front; here the nodes look at the columns as they come.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.layout import (
    CATEGORICAL,
    EXACT,
    MISSING_LEFT,
    NAN_LEFT,
    OTHERS_LEFT,
    Facts,
)
from trimtab.bundle.forest.refusal import refused
from trimtab.bundle.forest.trees import Tree, single, tables
from trimtab.core.dtypes import Array

__all__ = ["from_histogram"]

_LINKS: Final = {
    "HalfBinomialLoss": "two_chances",
    "HalfMultinomialLoss": "softmax_columns",
    "HalfPoissonLoss": "exp_numpy",
    "HalfGammaLoss": "exp_numpy",
}
_LARGEST: Final = 1 << 16  # category
_WORD: Final = 32


def from_histogram(estimator: Any, rows: str, *, classifier: bool, coded: bool = False) -> Forest:
    """Packed for rows of "float64" or "float32"; P290 where its categories are no small whole numbers.

    coded: rows hold the codes of categories, in the order of the trees' own features: first the columns of categories.

    An infinity in a column of categories counts as a category that training did not see; the library refuses it.
    """
    link = _LINKS.get(type(estimator._loss).__name__, "identity")  # noqa: SLF001  # nothing here has a public name
    base = np.asarray(estimator._baseline_prediction, np.float64).ravel()  # noqa: SLF001
    columns, known = _codes(estimator) if coded else _columns(estimator)
    trees = [
        _tree(predictor, group, columns, known, rows)
        for stage in estimator._predictors  # noqa: SLF001
        for group, predictor in enumerate(stage)
    ]
    facts = Facts(
        library="sklearn",
        columns=estimator.n_features_in_,
        groups=len(base),
        rows=rows,
        casts=False,
        rule=EXACT,
        link=link,
        flat=not classifier,
    )
    return Forest(tables(trees, facts, base), facts)


def _codes(estimator: Any) -> tuple[Array, list[Array]]:
    """As `_columns`, for columns that are the trees' features."""
    encoder = estimator._preprocessor.named_transformers_["encoder"]  # noqa: SLF001  # as above
    return np.arange(estimator.n_features_in_), [np.arange(len(values)) for values in encoder.categories_]


def _columns(estimator: Any) -> tuple[Array, list[Array]]:
    """The column that each of the trees' features comes from, and the categories of the first of them."""
    flags = estimator.is_categorical_
    if flags is None:
        return np.arange(estimator.n_features_in_), []
    known = []
    for values in estimator._preprocessor.named_transformers_["encoder"].categories_:  # noqa: SLF001
        if values.dtype.kind not in "iufb":
            raise refused("it has categories that are no numbers")
        numbers = values[~np.isnan(values)] if values.dtype.kind == "f" else values.astype(np.int64)
        if not ((numbers >= 0) & (numbers < _LARGEST) & (numbers == np.floor(numbers))).all():
            raise refused("it has categories that are no small whole numbers")
        known.append(numbers.astype(np.int64))
    return np.concatenate((np.flatnonzero(flags), np.flatnonzero(~flags))), known


def _tree(predictor: Any, group: int, columns: Array, known: list[Array], rows: str) -> Tree:
    nodes = predictor.nodes
    split, categorical = nodes["is_leaf"] == 0, nodes["is_categorical"] != 0
    by_default = nodes["missing_go_to_left"] != 0
    threshold = nodes["num_threshold"].astype(np.float64)
    if rows == "float32":
        threshold = single(threshold).astype(np.float64)
    sets: list[Array] = []
    for node in np.flatnonzero(split & categorical):
        bits = predictor.raw_left_cat_bitsets[nodes["bitset_idx"][node]]
        threshold[node] = len(sets)
        sets.append(_set(bits, known[nodes["feature_idx"][node]], others=bool(by_default[node])))
    flags = CATEGORICAL + (NAN_LEFT + OTHERS_LEFT) * by_default.astype(np.int64)
    return Tree(
        column=columns[np.where(split, nodes["feature_idx"], 0).astype(np.int64)],
        threshold=threshold,
        left=np.where(split, nodes["left"].astype(np.int64), -1),
        right=np.where(split, nodes["right"].astype(np.int64), -1),
        kind=np.where(split & categorical, flags, MISSING_LEFT * by_default),
        leaf=np.arange(len(nodes)),
        values=nodes["value"].astype(np.float64)[:, None],
        group=group,
        sets=tuple(sets),
    )


def _set(bits: Array, categories: Array, *, others: bool) -> Array:
    """The set of values that go left, from the set of their codes; values that are no category go as `others`."""
    words = int(categories.max(initial=0)) // _WORD + 1
    left = np.full(words * _WORD, others)
    codes = np.arange(len(categories))
    left[categories] = bits[codes // _WORD] >> (codes % _WORD).astype(np.uint32) & 1 != 0
    return np.packbits(left, bitorder="little").view("<u4")
