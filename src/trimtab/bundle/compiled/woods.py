"""Packs the tree ensembles of LightGBM, XGBoost and scikit-learn, and says what their answers are called."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
import numpy as np

from trimtab.bundle.compiled.features import UnfoldableError, kind_of
from trimtab.bundle.engines.forest import Answer, ForestOptions
from trimtab.bundle.flavours import flavour_named
from trimtab.bundle.flavours.estimator import plain_classes
from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.layout import CATEGORICAL, SLOT
from trimtab.core.dtypes import Array

__all__ = ["SKLEARN", "is_wood", "packed_last", "packed_lightgbm", "packed_sklearn", "packed_xgboost", "thresholds_of"]

_TREES: Final = ("DecisionTree", "ExtraTree", "RandomForest", "ExtraTrees")
_BOOSTED: Final = ("HistGradientBoosting", "GradientBoosting")
SKLEARN: Final = frozenset(f"{name}{side}" for name in (*_TREES, *_BOOSTED) for side in ("Classifier", "Regressor"))
_PLAIN: Final = (str, int, float, bool)


def packed_lightgbm(model: Any, options: Mapping[str, Any], given: Any) -> tuple[Forest, ForestOptions]:
    """A booster for rows like the given ones, as `BoosterModel` of the flavour answers."""
    from trimtab.bundle.forest.from_lightgbm import from_lightgbm

    single = isinstance(given, np.ndarray) and given.dtype == np.float32
    forest = from_lightgbm(model.booster, "float32" if single else "float64")
    answer: Answer = "even" if options["answer"] == "label" else "value"
    made = ForestOptions(
        "probability" if options["answer"] == "probability" else "prediction",
        forest.facts.columns,
        answer,
        tuple(model.names),
        by_name=isinstance(given, dict) and set(model.names) <= set(given),
        dtype=forest.facts.rows,
        categories=_categories(model.categories, given),
        labels=tuple(options["labels"]) if "labels" in options else None,
    )
    return forest, _unnamed(made)


def packed_xgboost(model: Any, options: Mapping[str, Any], given: Any) -> tuple[Forest, ForestOptions]:
    """A booster as `BoosterModel` of the flavour answers."""
    from trimtab.bundle.forest.from_xgboost import from_xgboost

    kinds: dict[str, Answer] = {"probability": "value", "value": "value", "label": "even", "softmax": "softmax"}
    if model.linear or options["answer"] not in kinds or (model.categorical and hasattr(given, "columns")):
        raise UnfoldableError(f"an XGBoost model that answers `{options['answer']}` this way has no native form")
    forest = from_xgboost(model.booster, model.trees, model.missing)
    names = None if model.names is None else tuple(model.names)
    made = ForestOptions(
        "probability" if options["answer"] in ("probability", "softmax") else "prediction",
        forest.facts.columns,
        kinds[options["answer"]],
        names,
        by_name=isinstance(given, dict) and names is not None and set(names) <= set(given),
        dtype="float32",
    )
    return forest, _unnamed(made)


def is_wood(estimator: Any) -> bool:
    """Whether it is a tree ensemble in the interface of scikit-learn, of any of the libraries."""
    return kind_of(estimator) in SKLEARN or _library(estimator) in ("xgboost", "lightgbm")


def _library(estimator: Any) -> str:
    return type(estimator).__module__.partition(".")[0]


def packed_last(estimator: Any, method: str, matrix: Array) -> tuple[Forest, ForestOptions]:
    """The last step of a pipeline, for matrices like the one that it is given for the rows of the sample."""
    if kind_of(estimator):
        return packed_sklearn(estimator, method)
    flavour = flavour_named(_library(estimator))
    with TemporaryDirectory(prefix="trimtab-last-") as folder:
        options = flavour.save(estimator, Path(folder), method)
    opened = flavour.open(estimator, method)
    packed = packed_lightgbm if flavour.name == "lightgbm" else packed_xgboost
    forest, made = packed(opened, options, matrix)
    if method == "predict" and forest.facts.link == "argmax":  # the wrapper makes whole numbers of these classes
        made = msgspec.structs.replace(made, answer="sign")
    return forest, made


def packed_sklearn(estimator: Any, method: str, *, coded: bool = False) -> tuple[Forest, ForestOptions]:
    """A forest or boosted trees of scikit-learn itself; coded: as in `from_histogram`."""
    from trimtab.bundle.forest.from_histogram import from_histogram
    from trimtab.bundle.forest.from_sklearn import from_sklearn

    kind, names = kind_of(estimator), getattr(estimator, "feature_names_in_", None)
    classifier = kind.endswith("Classifier")
    labels: tuple[Any, ...] | None = None
    if method == "predict_proba" and classifier:
        answer: Answer = "chance"
    elif method == "predict" and not classifier:
        answer = "value"
    elif method == "predict" and not kind.startswith("GradientBoosting"):
        answer = "sign" if kind.startswith("Hist") else "widest"
        labels = tuple(plain_classes(estimator.classes_))
    else:
        raise UnfoldableError(f"`{method}` of `{kind}` has no native form")
    forest = (
        from_histogram(estimator, "float64", classifier=classifier, coded=True) if coded else from_sklearn(estimator)
    )
    output = "probability" if method == "predict_proba" else "prediction"
    known = None if names is None else tuple(map(str, names))
    return forest, ForestOptions(output, forest.facts.columns, answer, known, labels=labels)


def thresholds_of(forest: Forest) -> dict[int, Array]:
    """The values at which trees decide, by column."""
    nodes, tables = forest.tables.nodes, forest.tables
    slot = nodes["slot"].astype(np.int64)
    split = (tables.leaf < 0) & (slot & CATEGORICAL == 0)
    columns = tables.features[slot[split] & SLOT]
    values = nodes["threshold"][split].astype(np.float64)
    return {int(at): np.unique(values[(columns == at) & np.isfinite(values)]) for at in np.unique(columns)}


def _unnamed(options: ForestOptions) -> ForestOptions:
    """Boosters look at names only to choose among the arrays of a dict."""
    return options if options.by_name else msgspec.structs.replace(options, names=None)


def _categories(known: list[list[Any]], given: Any) -> dict[str, tuple[Any, ...]]:
    """The categories of LightGBM's coded columns, by their place among the columns given."""
    if not known:
        return {}
    at = [place for place, dtype in enumerate(given.dtypes) if hasattr(dtype, "categories")]
    if len(at) != len(known) or not all(isinstance(value, _PLAIN) for values in known for value in values):
        raise UnfoldableError("the categories of this LightGBM model have no native form")
    return {str(place): tuple(values) for place, values in zip(at, known, strict=True)}
