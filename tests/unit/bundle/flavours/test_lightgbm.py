from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest

from trimtab.bundle.flavours.lightgbm import Lightgbm
from trimtab.core.errors import UserError

FLAVOUR = Lightgbm()
QUIET = {"num_leaves": 4, "min_data_in_leaf": 5, "num_threads": 1, "verbose": -1}


def answers(source: Any, rows: Any, method: str = "") -> Any:
    return FLAVOUR.open(source, method)(rows)


def test_a_classifier_answers_as_its_wrapper_does(parts: ModuleType, tmp_path: Path) -> None:
    model, rows = parts.lgbm_classifier(), parts.categories()
    options = FLAVOUR.save(model, tmp_path, "")
    assert options["classes"] == {"probability": ["gold", "iron", "wood"]}
    loaded = FLAVOUR.load(tmp_path, options)
    assert loaded(rows)["probability"].tolist() == model.predict_proba(rows).tolist()
    assert answers(model, rows, "predict")["prediction"].tolist() == model.predict(rows).tolist()


def test_labels_are_kept_for_loading(parts: ModuleType, tmp_path: Path) -> None:
    model, rows = parts.lgbm_classifier(), parts.categories()
    options = FLAVOUR.save(model, tmp_path, "predict")
    assert options["labels"] == ["gold", "iron", "wood"]
    assert FLAVOUR.load(tmp_path, options)(rows)["prediction"].tolist() == model.predict(rows).tolist()


def test_two_classes_are_the_chance_of_the_second(parts: ModuleType) -> None:
    model = lightgbm.LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1, min_child_samples=5)
    rows = parts.numbers()
    model.fit(rows, np.where(parts.leaves(), "goes", "stays"))
    assert answers(model, rows)["probability"].tolist() == model.predict_proba(rows)[:, 1].tolist()
    assert answers(model, rows, "predict")["prediction"].tolist() == model.predict(rows).tolist()


def test_a_file_of_a_classifier_has_no_labels(parts: ModuleType, tmp_path: Path) -> None:
    path, rows = parts.lightgbm_text(tmp_path), parts.categories()
    assert answers(path, rows, "predict")["probability"].shape == (parts.ROWS, 3)
    (tmp_path / "out").mkdir()
    assert FLAVOUR.save(path, tmp_path / "out", "")["classes"] == {"probability": [0, 1, 2]}


def test_categories_are_matched_by_name_and_not_by_number(parts: ModuleType) -> None:
    model, rows = parts.lgbm_classifier(), parts.categories()
    other = rows.assign(plan=pd.Categorical(rows.plan.astype(str), [*reversed(parts.WORDS)]))
    assert not np.array_equal(rows.plan.cat.codes, other.plan.cat.codes)
    assert np.array_equal(answers(model, other)["probability"], answers(model, rows)["probability"])


def test_categories_become_the_numbers_that_lightgbm_itself_gives_them(parts: ModuleType) -> None:
    model = parts.lgbm_classifier()
    rows = parts.categories(60)
    rows["plan"] = rows.plan.cat.set_categories([*parts.WORDS, "new"])
    rows.loc[:20, "plan"] = "new"
    rows.loc[21:40, "plan"] = None
    rows["tenure"] = rows.tenure.astype("Int64")
    rows.loc[5:9, "tenure"] = None
    wanted = model.booster_.predict(rows)
    assert len({tuple(chances) for chances in wanted.tolist()}) > 3
    assert answers(model, rows)["probability"].tolist() == wanted.tolist()


