"""scikit-learn's trees, forests and gradient boosting as packed forests.

Facts, from scikit-learn's sources (`_tree.pyx`, `_forest.py`, `_gb.py`, `_gradient_boosting.pyx`): rows are cast to
float32 and compared with float64 thresholds; what sums up is float64, tree after tree. A forest's mean is its sum
divided by the number of trees; gradient boosting multiplies each leaf by the learning rate before it is added.
`HistGradientBoosting...` compares float64 rows: `from_histogram`.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.from_histogram import from_histogram
from trimtab.bundle.forest.layout import MISSING_LEFT, Facts
from trimtab.bundle.forest.refusal import refused
from trimtab.bundle.forest.trees import Tree, single, tables
from trimtab.core.dtypes import Array

__all__ = ["from_sklearn"]

_TREES: Final = frozenset({"DecisionTree", "ExtraTree"})
_FORESTS: Final = frozenset({"RandomForest", "ExtraTrees"})
_SUFFIXES: Final = ("Classifier", "Regressor")
# loss: link and its scale
_LINKS: Final = {
    "HalfBinomialLoss": ("two_chances", 1.0),
    "ExponentialLoss": ("two_chances", 2.0),
    "HalfMultinomialLoss": ("softmax_rows", 1.0),
}


def from_sklearn(estimator: Any, rows: str = "float64") -> Forest:
    """A fitted ensemble, packed as `predict_proba` of a classifier and `predict` of a regressor answer.

    `rows` is the dtype of the rows that `HistGradientBoosting...` is packed for; the others take rows of any dtype.
    P290 for anything else, subclasses of users' own included.
    """
    name, classifier = _kind(estimator)
    if name == "HistGradientBoosting":
        return from_histogram(estimator, rows, classifier=classifier)
    if name == "GradientBoosting":
        return _boosting(estimator)
    if name not in _TREES | _FORESTS:
        raise refused(f"it is a `{type(estimator).__name__}`")
    if classifier and estimator.n_outputs_ > 1:
        raise refused("it classifies into several outputs")
    members = [estimator] if name in _TREES else estimator.estimators_
    trees = [_tree(member.tree_, classifier=classifier) for member in members]
    width = trees[0].values.shape[1]
    allows_nan = members[0]._support_missing_values(np.empty((0, 0)))  # noqa: SLF001  # it has no public name
    refuses = "infinity" if allows_nan else "missing"
    columns, flat = estimator.n_features_in_, width == 1 and not classifier
    facts = Facts("sklearn", columns, width, "float32", casts=True, refuses=refuses, divisor=len(trees), flat=flat)
    return Forest(tables(trees, facts, np.zeros(width)), facts)


def _kind(estimator: Any) -> tuple[str, bool]:
    """The family's name, and whether it classifies."""
    kind = type(estimator)
    if kind.__module__.partition(".")[0] == "sklearn":
        for suffix in _SUFFIXES:
            if kind.__name__.endswith(suffix):
                return kind.__name__.removesuffix(suffix), suffix == _SUFFIXES[0]
    return "", False


def _boosting(estimator: Any) -> Forest:
    if estimator.init_ != "zero" and type(estimator.init_).__name__ not in ("DummyClassifier", "DummyRegressor"):
        raise refused("it starts from another estimator (`init`)")
    loss = type(estimator._loss).__name__  # noqa: SLF001  # neither has a public name
    several = np.zeros((3, estimator.n_features_in_), np.float32)
    base = estimator._raw_predict_init(several)[0].astype(np.float64)  # noqa: SLF001
    link, scale = _LINKS.get(loss, ("identity", 1.0))
    rate = estimator.learning_rate
    trees = [
        _tree(member.tree_, classifier=False, rate=rate, group=group)
        for stage in estimator.estimators_
        for group, member in enumerate(stage)
    ]
    facts = Facts(
        library="sklearn",
        columns=estimator.n_features_in_,
        groups=len(base),
        rows="float32",
        casts=True,
        refuses="missing",
        link=link,
        scale=scale,
        flat=link == "identity",
    )
    return Forest(tables(trees, facts, base), facts)


def _tree(tree: Any, *, classifier: bool, rate: float = 1.0, group: int = -1) -> Tree:
    values: Array = tree.value[:, 0, :] if classifier else tree.value[:, :, 0]
    return Tree(
        column=tree.feature,
        threshold=single(tree.threshold).astype(np.float64),
        left=tree.children_left,
        right=tree.children_right,
        kind=MISSING_LEFT * (tree.missing_go_to_left != 0),
        leaf=np.arange(tree.node_count),
        values=values * rate if rate != 1.0 else values,
        group=group if values.shape[1] == 1 and not classifier else -1,
    )
