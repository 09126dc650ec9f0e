"""The models as their libraries run them, on one thread: what every peer calls.

One thread because there are as many server processes as cores; on small rows a process serves better than a thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

DTYPES = {"linear": "float64", "boosting": "float32", "mlp": "float32"}
COLUMNS = {"linear": 30, "boosting": 50, "mlp": 768}


def named() -> str:
    """The model that this process serves."""
    return os.environ["BENCH_MODEL"]


def folder() -> Path:
    """Where the models are."""
    return Path(os.environ["BENCH_FOLDER"])


class Predictor:
    """A matrix of rows in, an array of answers out: chances of yes, or ten scores a row.

    Pickled by its name and loaded anew, which is what servers that start their workers by pickling need.
    """

    def __init__(self, name: str) -> None:
        """Loads the model."""
        self.name = name
        self.call = {"linear": _linear, "boosting": _boosting, "mlp": _mlp}[name]()

    def __call__(self, rows: Any) -> Any:
        """The answers to the rows."""
        return self.call(rows)

    def __reduce__(self) -> tuple[Any, ...]:
        """The name is enough."""
        return Predictor, (self.name,)


def _linear() -> Callable[[Any], Any]:
    import joblib

    pipeline = joblib.load(folder() / "linear.joblib")
    return lambda rows: pipeline.predict_proba(rows)[:, 1]


def _boosting() -> Callable[[Any], Any]:
    import lightgbm

    booster = lightgbm.Booster(model_file=folder() / "boosting.txt")
    return lambda rows: booster.predict(rows, num_threads=1)


def _mlp() -> Callable[[Any], Any]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder() / "mlp.onnx"), options, providers=["CPUExecutionProvider"])
    return lambda rows: session.run(None, {"features": rows})[0]


def from_json(rows: Any) -> Any:
    """A list of rows as the matrix that the model takes."""
    import numpy as np

    return np.array(rows, DTYPES[named()])


def from_bytes(body: bytes) -> Any:
    """The numbers of a body, in the order and byte order of memory."""
    import numpy as np

    return np.frombuffer(body, DTYPES[named()]).reshape(-1, COLUMNS[named()])
