"""Small real models of each flavour, built when a test wants them: always the same, in a fraction of a second.

`objects` names what builds a trained object, `files` what builds a model file in a given folder.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 80
WORDS = ("basic", "plus", "pro")


def frame(rows: int = ROWS) -> Any:
    """Customers: whole numbers, floats and text, as raw inputs are."""
    import pandas as pd

    chance = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "tenure": chance.integers(0, 60, rows),
            "spend": chance.random(rows) * 100,
            "plan": np.array(WORDS, object)[chance.integers(0, 3, rows)],
        }
    )


def numbers(rows: int = ROWS) -> Any:
    """The columns of `frame` that are numbers."""
    return frame(rows)[["tenure", "spend"]]


def categories(rows: int = ROWS) -> Any:
    """The rows of `frame` with text as a pandas category."""
    return frame(rows).astype({"plan": "category"})


def matrix(rows: int = ROWS) -> Any:
    """Three columns of FP32."""
    return np.random.default_rng(8).random((rows, 3), np.float32)


def leaves(rows: int = ROWS) -> Any:
    """Whether a customer leaves: two classes."""
    table = frame(rows)
    return ((table.tenure < 30) & (table.spend > 40)).astype(int)


def tiers(rows: int = ROWS) -> Any:
    """Three classes with names."""
    return np.array(("gold", "iron", "wood"), object)[(frame(rows).spend // 34).astype(int)]


def pipeline() -> Any:
    """A pipeline over a DataFrame, two classes."""
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    steps = [("numbers", StandardScaler(), ["tenure", "spend"]), ("words", OneHotEncoder(), ["plan"])]
    return make_pipeline(ColumnTransformer(steps), LogisticRegression()).fit(frame(), leaves())


def forest() -> Any:
    """A random forest over a DataFrame, three named classes."""
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=4, max_depth=3, random_state=0).fit(numbers(), tiers())


def line() -> Any:
    """A linear regression over a plain array."""
    from sklearn.linear_model import LinearRegression

    return LinearRegression().fit(matrix(), matrix().sum(axis=1))


def xgb_classifier() -> Any:
    """XGBoost's wrapper with a category column, two classes, stopped early."""
    from xgboost import XGBClassifier

    model = XGBClassifier(n_estimators=6, max_depth=2, early_stopping_rounds=1, n_jobs=1, enable_categorical=True)
    noise = np.random.default_rng(1).integers(0, 2, ROWS)
    return model.fit(categories(), leaves(), eval_set=[(categories(), noise)], verbose=False)


def xgb_booster() -> Any:
    """XGBoost's own booster, three classes."""
    import xgboost

    data = xgboost.DMatrix(numbers(), np.unique(tiers(), return_inverse=True)[1])
    return xgboost.train({"objective": "multi:softprob", "num_class": 3, "max_depth": 2, "nthread": 1}, data, 4)


def lgbm_classifier() -> Any:
    """LightGBM's wrapper with a category column, three named classes."""
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(n_estimators=4, num_leaves=4, min_child_samples=5, n_jobs=1, verbose=-1)
    return model.fit(categories(), tiers())


def lgbm_booster() -> Any:
    """LightGBM's own booster, a regression."""
    import lightgbm

    data = lightgbm.Dataset(numbers(), frame().spend, params={"verbose": -1})
    return lightgbm.train({"num_leaves": 4, "num_threads": 1, "verbose": -1}, data, 4)


def onnx_classifier(*, zipmap: bool = False) -> Any:
    """A converted pipeline over a matrix, three named classes."""
    from skl2onnx import to_onnx
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=500).fit(matrix(), tiers())
    return to_onnx(model, matrix(1), options={"zipmap": zipmap}, target_opset=18)


