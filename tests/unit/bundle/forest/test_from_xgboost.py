from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xgboost

from trimtab.bundle.forest.from_xgboost import from_xgboost
from trimtab.core.errors import UserError

ROWS = np.random.default_rng(0).normal(size=(60, 2))
TARGET = ROWS[:, 0] + ROWS[:, 1] ** 2


def boosted(target: Any = TARGET, **params: Any) -> Any:
    return xgboost.train({"nthread": 1, **params}, xgboost.DMatrix(ROWS, target), 3)


def test_the_base_score_is_kept_to_the_bit() -> None:
    """Also the minus zero that an even chance becomes."""
    for base in (0.3, 0.5):
        trained = boosted(TARGET > 0, objective="binary:logitraw", base_score=base, max_depth=1, gamma=1e9)
        forest = from_xgboost(trained, 1)
        wanted = trained.inplace_predict(ROWS[:1], iteration_range=(0, 1))
        assert forest.predict(ROWS[:1]).tobytes() == wanted.tobytes()


def test_a_value_that_means_missing_is_missing() -> None:
    trained = boosted()
    rows = ROWS.copy()
    rows[::3, 0] = -1
    wanted = trained.inplace_predict(rows, missing=-1)
    assert from_xgboost(trained, missing=-1.0).predict(rows).tolist() == wanted.tolist()
    assert from_xgboost(trained).predict(rows).tolist() != wanted.tolist()


def test_a_threshold_of_minus_infinity_is_refused_where_missing_values_go_left() -> None:
    model = bytes(boosted(max_depth=1).save_raw("json")).decode()
    start = model.index('"split_conditions":[') + len('"split_conditions":[')
    low = model[:start] + "-Infinity" + model[model.index(",", start) :]
    right = xgboost.Booster(model_file=bytearray(low.replace('"default_left":[1', '"default_left":[0').encode()))
    assert from_xgboost(right).predict(ROWS).tolist() == right.inplace_predict(ROWS).tolist()
    left = xgboost.Booster(model_file=bytearray(low.replace('"default_left":[0', '"default_left":[1').encode()))
    with pytest.raises(UserError, match=r"P290.*minus infinity"):
        from_xgboost(left)


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
