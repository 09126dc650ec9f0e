from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from trimtab.bundle.forest.from_lightgbm import from_lightgbm
from trimtab.core.errors import UserError

ROWS = np.random.default_rng(0).normal(size=(60, 2))
TARGET = ROWS[:, 0] + ROWS[:, 1] ** 2


def test_what_a_booster_says_of_itself_is_kept() -> None:
    params = {"objective": "multiclassova", "num_class": 3, "sigmoid": 0.5, "verbose": -1, "num_threads": 1}
    trained = lightgbm.train(params, lightgbm.Dataset(ROWS, np.arange(60) % 3), 4)
    facts = from_lightgbm(trained, "float32").facts
    assert (facts.columns, facts.groups, facts.rows, facts.flat) == (2, 3, "float32", False)
    assert (facts.link, facts.scale, facts.divisor) == ("logistic", 0.5, 1)


def test_the_trees_up_to_the_best_iteration_count() -> None:
    trained = lightgbm.train({"verbose": -1, "num_threads": 1}, lightgbm.Dataset(ROWS, TARGET), 5)
    trained.best_iteration = 2
    forest = from_lightgbm(trained)
    assert len(forest.tables.group) == 2
    assert forest.predict(ROWS).tolist() == trained.predict(ROWS).tolist()


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
