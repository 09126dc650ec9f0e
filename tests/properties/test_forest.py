"""Packed forests answer with the bits of the library that trained them, natively and in numpy, on any row."""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import xgboost
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sklearn import ensemble, tree

from trimtab.bundle.forest.file import load, save
from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.from_lightgbm import from_lightgbm
from trimtab.bundle.forest.from_sklearn import from_sklearn
from trimtab.bundle.forest.from_xgboost import from_xgboost
from trimtab.core.dtypes import Array

# zeros, what LightGBM takes for zero, denormals, what overflows float32, words of sets, what is no category
WORDS = (1, 2, 3, 7, 31, 32, 33, 63, 64, -1, -0.5, 0.5, 1e10, 2.0**31, -(2.0**31), 2.0**24, 2.0**24 - 1)
SMALL = (0.0, -0.0, 1e-35, -1e-35, float(np.float32(1e-35)), 1e-36, 1e-45, 5e-324)
EDGES = np.array([*SMALL, *WORDS, np.inf, -np.inf, np.nan, 3.4028235e38, 1e39, -1e300])
SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Data:
    """What a model is trained on, and the chance that made it."""

    chance: np.random.Generator
    rows: Array
    target: Array
    categories: bool  # in the last column


@st.composite
def data(draw: st.DrawFn) -> Data:
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    # two rows a class at least, for eleven of them: with fewer, scikit-learn takes them for numbers, and warns
    count, columns = draw(st.integers(22, 150)), draw(st.integers(1, 6))
    rows = chance.normal(size=(count, columns))
    if draw(st.booleans()):
        rows = np.round(rows, 1)
    if draw(st.booleans()):
        rows[:, 0] = draw(st.sampled_from([0.0, 1.0, 1e-36]))
    categories = draw(st.booleans())
    if categories:
        rows[:, -1] = chance.integers(0, draw(st.sampled_from([3, 40, 100])), count)
    target = rows.sum(axis=1) + chance.normal(size=count)
    for missing in (0.0, np.nan):
        if draw(st.booleans()):
            rows[chance.random(rows.shape) < draw(st.sampled_from([0.05, 0.4]))] = missing
    return Data(chance, rows, target, categories)


def asked(known: Data, thresholds: Any) -> Array:
    """Training rows, edges, thresholds and their neighbours in either dtype, far values."""
    chance, columns = known.chance, known.rows.shape[1]
    parts = [known.rows[:40], chance.choice(EDGES, (60, columns)), np.round(chance.normal(size=(20, columns)) * 50)]
    limits = np.asarray(thresholds, np.float64)
    if len(limits):
        near = chance.choice(limits, (20, columns))
        with np.errstate(over="ignore"):
            rounded = near.astype(np.float32)
        parts += [near, np.nextafter(near, np.inf), rounded, np.nextafter(rounded, np.float32(-np.inf))]
    return np.concatenate(parts)


def same_bits(found: Array, wanted: Array) -> None:
    assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
    bits = [np.ascontiguousarray(part).view(f"u{part.itemsize}") for part in (found, wanted)]
    assert ((bits[0] == bits[1]) | (np.isnan(found) & np.isnan(wanted))).all()


def agrees(forest: Forest, rows: Array, raw: Callable[[Array], Array] | None, final: Callable[[Array], Array]) -> None:
    """Both walks, before and after the file, for many rows and for few, in either order of memory."""
    with tempfile.TemporaryDirectory() as folder:
        save(forest, Path(folder))
        walks = (forest, load(Path(folder)), load(Path(folder), native=False))
    assert not walks[-1].native
    with np.errstate(all="ignore"):
        for given_rows in (rows, np.asfortranarray(rows), rows[:1], rows[3:9], rows[:0]):
            if len(given_rows):
                wanted = final(given_rows), raw(given_rows) if raw else None
            for walk in walks:
                if not len(given_rows):
                    assert walk(given_rows).shape == (0, forest.facts.groups)
                    continue
                same_bits(walk.predict(given_rows), wanted[0])
                if wanted[1] is not None:
                    same_bits(walk(given_rows), wanted[1].reshape(len(given_rows), -1))


