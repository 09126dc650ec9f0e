"""Every shape of linear model that is folded answers as the model does; what cannot be folded says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, Ridge, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import LinearSVC

from trimtab.bundle.compiled.features import UnfoldableError
from trimtab.bundle.compiled.fold import fold, is_linear

CHANCE = np.random.default_rng(5)
ROWS = CHANCE.normal(size=(200, 3)) * (1.0, 30.0, 0.01) + (0.0, 2000.0, 0.0)
LATE = (ROWS[:, 0] > 0).astype(int)
WORDS = np.array(["u", "v", "w"])[CHANCE.integers(0, 3, 200)]

CASES = {
    "two classes": (make_pipeline(StandardScaler(), LogisticRegression()), LATE, ""),
    "labels": (make_pipeline(StandardScaler(), LogisticRegression()), WORDS, "predict"),
    "softmax": (make_pipeline(MinMaxScaler(), LogisticRegression()), WORDS, ""),
    "one against the rest": (make_pipeline(MaxAbsScaler(), SGDClassifier(loss="log_loss", random_state=0)), WORDS, ""),
    "scores": (make_pipeline(RobustScaler(), LinearSVC()), LATE, "decision_function"),
    "several targets": (LinearRegression(), ROWS[:, :2], ""),
    "scaled twice": (make_pipeline(StandardScaler(), MinMaxScaler(), Ridge()), ROWS[:, 1], ""),
    "not centred": (make_pipeline(StandardScaler(with_mean=False), Ridge()), ROWS[:, 1], ""),
}


@pytest.mark.parametrize("name", CASES)
def test_a_matrix(compiled: Any, name: str) -> None:
    model, target, method = CASES[name]
    found = compiled(model.fit(ROWS, target), ROWS, method).versus()
    assert found.relative < 1e-9
    assert found.refused > 0  # infinities, and what becomes infinite on the way


@pytest.mark.parametrize("columns", [10, 30])
@pytest.mark.parametrize("scaled", [True, False])
def test_many_columns(compiled: Any, columns: int, scaled: bool) -> None:  # noqa: FBT001 - a parameter
    frame = pd.DataFrame(CHANCE.normal(size=(200, columns)), columns=[f"c{at}" for at in range(columns)])
    model = make_pipeline(StandardScaler(), LogisticRegression()) if scaled else LogisticRegression()
    assert compiled(model.fit(frame, frame["c3"] > frame["c4"]), frame).versus().absolute < 1e-9


def test_rows_of_single_precision_are_scaled_as_scikit_learn_does(compiled: Any) -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=100.0)).fit(ROWS, LATE)
    assert compiled(model, ROWS.astype(np.float32)).versus().absolute < 1e-12


def test_a_table_of_several_kinds_needs_no_pandas(compiled: Any) -> None:
    frame = pd.DataFrame(ROWS, columns=["a", "b", "c"])
    frame.loc[::9, "a"] = np.nan
    frame["n"] = pd.Series(CHANCE.integers(0, 9, 200)).astype("Int64").where(np.arange(200) % 7 > 0)
    frame["plan"] = np.where(np.arange(200) % 11 == 0, None, WORDS)
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["a", "b", "n"]),
        (make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")), ["plan"]),
        ("passthrough", ["c"]),
    )
    made = compiled(make_pipeline(columns, LogisticRegression(max_iter=1000)).fit(frame, WORDS), frame)
    assert made.tried.plan.container == "arrays"
    assert made.tried.plan.native
    assert made.versus().relative < 1e-6


def test_columns_may_come_in_another_order_where_the_model_takes_them_by_name(compiled: Any) -> None:
    frame = pd.DataFrame(ROWS, columns=["a", "b", "c"])
    columns = make_column_transformer((StandardScaler(), ["c", "a"]))
    model = make_pipeline(columns, Ridge()).fit(frame, LATE)
    assert compiled(model, frame[["c", "b", "a"]].assign(more=1.0)).versus().relative < 1e-9


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (make_pipeline(PolynomialFeatures(), Ridge()), "PolynomialFeatures"),
        (make_pipeline(MinMaxScaler(clip=True), Ridge()), "clip"),
        (make_pipeline(SimpleImputer(add_indicator=True), Ridge()), "SimpleImputer"),
    ],
)
def test_what_cannot_be_folded_is_named(model: Any, word: str) -> None:
    with pytest.raises(UnfoldableError, match=word):
        fold(model.fit(ROWS, LATE), "predict", ROWS)


def test_a_subclass_of_the_users_own_is_not_taken_for_its_parent() -> None:
    class Mine(Ridge):
        """May do anything in `predict`."""

    assert is_linear(Ridge())
    assert not is_linear(Mine())
    assert not is_linear(PoissonRegressor())
