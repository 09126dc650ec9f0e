from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from trimtab.bundle.forest.from_sklearn import from_sklearn
from trimtab.core.errors import UserError

CHANCE = np.random.default_rng(0)
CODES = CHANCE.choice([0, 3, 40, 65_535], 80)
ROWS = np.column_stack([CHANCE.normal(size=80), CODES, CHANCE.normal(size=80)])
TARGET = ROWS[:, 0] + (CODES == 3) * 4.0


def test_categories_are_looked_at_where_they_stand() -> None:
    """The library moves their columns to the front and codes them; the packed form does neither."""
    trained = HistGradientBoostingRegressor(max_iter=5, min_samples_leaf=2, categorical_features=[1]).fit(ROWS, TARGET)
    forest = from_sklearn(trained)
    assert forest.tables.categorical
    asked = np.repeat(ROWS[:1], 9, axis=0)
    asked[:, 1] = [0, 3, 3.5, 40, 41, 65_535, 65_536, -1, np.nan]
    assert forest.predict(asked).tolist() == trained.predict(asked).tolist()


def test_rows_of_float32_get_thresholds_of_float32() -> None:
    trained = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=2).fit(ROWS, TARGET > 1)
    rows = ROWS.astype(np.float32)
    assert from_sklearn(trained, "float32").predict(rows).tolist() == trained.predict_proba(rows).tolist()


def test_categories_that_are_no_small_whole_numbers_are_refused() -> None:
    model = HistGradientBoostingRegressor(max_iter=1, categorical_features=[1])
    for worse in (65_536, -1, 0.5):
        rows = np.where(ROWS == 3, worse, ROWS)
        with pytest.raises(UserError, match=r"P290.*no small whole numbers"):
            from_sklearn(model.fit(rows, TARGET))
    frame = pd.DataFrame({"a": ROWS[:, 0], "b": pd.Categorical(CODES.astype(str))})
    named = HistGradientBoostingRegressor(max_iter=1, categorical_features="from_dtype").fit(frame, TARGET)
    with pytest.raises(UserError, match=r"P290.*no numbers"):
        from_sklearn(named)
