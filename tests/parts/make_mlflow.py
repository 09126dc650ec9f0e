"""MLflow model folders, saved by the real MLflow into a given folder."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

# no telemetry, no look at the package index, no progress bars
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")


def saved(save: Callable[..., None], model: Any, folder: Path, **more: Any) -> Path:
    """The folder that one of MLflow's `save_model` functions wrote; its requirements are given, not looked for."""
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        save(model, folder, pip_requirements=["numpy"], **more)
    return folder


def signature(rows: Any, answers: Any = None) -> Any:
    """MLflow's signature of some rows."""
    from mlflow.models import infer_signature

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whole numbers may have nulls one day
        return infer_signature(rows, answers)


def pipeline(parts: ModuleType, folder: Path) -> Path:
    """The pipeline in MLflow's default format, skops, with an example."""
    import mlflow.sklearn

    rows = parts.frame()
    more = {"signature": signature(rows), "input_example": rows[:3]}
    return saved(mlflow.sklearn.save_model, parts.pipeline(), folder, **more)


def forest(parts: ModuleType, folder: Path, *, form: str = "skops") -> Path:
    """The random forest; in skops it needs a type beyond skops' own list."""
    import mlflow.sklearn

    more: dict[str, Any] = {"signature": signature(parts.numbers()), "serialization_format": form}
    if form == "skops":
        more["skops_trusted_types"] = ["sklearn.tree._tree.Tree"]
    return saved(mlflow.sklearn.save_model, parts.forest(), folder, **more)


def xgb(parts: ModuleType, folder: Path) -> Path:
    """XGBoost's wrapper."""
    import mlflow.xgboost

    return saved(mlflow.xgboost.save_model, parts.xgb_classifier(), folder)


def xgb_booster(parts: ModuleType, folder: Path) -> Path:
    """XGBoost's own booster."""
    import mlflow.xgboost

    return saved(mlflow.xgboost.save_model, parts.xgb_booster(), folder, signature=signature(parts.numbers()))


def lgbm(parts: ModuleType, folder: Path) -> Path:
    """LightGBM's wrapper."""
    import mlflow.lightgbm

    return saved(mlflow.lightgbm.save_model, parts.lgbm_classifier(), folder)


def lgbm_booster(parts: ModuleType, folder: Path) -> Path:
    """LightGBM's own booster."""
    import mlflow.lightgbm

    return saved(mlflow.lightgbm.save_model, parts.lgbm_booster(), folder)


def onnx(parts: ModuleType, folder: Path) -> Path:
    """The converted classifier, with a signature of one tensor."""
    import mlflow.onnx

    rows = parts.matrix()
    return saved(
        mlflow.onnx.save_model, parts.onnx_classifier(), folder, signature=signature(rows), input_example=rows[:3]
    )


def torch_exported(parts: ModuleType, folder: Path) -> Path:
    """The network as MLflow exports it."""
    import mlflow.pytorch

    rows = parts.matrix()
    more = {"signature": signature(rows, rows), "input_example": rows[:3], "serialization_format": "pt2"}
    return saved(mlflow.pytorch.save_model, parts.torch_net().eval(), folder, **more)


def torch_pickled(parts: ModuleType, folder: Path) -> Path:
    """The network as MLflow pickles it."""
    import mlflow.pytorch

    return saved(mlflow.pytorch.save_model, parts.torch_net(), folder, serialization_format="pickle")