LIGHTGBM = ("binary", "multiclass", "multiclassova", "regression", "poisson", "cross_entropy", "cross_entropy_lambda")


@SETTINGS
@given(
    data(),
    st.sampled_from(LIGHTGBM),
    st.fixed_dictionaries(
        {
            "boosting": st.sampled_from(["gbdt", "dart", "rf"]),
            "num_leaves": st.sampled_from([2, 5, 31]),
            "zero_as_missing": st.booleans(),
            "use_missing": st.booleans(),
            "max_cat_to_onehot": st.sampled_from([1, 64]),
            "min_data_in_leaf": st.sampled_from([1, 60]),
            "sigmoid": st.sampled_from([1.0, 0.7]),
            "reg_sqrt": st.booleans(),
        }
    ),
    st.integers(1, 20),
)
def test_lightgbm(known: Data, objective: str, params: dict[str, Any], rounds: int) -> None:
    fixed = {"objective": objective, "verbose": -1, "num_threads": 1, "min_data_per_group": 1, "bagging_freq": 1}
    classes = {"num_class": 3} if objective.startswith("multi") else {}
    target = {
        "binary": known.target > np.median(known.target),
        "cross_entropy": 1 / (1 + np.exp(-known.target)),
        "cross_entropy_lambda": 1 / (1 + np.exp(-known.target)),
        "poisson": np.abs(known.target),
    }.get(objective, np.arange(len(known.target)) % 3 if classes else known.target)
    names = [known.rows.shape[1] - 1] if known.categories else []
    trained = lightgbm.train(
        {**fixed, **classes, **params, "bagging_fraction": 0.7},
        lightgbm.Dataset(known.rows, target, categorical_feature=names),
        rounds,
    )
    lines = [line for line in trained.model_to_string().split("\n") if line.startswith("threshold=")]
    rows = asked(known, [float(word) for line in lines for word in line.partition("=")[2].split()])
    for dtype in ("float64", "float32"):
        with np.errstate(over="ignore"):
            cast = rows.astype(dtype)
        raw = functools.partial(trained.predict, raw_score=True)
        agrees(from_lightgbm(trained, dtype), cast, raw, trained.predict)


XGBOOST = ("binary:logistic", "binary:hinge", "multi:softprob", "multi:softmax", "count:poisson", "reg:squarederror")
XGBOOST += ("reg:quantileerror", "reg:tweedie", "rank:pairwise")


@SETTINGS
@given(
    data(),
    st.sampled_from(XGBOOST),
    st.fixed_dictionaries(
        {
            "max_depth": st.sampled_from([1, 3, 9]),
            "num_parallel_tree": st.sampled_from([1, 3]),
            "max_cat_to_onehot": st.sampled_from([1, 64]),
            "gamma": st.sampled_from([0.0, 1e6]),
        }
    ),
    st.sampled_from([np.nan, 0.0, -1.0]),
    st.integers(1, 15),
)
def test_xgboost(known: Data, objective: str, params: dict[str, Any], missing: float, rounds: int) -> None:
    extra: dict[str, Any] = {"num_class": 3} if objective.startswith("multi") else {}
    if objective == "reg:quantileerror":
        extra["quantile_alpha"] = [0.1, 0.6]
    target = {
        "binary:logistic": known.target > np.median(known.target),
        "binary:hinge": known.target > np.median(known.target),
        "count:poisson": np.abs(known.target),
        "reg:tweedie": np.abs(known.target) + 0.1,
    }.get(objective, np.arange(len(known.target)) % 3 if extra or "rank" in objective else known.target)
    kinds = ["q"] * (known.rows.shape[1] - 1) + ["c" if known.categories else "q"]
    table = xgboost.DMatrix(known.rows, target, feature_types=kinds, enable_categorical=True, missing=missing)
    if "rank" in objective:
        table.set_group([len(known.rows)])
    trained = xgboost.train({"objective": objective, "nthread": 1, **params, **extra}, table, rounds)
    model = json.loads(trained.save_raw("json"))["learner"]["gradient_booster"]["model"]
    limits = [
        condition
        for one in model["trees"]
        for condition, left in zip(one["split_conditions"], one["left_children"], strict=True)
        if left >= 0
    ]
    rows = asked(known, limits)
    for iterations in (0, 1):
        chosen: Any = {"missing": missing, "iteration_range": (0, iterations)}
        forest = from_xgboost(trained, iterations, missing)
        for dtype in (np.float64, np.float32):
            with np.errstate(over="ignore"):
                cast = rows.astype(dtype)
            final = functools.partial(trained.inplace_predict, **chosen)
            agrees(forest, cast, functools.partial(final, predict_type="margin"), final)


