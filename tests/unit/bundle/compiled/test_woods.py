"""Tree ensembles of three libraries give the library's own bits, whatever container they were trained on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestRegressor

from trimtab.bundle.compiled.features import UnfoldableError
from trimtab.bundle.compiled.woods import packed_sklearn, thresholds_of

CHANCE = np.random.default_rng(9)
ROWS = CHANCE.normal(size=(200, 3))
KINDS = np.array(["u", "v", "w"])[CHANCE.integers(0, 3, 200)]
FRAME = pd.DataFrame(ROWS, columns=["a", "b", "c"]).assign(plan=pd.Categorical(KINDS))
FRAME.loc[::7, "b"] = np.nan


def lightgbm(**settings: Any) -> Any:
    return pytest.importorskip("lightgbm").LGBMClassifier(n_estimators=8, verbose=-1, n_jobs=1, **settings)


def xgboost(**settings: Any) -> Any:
    return pytest.importorskip("xgboost").XGBClassifier(n_estimators=8, n_jobs=1, **settings)


@pytest.mark.parametrize("method", ["", "predict"])
@pytest.mark.parametrize("make", [lightgbm, xgboost, lambda: HistGradientBoostingClassifier(max_iter=8)])
def test_several_classes_by_chance_and_by_name(compiled: Any, make: Any, method: str) -> None:
    target = CHANCE.integers(0, 3, 200) if make is xgboost else KINDS
    found = compiled(make().fit(ROWS, target), ROWS, method).versus()
    assert found.absolute == 0.0
    assert found.worst is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make", [lightgbm, xgboost])
def test_rows_of_either_precision(compiled: Any, make: Any, dtype: Any) -> None:
    rows = ROWS.astype(dtype)
    assert compiled(make().fit(rows, CHANCE.integers(0, 2, 200)), rows).versus().absolute == 0.0


def test_categories_of_a_frame_are_coded_without_pandas(compiled: Any) -> None:
    made = compiled(lightgbm(min_child_samples=2).fit(FRAME, CHANCE.integers(0, 2, 200)), FRAME)
    assert made.tried.plan.container == "arrays"
    assert made.versus().absolute == 0.0


def test_a_forest_refuses_what_does_not_fit_its_precision(compiled: Any) -> None:
    found = compiled(RandomForestRegressor(4, random_state=0).fit(ROWS, ROWS[:, 0]), ROWS).versus()
    assert found.absolute == 0.0
    assert found.refused > 0


def test_thresholds_are_known_by_column() -> None:
    model = HistGradientBoostingClassifier(max_iter=2).fit(ROWS, KINDS)
    forest, options = packed_sklearn(model, "predict_proba")
    found = thresholds_of(forest)
    assert set(found) <= set(range(options.count))
    assert all((np.diff(values) > 0).all() and np.isfinite(values).all() for values in found.values())


def test_a_method_without_native_form_is_named() -> None:
    model = GradientBoostingClassifier(n_estimators=2).fit(ROWS, KINDS)
    with pytest.raises(UnfoldableError, match="`predict` of `GradientBoostingClassifier`"):
        packed_sklearn(model, "predict")
