"""Networks and other estimators as ONNX graphs in FP64."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from trimtab.bundle.compiled.features import UnfoldableError
from trimtab.bundle.compiled.graphs import write_graph

CHANCE = np.random.default_rng(11)
ROWS = CHANCE.normal(size=(120, 3))
LATE = (ROWS[:, 0] > 0).astype(int)
SETTINGS = {"hidden_layer_sizes": (4,), "max_iter": 4000, "random_state": 0}


@pytest.fixture(scope="module")
def network() -> Any:
    return make_pipeline(StandardScaler(), MLPClassifier(**SETTINGS)).fit(ROWS, LATE)


@pytest.mark.parametrize("method", ["", "predict"])
def test_a_network_behind_a_scaler(compiled: Any, network: Any, method: str) -> None:
    made = compiled(network, ROWS, method)
    assert made.tried.plan.model.kind == "graph"
    found = made.versus()
    assert found.absolute < 1e-12
    assert found.refused > 0


def test_a_regression_is_one_number_a_row(compiled: Any) -> None:
    model = MLPRegressor(**SETTINGS).fit(ROWS, ROWS[:, 1])
    assert compiled(model, ROWS).versus().relative < 1e-9


def test_the_same_bytes_each_time(tmp_path: Path, network: Any) -> None:
    written = []
    for _ in range(2):
        file, _ = write_graph(network, "predict_proba", ROWS, tmp_path)
        written.append((tmp_path / file).read_bytes())
    assert written[0] == written[1]


def test_a_class_of_the_users_own_is_not_converted(tmp_path: Path) -> None:
    class Mine:
        """Not scikit-learn's."""

    with pytest.raises(UnfoldableError, match="`Mine` has no native form"):
        write_graph(Mine(), "predict", ROWS, tmp_path)