def onnx_columns() -> Any:
    """A converted pipeline over a DataFrame: one input for each column."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    kinds = {"tenure": FloatTensorType, "spend": FloatTensorType, "plan": StringTensorType}
    inputs = [(name, kind([None, 1])) for name, kind in kinds.items()]
    return to_onnx(pipeline(), initial_types=inputs, options={"zipmap": False}, target_opset=18)


def torch_net() -> Any:
    """A small network over a matrix, in training mode, as it is after training."""
    import torch

    torch.manual_seed(3)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Dropout(0.5), torch.nn.Linear(4, 1))


def torch_exported(*, any_rows: bool = True) -> Any:
    """The network as an exported program, for any number of rows or for two alone."""
    import torch

    shapes = ({0: torch.export.Dim("rows")},) if any_rows else None
    return torch.export.export(torch_net().eval(), (torch.zeros(2, 3),), dynamic_shapes=shapes, strict=False)


def sklearn_joblib(folder: Path) -> Path:
    """The pipeline as joblib writes it."""
    import joblib

    joblib.dump(pipeline(), folder / "churn.joblib")
    return folder / "churn.joblib"


def sklearn_zlib(folder: Path) -> Path:
    """The pipeline compressed by joblib, under a name that says pickle."""
    import joblib

    joblib.dump(pipeline(), folder / "small.pkl", compress=3)
    return folder / "small.pkl"


def sklearn_pickle(folder: Path) -> Path:
    """The pipeline as the standard library pickles it."""
    (folder / "churn.pkl").write_bytes(pickle.dumps(pipeline()))
    return folder / "churn.pkl"


def sklearn_skops(folder: Path) -> Path:
    """The forest as skops writes it; it needs types beyond skops' own list."""
    import skops.io

    skops.io.dump(forest(), folder / "forest.skops")
    return folder / "forest.skops"


def xgboost_ubj(folder: Path) -> Path:
    """The classifier as XGBoost's wrapper saves it."""
    xgb_classifier().save_model(folder / "churn.ubj")
    return folder / "churn.ubj"


def xgboost_json(folder: Path) -> Path:
    """The booster as XGBoost's JSON."""
    xgb_booster().save_model(folder / "tiers.json")
    return folder / "tiers.json"


def lightgbm_text(folder: Path) -> Path:
    """The wrapper's booster as LightGBM's text."""
    lgbm_classifier().booster_.save_model(folder / "tiers.txt")
    return folder / "tiers.txt"


def onnx_file(folder: Path) -> Path:
    """The converted classifier, its probabilities as an array."""
    (folder / "tiers.onnx").write_bytes(onnx_classifier().SerializeToString())
    return folder / "tiers.onnx"


def onnx_zipmap(folder: Path) -> Path:
    """The converted classifier, its probabilities as maps of class to chance."""
    (folder / "maps.onnx").write_bytes(onnx_classifier(zipmap=True).SerializeToString())
    return folder / "maps.onnx"


def torch_script(folder: Path) -> Path:
    """The network as TorchScript."""
    import warnings

    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(torch_net().eval()).save(folder / "net.pt")
    return folder / "net.pt"


def torch_pt2(folder: Path) -> Path:
    """The network as an exported program."""
    import torch

    torch.export.save(torch_exported(), folder / "net.pt2")
    return folder / "net.pt2"


def _with_rows(*groups: tuple[Callable[[], Any], tuple[Callable[..., Any], ...]]) -> dict[str, Any]:
    return {make.__name__: (make, rows) for rows, makes in groups for make in makes}


# by name: what builds the part, and what builds rows for it
objects = _with_rows(
    (frame, (pipeline, onnx_columns)),
    (numbers, (forest, xgb_booster, lgbm_booster)),
    (categories, (xgb_classifier, lgbm_classifier)),
    (matrix, (line, onnx_classifier, torch_net, torch_exported)),
)
files = _with_rows(
    (frame, (sklearn_joblib, sklearn_zlib, sklearn_pickle)),
    (numbers, (sklearn_skops, xgboost_json)),
    (categories, (xgboost_ubj, lightgbm_text)),
    (matrix, (onnx_file, onnx_zipmap, torch_script, torch_pt2)),
)
