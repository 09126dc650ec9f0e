"""Preprocessing and trees in one native form give scikit-learn's own bits, whatever the columns are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from trimtab.bundle.compiled.features import UnfoldableError
from trimtab.bundle.compiled.stages import stage_of

CHANCE = np.random.default_rng(11)
ROWS = CHANCE.normal(size=(300, 4)) * (1.0, 30.0, 0.01, 5.0) + (0.0, 2000.0, 0.0, 1.0)
LATE = (ROWS[:, 0] + CHANCE.normal(size=300) > 0).astype(int)
KINDS = CHANCE.integers(0, 3, 300)


def frame() -> pd.DataFrame:
    made = pd.DataFrame(ROWS, columns=["a", "b", "c", "d"])
    made.loc[::9, "a"] = np.nan
    made["n"] = CHANCE.integers(0, 40, 300)
    made["plan"] = CHANCE.choice(["basic", "plus", "pro", "rare"], 300, p=[0.5, 0.3, 0.19, 0.01])
    made["town"] = np.where(np.arange(300) % 11 == 0, None, CHANCE.choice(["u", "v"], 300))
    return made


def columns() -> Any:
    return make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), ["a", "b"]),
        (make_pipeline(FunctionTransformer(np.cbrt), MinMaxScaler(clip=True)), ["c", "n"]),
        (OneHotEncoder(handle_unknown="ignore"), ["plan"]),
        (make_pipeline(SimpleImputer(strategy="most_frequent"), OrdinalEncoder()), ["town"]),
        remainder="passthrough",
    )


def lightgbm(**settings: Any) -> Any:
    return pytest.importorskip("lightgbm").LGBMClassifier(n_estimators=8, verbose=-1, n_jobs=1, **settings)


def xgboost(**settings: Any) -> Any:
    return pytest.importorskip("xgboost").XGBClassifier(n_estimators=8, n_jobs=1, **settings)


MODELS = {
    "forest": lambda: RandomForestClassifier(6, random_state=0),
    "tree": lambda: DecisionTreeClassifier(random_state=0),
    "regression": lambda: ExtraTreesRegressor(5, random_state=0),
    "gradient": lambda: GradientBoostingClassifier(n_estimators=5),
    "lightgbm": lightgbm,
    "xgboost": xgboost,
}


@pytest.mark.parametrize("name", MODELS)
def test_a_table_of_several_kinds(compiled: Any, name: str) -> None:
    table = frame()
    made = compiled(make_pipeline(columns(), MODELS[name]()).fit(table, KINDS), table)
    assert [stage.kind for stage in made.tried.plan.stages] == ["columns", "forest"]
    assert made.tried.plan.container == "arrays"
    assert made.versus().absolute == 0.0


@pytest.mark.parametrize("method", ["", "predict"])
@pytest.mark.parametrize("objective", ["multi:softmax", "multi:softprob"])
def test_several_classes_of_xgboost(compiled: Any, objective: str, method: str) -> None:
    table = frame()[["c", "plan"]]
    steps = make_column_transformer((StandardScaler(), ["c"]), (OneHotEncoder(sparse_output=False), ["plan"]))
    model = make_pipeline(steps, xgboost(objective=objective)).fit(table, KINDS)
    assert compiled(model, table, method).versus().absolute == 0.0


def test_zeros_of_a_sparse_matrix_are_missing_to_xgboost(compiled: Any) -> None:
    table = frame()[["plan", "town"]].fillna("w")
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), xgboost()).fit(table, KINDS)
    assert compiled(model, table).versus().absolute == 0.0


@pytest.mark.parametrize("handle", ["error", "ignore", "infrequent_if_exist"])
@pytest.mark.parametrize("drop", [None, "first"])
def test_ways_of_an_encoder(compiled: Any, handle: str, drop: Any) -> None:
    table = frame()[["c", "plan"]]
    encoder = OneHotEncoder(handle_unknown=handle, drop=drop, min_frequency=20 if handle.startswith("inf") else None)
    steps = make_column_transformer((encoder, ["plan"]), remainder="passthrough")
    made = compiled(make_pipeline(steps, DecisionTreeClassifier()).fit(table, LATE), table)
    assert made.versus().absolute == 0.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "step",
    [
        StandardScaler(), RobustScaler(), MinMaxScaler(), MaxAbsScaler(), PolynomialFeatures(3), SelectKBest(k=2),
        PolynomialFeatures((2, 3), interaction_only=True, include_bias=False), KBinsDiscretizer(4),
        KBinsDiscretizer(4, encode="ordinal"), make_union(StandardScaler(), MinMaxScaler()),
        make_pipeline(SimpleImputer(), StandardScaler(), FunctionTransformer(np.square)),
    ],
    ids=lambda step: type(step).__name__,
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_matrix(compiled: Any, step: Any, dtype: Any) -> None:
    rows = ROWS.astype(dtype)
    model = make_pipeline(step, RandomForestClassifier(5, random_state=0)).fit(rows, LATE)
    assert compiled(model, rows).versus().absolute == 0.0


LINEAR = {
    "two classes": (LogisticRegression(max_iter=2000), LATE, ""),
    "labels": (LogisticRegression(max_iter=2000), KINDS, "predict"),
    "one against the rest": (SGDClassifier(loss="log_loss", random_state=0), KINDS, ""),
    "scores": (LinearSVC(), LATE, "decision_function"),
    "regression": (Ridge(), ROWS[:, 0], ""),
}


@pytest.mark.parametrize("name", LINEAR)
def test_weights_behind_what_they_cannot_take_in(compiled: Any, name: str) -> None:
    model, target, method = LINEAR[name]
    table = frame()[["a", "c", "plan"]]
    steps = make_column_transformer(
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler(), PolynomialFeatures(2)), ["a"]),
        (MinMaxScaler(clip=True), ["c"]),
        (OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20), ["plan"]),
    )
    made = compiled(make_pipeline(steps, model).fit(table, target), table, method)
    assert [stage.kind for stage in made.tried.plan.stages] == ["columns", "linear"]
    assert made.tried.plan.container == "arrays"
    found = made.versus()
    assert found.relative < 1e-9
    assert found.refused > 0


def test_a_linear_model_whose_steps_have_no_form_at_all_names_the_step(compiled: Any) -> None:
    model = make_pipeline(FunctionTransformer(np.nan_to_num), PolynomialFeatures(2), Ridge())
    with pytest.raises(UnfoldableError, match="`FunctionTransformer` of `nan_to_num` has no native form"):
        compiled(model.fit(ROWS, LATE), ROWS)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_a_matrix_of_small_integers(compiled: Any, dtype: Any) -> None:
    """Roots of them are taken in FP16, scalers work in FP64."""
    rows = CHANCE.integers(0, 100, (300, 3)).astype(dtype)
    imputer = SimpleImputer(missing_values=0, strategy="most_frequent", add_indicator=True)
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    steps = make_union(StandardScaler(), imputer, FunctionTransformer(np.sqrt), encoder, PolynomialFeatures(2))
    made = compiled(make_pipeline(steps, RandomForestClassifier(5, random_state=0)).fit(rows, LATE), rows)
    assert [stage.kind for stage in made.tried.plan.stages] == ["columns", "forest"]
    assert made.versus().absolute == 0.0


def test_half_precision_is_named() -> None:
    """Scalers of scikit-learn stay in it, and so round at every step."""
    rows = ROWS.astype(np.float16)
    model = make_pipeline(StandardScaler(), DecisionTreeClassifier()).fit(rows, LATE)
    with pytest.raises(UnfoldableError, match="`StandardScaler` over a column of float16"):
        stage_of(model, rows)


def test_text_categories_of_histogram_boosting(compiled: Any) -> None:
    table = frame()
    table["plan"] = table["plan"].astype("category")
    table["town"] = table["town"].astype("category")
    model = HistGradientBoostingClassifier(max_iter=6, categorical_features="from_dtype").fit(table, KINDS)
    made = compiled(model, table)
    assert [stage.kind for stage in made.tried.plan.stages] == ["columns", "forest"]
    assert made.versus().absolute == 0.0


@pytest.mark.parametrize(
    ("step", "word"), [(Normalizer(), "Normalizer"), (FunctionTransformer(lambda rows: rows * 2), "<lambda>")]
)
def test_what_has_no_native_form_is_named(step: Any, word: str) -> None:
    model = make_pipeline(step, DecisionTreeClassifier()).fit(ROWS, LATE)
    with pytest.raises(UnfoldableError, match=word):
        stage_of(model, ROWS)