def test_whole_numbers_may_be_categories(parts: ModuleType) -> None:
    rows = parts.numbers().assign(tenure=(parts.frame().tenure // 10).astype("category"))
    booster = lightgbm.train(QUIET, lightgbm.Dataset(rows, parts.frame().tenure, params={"verbose": -1}), 3)
    assert answers(booster, rows)["prediction"].tolist() == booster.predict(rows).tolist()


def test_columns_that_are_no_categories_are_refused_by_lightgbm(parts: ModuleType) -> None:
    with pytest.raises(ValueError, match="do not match"):
        answers(parts.lgbm_classifier(), parts.numbers())
    with pytest.raises(ValueError, match=r"categorical_feature|could not convert"):
        answers(parts.lgbm_classifier(), parts.frame().astype({"plan": "str"}))


def test_a_regression_is_a_prediction(parts: ModuleType) -> None:
    booster, rows = parts.lgbm_booster(), parts.numbers()
    assert answers(booster, rows)["prediction"].tolist() == booster.predict(rows).tolist()
    with pytest.raises(UserError, match="a LightGBM model of objective `regression` has no method `predict_proba`"):
        FLAVOUR.open(booster, "predict_proba")


def test_an_objective_of_the_users_own_is_a_prediction(parts: ModuleType) -> None:
    def squares(truth: Any, guess: Any) -> Any:
        return guess - truth, np.ones_like(truth)

    model = lightgbm.LGBMRegressor(n_estimators=3, n_jobs=1, verbose=-1, objective=squares)
    rows = parts.numbers()
    model.fit(rows, parts.frame().spend)
    assert answers(model, rows)["prediction"].tolist() == model.predict(rows).tolist()


def test_a_model_stopped_early_has_the_trees_of_its_best_iteration(parts: ModuleType, tmp_path: Path) -> None:
    rows, noise = parts.numbers(), np.random.default_rng(1).random(parts.ROWS)
    data = lightgbm.Dataset(rows, parts.frame().spend, params={"verbose": -1})
    booster = lightgbm.train(
        QUIET,
        data,
        20,
        valid_sets=[lightgbm.Dataset(rows, noise, reference=data)],
        callbacks=[lightgbm.early_stopping(3, verbose=False)],
        keep_training_booster=True,
    )
    assert 0 < booster.best_iteration < booster.num_trees()
    options = FLAVOUR.save(booster, tmp_path, "")
    assert lightgbm.Booster(model_file=tmp_path / options["file"]).num_trees() == booster.best_iteration
    assert np.array_equal(FLAVOUR.load(tmp_path, options)(rows)["prediction"], booster.predict(rows))


def test_the_training_machines_number_of_cores_is_not_in_the_file(parts: ModuleType, tmp_path: Path) -> None:
    texts = []
    for threads in (1, 2):
        data = lightgbm.Dataset(parts.numbers(), parts.frame().spend, params={"verbose": -1})
        booster = lightgbm.train({**QUIET, "num_threads": threads}, data, 2)
        FLAVOUR.save(booster, tmp_path, "")
        texts.append((tmp_path / "model.txt").read_text())
    assert "[num_threads: 0]" in texts[0]
    assert texts[0] == texts[1]


def test_every_container_gives_the_same_answer(parts: ModuleType) -> None:
    booster, rows = parts.lgbm_booster(), parts.numbers()
    wanted = booster.predict(rows)
    swapped = {"spend": rows.spend.to_numpy(), "tenure": rows.tenure.to_numpy()}
    assert np.array_equal(answers(booster, swapped)["prediction"], wanted)
    assert np.array_equal(answers(booster, rows.to_numpy())["prediction"], wanted)
    assert np.array_equal(answers(booster, rows.astype({"tenure": "Int64"}))["prediction"], wanted)


def test_a_file_that_is_cut_off_is_refused_and_nothing_is_printed(
    parts: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = parts.lightgbm_text(tmp_path).read_bytes()
    (tmp_path / "cut.txt").write_bytes(whole[:600])
    capfd.readouterr()
    with pytest.raises(UserError) as caught:
        FLAVOUR.open(tmp_path / "cut.txt", "")
    assert caught.value.problems[0].code == "P225"
    assert capfd.readouterr().out == ""


def test_the_columns_of_the_training_in_another_order_are_refused(parts: ModuleType) -> None:
    model, rows = parts.lgbm_classifier(), parts.categories()
    with pytest.raises(UserError) as caught:
        answers(model, rows[[*reversed(rows.columns)]])
    (problem,) = caught.value.problems
    assert problem.code == "P229"
    assert f"column 1 was `{rows.columns[0]}` in training, here it is `{rows.columns[-1]}`" in problem.what


def test_names_with_blanks_and_other_names_are_taken_as_lightgbm_takes_them(parts: ModuleType) -> None:
    rows = parts.numbers().rename(columns=lambda name: f"the {name}")
    model = lightgbm.LGBMRegressor(n_estimators=3, n_jobs=1, verbose=-1, min_child_samples=5).fit(rows, rows.iloc[:, 0])
    expected = model.predict(rows).tolist()
    assert answers(model, rows)["prediction"].tolist() == expected
    assert answers(model, rows.rename(columns=str.upper))["prediction"].tolist() == expected
