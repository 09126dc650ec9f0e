"""The models and rows of the five workloads, the same files whenever it runs: `python benchmarks/models.py FOLDER`.

linear.joblib   scikit-learn: scaler and logistic regression, 30 columns of float64
boosting.txt    LightGBM: 200 trees of 31 leaves, 50 columns of float32
mlp.onnx        ONNX: 768-1024-1024-10, float32
NAME.npz        for each of them `rows` and the `expected` answers, computed here by the library itself, on one thread
"""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

SEED = 20130101
POOL = 64  # different requests of each kind, so that no branch predictor learns one row
STEPS = 256
ROWS = {"linear": POOL, "boosting": 16_000, "mlp": POOL}
NAMES = tuple(ROWS)


def rows_of(count: int, columns: int, dtype: str, stream: int) -> Any:
    """Normal numbers in steps of 1/256: the same in float32, in float64 and in JSON, so that all answers agree."""
    draw = np.random.default_rng([SEED, stream])
    return (np.round(draw.standard_normal((count, columns)) * STEPS) / STEPS).astype(dtype)


def truth_of(rows: Any, stream: int) -> Any:
    """Yes or no, by a rule with products and steps that trees have something to learn from."""
    draw = np.random.default_rng([SEED, stream])
    weights = draw.standard_normal(rows.shape[1])
    steps = (np.sin(3 * rows[:, ::3]) * (rows[:, 1::3] > 0)[:, : rows[:, ::3].shape[1]]).sum(axis=1)
    score = rows @ weights / 3 + rows[:, 0] * rows[:, 1] + steps + draw.standard_normal(len(rows))
    return (score > np.median(score)).astype(int)


def linear(folder: Path) -> tuple[Any, Any]:
    """Trains and saves it; returns rows and answers."""
    import joblib
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = rows_of(2000, 30, "float64", 1)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, truth_of(rows, 2))
    joblib.dump(model, folder / "linear.joblib")
    asked = rows_of(ROWS["linear"], 30, "float64", 3)
    return asked, model.predict_proba(asked)[:, 1]


def boosting(folder: Path) -> tuple[Any, Any]:
    """Trains and saves it; returns rows and answers."""
    import lightgbm

    rows = rows_of(20_000, 50, "float32", 4)
    settings = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.1, "verbose": -1}
    steady = {"seed": 1, "num_threads": 1, "deterministic": True, "force_row_wise": True}
    data = lightgbm.Dataset(rows, truth_of(rows, 5))
    model = lightgbm.train(settings | steady, data, num_boost_round=200)
    model.save_model(folder / "boosting.txt")
    asked = rows_of(ROWS["boosting"], 50, "float32", 6)
    return asked, model.predict(asked, num_threads=1)


def mlp(folder: Path) -> tuple[Any, Any]:
    """Draws and saves it; returns rows and answers."""
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    sizes, draw = (768, 1024, 1024, 10), np.random.default_rng([SEED, 7])
    nodes, weights, value = [], [], "features"
    for layer, (wide, narrow) in enumerate(pairwise(sizes)):
        drawn = (draw.standard_normal((wide, narrow)) * np.sqrt(2 / wide)).astype(np.float32)
        weights += [numpy_helper.from_array(drawn, f"w{layer}")]
        weights += [numpy_helper.from_array(np.zeros(narrow, np.float32), f"b{layer}")]
        last = layer == len(sizes) - 2
        nodes.append(helper.make_node("Gemm", [value, f"w{layer}", f"b{layer}"], ["scores" if last else f"g{layer}"]))
        if not last:
            nodes.append(helper.make_node("Relu", [f"g{layer}"], [f"r{layer}"]))
            value = f"r{layer}"
    given = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["rows", sizes[0]])
    answer = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["rows", sizes[-1]])
    graph = helper.make_graph(nodes, "mlp", [given], [answer], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "mlp.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "mlp.onnx"), options, providers=["CPUExecutionProvider"])
    asked = rows_of(ROWS["mlp"], sizes[0], "float32", 8)
    return asked, session.run(None, {"features": asked})[0]


def make(folder: Path) -> None:
    """All models and their rows, unless they are there already."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, train in (("linear", linear), ("boosting", boosting), ("mlp", mlp)):
        if not (folder / f"{name}.npz").exists():
            rows, expected = train(folder)
            np.savez(folder / f"{name}.npz", rows=rows, expected=expected)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
