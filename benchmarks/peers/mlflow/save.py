"""The models in MLflow's own flavours, as a training run logs them: `save.py`, once, before any server starts."""

from __future__ import annotations

import shutil
from pathlib import Path

from predictors import folder


def save(name: str, path: Path) -> None:
    """One model as MLflow stores it."""
    import mlflow

    if name == "linear":
        import joblib

        pipeline = joblib.load(folder() / "linear.joblib")
        settings = {"pyfunc_predict_fn": "predict_proba", "serialization_format": "cloudpickle"}
        mlflow.sklearn.save_model(pipeline, path, pip_requirements=["scikit-learn"], **settings)
    elif name == "boosting":
        import lightgbm

        booster = lightgbm.Booster(model_file=folder() / "boosting.txt", params={"num_threads": 1})
        mlflow.lightgbm.save_model(booster, path, pip_requirements=["lightgbm"])
    else:
        import onnx

        options = {"intra_op_num_threads": 1}
        graph = onnx.load(folder() / "mlp.onnx")
        mlflow.onnx.save_model(graph, path, pip_requirements=["onnx"], onnx_session_options=options)


if __name__ == "__main__":
    for name in ("linear", "boosting", "mlp"):
        shutil.rmtree(folder() / f"mlflow-{name}", ignore_errors=True)
        save(name, folder() / f"mlflow-{name}")
