"""What packing does not know is named."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression

from trimtab.bundle.forest.from_lightgbm import from_lightgbm
from trimtab.bundle.forest.from_sklearn import from_sklearn
from trimtab.bundle.forest.from_xgboost import from_xgboost
from trimtab.core.errors import UserError

ROWS = np.random.default_rng(0).normal(size=(60, 2))
TARGET = ROWS[:, 0] + ROWS[:, 1] ** 2


def boosted(**params: Any) -> Any:
    return xgboost.train({"nthread": 1, **params}, xgboost.DMatrix(ROWS, TARGET), 3)


def test_lightgbm_with_linear_leaves() -> None:
    params = {"linear_tree": True, "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}
    trained = lightgbm.train(params, lightgbm.Dataset(ROWS, TARGET, params={"linear_tree": True}), 2)
    with pytest.raises(UserError, match=r"P290.*linear models"):
        from_lightgbm(trained)


def test_lightgbm_of_an_unknown_objective() -> None:
    trained = lightgbm.train({"verbose": -1, "num_threads": 1}, lightgbm.Dataset(ROWS, TARGET), 1)
    text = trained.model_to_string().replace("objective=regression", "objective=unheard_of")
    with pytest.raises(UserError, match=r"P290.*`unheard_of`"):
        from_lightgbm(text)


def test_lightgbm_without_trees_answers_zero() -> None:
    trained = lightgbm.train({"verbose": -1, "num_threads": 1}, lightgbm.Dataset(ROWS, TARGET), 1)
    head, _, tail = trained.model_to_string().partition("\nTree=0")
    text = head + "\n\nend of trees" + tail.partition("\nend of trees")[2]
    assert from_lightgbm(text)(ROWS[:2]).tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"booster": "dart"}, "`dart`"),
        ({"booster": "gblinear", "updater": "coord_descent"}, "`gblinear`"),
    ],
)
def test_xgboost_of_another_kind(params: dict[str, Any], why: str) -> None:
    with pytest.raises(UserError, match=rf"P290.*{why}"):
        from_xgboost(boosted(**params))


def test_xgboost_with_vector_leaves() -> None:
    table = xgboost.DMatrix(ROWS, np.column_stack([TARGET, -TARGET]))
    params = {"multi_strategy": "multi_output_tree", "tree_method": "hist", "nthread": 1}
    with pytest.raises(UserError, match=r"P290.*vector leaves"):
        from_xgboost(xgboost.train(params, table, 2))


class Mine(RandomForestClassifier):
    """Who knows what it answers."""


@pytest.mark.parametrize(
    ("estimator", "target", "why"),
    [
        (IsolationForest(n_estimators=2), None, "`IsolationForest`"),
        (LinearRegression(), TARGET, "`LinearRegression`"),
        (DummyClassifier(), TARGET > 0, "`DummyClassifier`"),
        (Mine(n_estimators=2), TARGET > 0, "`Mine`"),
        (RandomForestClassifier(n_estimators=2), np.column_stack([TARGET > 0, TARGET > 1]), "several outputs"),
        (GradientBoostingRegressor(n_estimators=2, init=LinearRegression()), TARGET, "another estimator"),
        (HistGradientBoostingRegressor(max_iter=1, categorical_features=[0]), TARGET, "no small whole numbers"),
    ],
)
def test_sklearn_of_another_kind(estimator: Any, target: Any, why: str) -> None:
    rows = np.round(ROWS, 1)
    with pytest.raises(UserError, match=rf"P290.*{why}"):
        from_sklearn(estimator.fit(rows, target))
