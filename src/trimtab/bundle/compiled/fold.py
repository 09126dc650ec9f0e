"""Folds a fitted scikit-learn pipeline that ends in a linear model into one set of weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from trimtab.bundle.compiled.features import Affine, Feature, UnfoldableError, features_after, kind_of
from trimtab.bundle.engines.weights import Category, LinearSpec, Link, Number, Shift
from trimtab.bundle.flavours.estimator import plain_classes
from trimtab.core.dtypes import Array

__all__ = ["fold", "is_linear"]

_CLASSIFIERS: Final = frozenset({
    "LogisticRegression", "LogisticRegressionCV", "SGDClassifier", "RidgeClassifier", "RidgeClassifierCV", "Perceptron",
    "PassiveAggressiveClassifier", "LinearSVC",
})  # fmt: skip
_REGRESSORS: Final = frozenset({
    "LinearRegression", "Ridge", "RidgeCV", "Lasso", "LassoCV", "ElasticNet", "ElasticNetCV", "SGDRegressor", "Lars",
    "LassoLars", "OrthogonalMatchingPursuit", "BayesianRidge", "ARDRegression", "HuberRegressor", "TheilSenRegressor",
    "PassiveAggressiveRegressor", "LinearSVR",
})  # fmt: skip
_TWO: Final = 2


def is_linear(estimator: Any) -> bool:
    """Whether the estimator, or the last step of a pipeline, is a linear model that can be folded."""
    return kind_of(_last(estimator)) in _CLASSIFIERS | _REGRESSORS


def fold(estimator: Any, method: str, given: Any) -> LinearSpec:
    """The weights of one method; raises UnfoldableError saying which step has no such form.

    given: what the estimator is given for the rows of the sample.
    """
    last = _last(estimator)
    steps = [step for _, step in estimator.steps[:-1]] if last is not estimator else []
    count = int(estimator.n_features_in_)
    features: list[Feature] = [Affine(at) for at in range(count)]
    shifts = _shifts(steps) if _is_single(given) else ()
    for step in () if shifts else steps:
        features = features_after("passthrough" if step is None else step, features)
    coefficients = np.asarray(last.coef_, np.float64)
    weights = coefficients.reshape(-1, coefficients.shape[-1]).T
    if len(features) != len(weights):
        raise UnfoldableError(f"{len(features)} features were found, the model has {len(weights)} weights")
    terms, shift = _terms(features, weights, float(np.finfo(np.float32 if _is_single(given) else np.float64).max))
    intercept = np.broadcast_to(np.asarray(last.intercept_, np.float64), (weights.shape[1],)) + shift
    link, flat = _link(last, method, coefficients)
    names = getattr(estimator, "feature_names_in_", None)
    return LinearSpec(
        count=count,
        terms=tuple(terms),
        intercept=tuple(intercept.tolist()),
        link=link,
        output="probability" if method == "predict_proba" else "prediction",
        names=None if names is None else tuple(map(str, names)),
        flat=flat,
        by_name=bool(steps) and kind_of(steps[0]) == "ColumnTransformer" and names is not None,
        shifts=shifts,
        labels=tuple(plain_classes(last.classes_)) if link == "label" else (),
    )


def _last(estimator: Any) -> Any:
    return estimator.steps[-1][1] if kind_of(estimator) == "Pipeline" else estimator


def _link(last: Any, method: str, coefficients: Array) -> tuple[Link, bool]:
    """What becomes of the scores, and whether the answer is flat."""
    if kind_of(last) in _REGRESSORS:
        if method != "predict":
            raise UnfoldableError(f"`{method}` of a linear model has no native form")
        return "identity", coefficients.ndim == 1
    if not isinstance(last.classes_, np.ndarray):
        raise UnfoldableError("a classifier of several outputs has no native form")
    two = len(last.classes_) == _TWO
    match method:
        case "predict":
            return "label", True
        case "decision_function":
            return "identity", two
        case "predict_proba" if kind_of(last).startswith("LogisticRegression"):
            return ("sigmoid" if two else "softmax"), two
        case "predict_proba" if getattr(last, "loss", "") == "log_loss":
            return ("sigmoid" if two else "shares"), two
    raise UnfoldableError(f"`{method}` of `{type(last).__name__}` has no native form")


def _is_single(given: Any) -> bool:
    """Whether all rows are of FP32: scikit-learn's own arithmetic stays there then."""
    parts = given.values() if isinstance(given, dict) else (given,)
    dtypes = list(given.dtypes) if hasattr(given, "columns") else [getattr(part, "dtype", None) for part in parts]
    return all(dtype == np.float32 for dtype in dtypes)


def _shifts(steps: Sequence[Any]) -> tuple[Shift, ...]:
    """Standard scalers as what they do one after the other; nothing where there are other steps."""
    if any(kind_of(step) != "StandardScaler" for step in steps):
        return ()
    return tuple(
        Shift(
            tuple(step.mean_.tolist()) if step.with_mean else None,
            tuple(step.scale_.tolist()) if step.scale_ is not None else None,
        )
        for step in steps
    )


def _terms(features: Sequence[Feature], weights: Array, largest: float) -> tuple[list[Number | Category], Array]:
    """One term a column (and fill, or encoder), and what the features' shifts add to the intercept."""
    shift = np.zeros(weights.shape[1])
    numbers: dict[tuple[int, Any], tuple[Array, float]] = {}
    encoders: dict[tuple[Any, ...], Array] = {}
    for feature, row in zip(features, weights, strict=True):
        if isinstance(feature, Affine):
            if isinstance(feature.fill, str):
                raise UnfoldableError("a text column has no weight without an encoder")
            shift += row * feature.shift
            sum_, widest = numbers.get((feature.at, feature.fill), (0.0, 1.0))
            numbers[feature.at, feature.fill] = sum_ + row * feature.scale, max(widest, feature.widest)
        else:
            key = (feature.at, _key(feature.values), feature.refuse, feature.fill)
            table = encoders.setdefault(key, np.zeros((len(feature.values), weights.shape[1])))
            table[feature.hot] += row
    terms: list[Number | Category] = [
        Number(at, tuple(row.tolist()), None if fill is None else float(fill), largest / wide)
        for (at, fill), (row, wide) in sorted(numbers.items(), key=lambda item: item[0][0])
    ]
    return [*terms, *(_category(key, table) for key, table in encoders.items())], shift


def _key(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values so that NaN equals itself; an encoder's categories may hold it."""
    return tuple(None if _is_missing(value) else value for value in values)


def _category(key: tuple[Any, ...], table: Array) -> Category:
    at, values, refuse, fill = key
    unknown = None if refuse else (0.0,) * table.shape[1]
    rows: Mapping[Any, tuple[float, ...]] = {
        value: tuple(row) for value, row in zip(values, table.tolist(), strict=True)
    }
    missing = rows.get(fill, unknown)  # without a fill, a missing value is a category of its own, or unknown
    known = [value for value in values if value is not None]
    if not all(isinstance(value, str | int | float | bool) for value in known):
        raise UnfoldableError("categories that are no texts, numbers or booleans have no native form")
    return Category(at, tuple(known), tuple(rows[value] for value in known), missing, unknown)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))
