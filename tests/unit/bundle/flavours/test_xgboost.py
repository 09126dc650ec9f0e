from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost

from trimtab.bundle.flavours.xgboost import Xgboost
from trimtab.core.errors import UserError

FLAVOUR = Xgboost()


def answers(source: Any, rows: Any, method: str = "") -> Any:
    return FLAVOUR.open(source, method)(rows)


def trained(parts: ModuleType, objective: str, truth: Any, **more: Any) -> Any:
    data = xgboost.DMatrix(parts.numbers(), truth)
    return xgboost.train({"objective": objective, "max_depth": 2, "nthread": 1, **more}, data, 3)


def test_a_classifier_answers_as_its_wrapper_does(parts: ModuleType) -> None:
    model, rows = parts.xgb_classifier(), parts.categories()
    assert answers(model, rows)["probability"].tolist() == model.predict_proba(rows)[:, 1].tolist()
    assert answers(model, rows, "predict")["prediction"].tolist() == model.predict(rows).tolist()


def test_trees_after_the_best_iteration_are_not_used(parts: ModuleType, tmp_path: Path) -> None:
    model, rows = parts.xgb_classifier(), parts.categories()
    options = FLAVOUR.save(model, tmp_path, "")
    assert options == {
        "file": "model.ubj",
        "method": "predict_proba",
        "answer": "probability",
        "trees": model.best_iteration + 1,
    }
    assert options["trees"] < model.get_booster().num_boosted_rounds()
    every = FLAVOUR.load(tmp_path, {**options, "trees": 0})(rows)["probability"]
    assert not np.array_equal(every, FLAVOUR.load(tmp_path, options)(rows)["probability"])


def test_a_booster_predicts_with_all_its_trees_when_asked_to_predict(parts: ModuleType) -> None:
    booster, rows = parts.xgb_classifier().get_booster(), parts.categories()
    data = xgboost.DMatrix(rows, enable_categorical=True)
    assert answers(booster, rows, "predict")["probability"].tolist() == booster.predict(data).tolist()
    assert answers(booster, rows)["probability"].tolist() == (
        booster.predict(data, iteration_range=(0, booster.best_iteration + 1)).tolist()
    )


def test_categories_are_matched_by_name_and_not_by_number(parts: ModuleType) -> None:
    model, rows = parts.xgb_classifier(), parts.categories()
    other = rows.assign(plan=pd.Categorical(rows.plan.astype(str), [*reversed(parts.WORDS)]))
    assert not np.array_equal(rows.plan.cat.codes, other.plan.cat.codes)
    assert np.array_equal(answers(model, other)["probability"], answers(model, rows)["probability"])


def test_three_classes_are_a_column_each(parts: ModuleType, tmp_path: Path) -> None:
    options = FLAVOUR.save(parts.xgb_booster(), tmp_path, "")
    assert options["classes"] == {"probability": [0, 1, 2]}
    got = FLAVOUR.load(tmp_path, options)(parts.numbers())["probability"]
    assert got.shape == (parts.ROWS, 3)
    assert np.allclose(got.sum(axis=1), 1)


def test_softmax_objectives_give_chances_too(parts: ModuleType) -> None:
    truth = np.unique(parts.tiers(), return_inverse=True)[1]
    softmax, softprob = (trained(parts, f"multi:{kind}", truth, num_class=3) for kind in ("softmax", "softprob"))
    rows = parts.numbers()
    assert np.allclose(answers(softmax, rows)["probability"], answers(softprob, rows)["probability"])
    labels = answers(softmax, rows, "predict")["prediction"]
    assert labels.tolist() == answers(softprob, rows)["probability"].argmax(axis=1).tolist()


def test_a_regression_is_a_prediction(parts: ModuleType) -> None:
    model = xgboost.XGBRegressor(n_estimators=3, n_jobs=1).fit(parts.numbers(), parts.frame().spend)
    assert answers(model, parts.numbers())["prediction"].tolist() == model.predict(parts.numbers()).tolist()
    with pytest.raises(UserError) as caught:
        FLAVOUR.open(model, "predict_proba")
    (problem,) = caught.value.problems
    assert problem.code == "P226"
    assert problem.what == "an XGBoost model of objective `reg:squarederror` has no method `predict_proba`"


def test_several_labels_at_once_are_a_column_each(parts: ModuleType) -> None:
    truth = np.column_stack([parts.leaves(), 1 - parts.leaves()])
    model = xgboost.XGBClassifier(n_estimators=2, n_jobs=1).fit(parts.numbers(), truth)
    rows = parts.numbers()
    assert answers(model, rows)["probability"].tolist() == model.predict_proba(rows).tolist()
    assert answers(model, rows, "predict")["prediction"].tolist() == model.predict(rows).tolist()


def test_a_linear_booster_has_no_trees(parts: ModuleType, tmp_path: Path) -> None:
    model = xgboost.XGBRegressor(booster="gblinear", n_estimators=3, n_jobs=1, updater="coord_descent")
    model.fit(parts.numbers(), parts.frame().spend)
    options = FLAVOUR.save(model, tmp_path, "")
    got = FLAVOUR.load(tmp_path, options)(parts.numbers())["prediction"]
    assert got.tolist() == model.predict(parts.numbers()).tolist()


def test_a_number_that_means_missing_is_kept(parts: ModuleType, tmp_path: Path) -> None:
    model = xgboost.XGBRegressor(n_estimators=3, n_jobs=1, missing=-1.0)
    rows = parts.numbers().astype(float)
    rows.iloc[::3, 1] = -1.0
    model.fit(rows, parts.frame().spend)
    options = FLAVOUR.save(model, tmp_path, "")
    assert options["missing"] == -1.0
    assert FLAVOUR.load(tmp_path, options)(rows)["prediction"].tolist() == model.predict(rows).tolist()


def test_every_container_gives_the_same_answer(parts: ModuleType) -> None:
    model, rows = parts.xgb_booster(), parts.numbers()
    wanted = answers(model, rows)["probability"]
    swapped = {"spend": rows.spend.to_numpy(), "tenure": rows.tenure.to_numpy()}
    assert np.array_equal(answers(model, swapped)["probability"], wanted)
    assert np.array_equal(answers(model, rows.to_numpy())["probability"], wanted)
    slow = model.inplace_predict(rows)
    assert np.array_equal(slow, wanted)


def test_columns_in_another_order_are_refused_by_xgboost(parts: ModuleType) -> None:
    with pytest.raises(ValueError, match="feature_names mismatch"):
        answers(parts.xgb_booster(), parts.numbers()[["spend", "tenure"]])


def test_a_file_says_what_its_wrapper_was(parts: ModuleType, tmp_path: Path) -> None:
    rows = parts.categories()
    labels = answers(parts.xgboost_ubj(tmp_path), rows, "predict")["prediction"]
    assert labels.tolist() == parts.xgb_classifier().predict(rows).tolist()
    (tmp_path / "out").mkdir()
    assert FLAVOUR.save(parts.xgboost_json(tmp_path), tmp_path / "out", "")["file"] == "model.json"


@pytest.mark.parametrize(
    ("content", "code"), [(json.dumps({"a": 1}), "P223"), ("[1]", "P223"), ('{"learner": {}}', "P225")]
)
def test_json_that_is_no_model_is_refused(tmp_path: Path, content: str, code: str) -> None:
    (tmp_path / "m.json").write_text(content)
    with pytest.raises(UserError) as caught:
        FLAVOUR.open(tmp_path / "m.json", "")
    assert [problem.code for problem in caught.value.problems] == [code]