TREES = ("RandomForest", "ExtraTrees", "GradientBoosting", "DecisionTree", "ExtraTree")


@SETTINGS
@given(data(), st.sampled_from(TREES), st.booleans(), st.sampled_from([1, 3, 12]), st.sampled_from([2, 3, 11]))
def test_sklearn(known: Data, family: str, classifier: bool, depth: int, classes: int) -> None:  # noqa: FBT001
    alone = family in ("DecisionTree", "ExtraTree")
    kind = getattr(tree if alone else ensemble, family + ("Regressor", "Classifier")[classifier])
    sized = {} if alone else {"n_estimators": 7}
    rows = np.nan_to_num(known.rows) if family == "GradientBoosting" else known.rows
    target = np.arange(len(rows)) % classes if classifier else known.target
    trained = kind(max_depth=depth, random_state=0, **sized).fit(rows, target)
    forest = from_sklearn(trained)
    members = [trained] if alone else list(np.ravel(trained.estimators_))
    wanted = asked(known, np.concatenate([one.tree_.threshold for one in members]))
    with np.errstate(over="ignore"):
        wanted = wanted[~np.isinf(wanted.astype(np.float32)).any(axis=1)]
        event(f"refuses {forest.facts.refuses}")
        if forest.facts.refuses == "missing":
            wanted = wanted[~np.isnan(wanted).any(axis=1)]
    agrees(forest, wanted, None, trained.predict_proba if classifier else trained.predict)


@SETTINGS
@given(
    data(),
    st.sampled_from(["squared_error", "poisson", "absolute_error", "classes"]),
    st.sampled_from([2, 3, 11]),
    st.integers(2, 20),
)
def test_sklearn_histogram(known: Data, loss: str, classes: int, leaves: int) -> None:
    sized = {"max_iter": 5, "min_samples_leaf": 2, "max_leaf_nodes": leaves}
    coded = {"categorical_features": [known.rows.shape[1] - 1]} if known.categories else {}
    if loss == "classes":
        trained: Any = ensemble.HistGradientBoostingClassifier(**sized, **coded)
        trained.fit(known.rows, np.arange(len(known.rows)) % classes)
    else:
        trained = ensemble.HistGradientBoostingRegressor(loss=loss, **sized, **coded)
        trained.fit(known.rows, np.abs(known.target) if loss == "poisson" else known.target)
    nodes = [one.nodes for stage in trained._predictors for one in stage]
    rows = asked(known, np.concatenate([part["num_threshold"] for part in nodes]))
    for dtype in ("float64", "float32"):
        with np.errstate(over="ignore"):
            cast = rows.astype(dtype)
        if known.categories:  # the library refuses infinity as a category
            cast = cast[~np.isinf(cast[:, -1])]
        final = trained.predict_proba if loss == "classes" else trained.predict
        agrees(from_sklearn(trained, dtype), cast, trained._raw_predict, final)
