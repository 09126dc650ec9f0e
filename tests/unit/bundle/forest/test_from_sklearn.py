from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

from trimtab.bundle.forest.from_sklearn import from_sklearn
from trimtab.core.errors import UserError

ROWS = np.random.default_rng(0).normal(size=(60, 2))
TARGET = ROWS[:, 0] + ROWS[:, 1] ** 2


def test_a_mean_is_a_sum_divided() -> None:
    forest = from_sklearn(RandomForestRegressor(n_estimators=3, random_state=0).fit(ROWS, TARGET))
    assert forest.facts.divisor == 3
    assert (forest(ROWS)[:, 0] / 3).tolist() == forest.predict(ROWS).tolist()


def test_several_targets_are_columns() -> None:
    trained = DecisionTreeRegressor(random_state=0).fit(ROWS, np.column_stack([TARGET, -TARGET]))
    assert from_sklearn(trained).predict(ROWS).tolist() == trained.predict(ROWS).tolist()


@pytest.mark.parametrize("params", [{"init": "zero"}, {"loss": "exponential"}, {}])
def test_boosting_starts_where_the_library_starts(params: dict[str, Any]) -> None:
    trained = GradientBoostingClassifier(n_estimators=3, random_state=0, **params).fit(ROWS, TARGET > 0)
    assert from_sklearn(trained).predict(ROWS).tolist() == trained.predict_proba(ROWS).tolist()


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
    ],
)
def test_sklearn_of_another_kind(estimator: Any, target: Any, why: str) -> None:
    rows = np.round(ROWS, 1)
    with pytest.raises(UserError, match=rf"P290.*{why}"):
        from_sklearn(estimator.fit(rows, target))
