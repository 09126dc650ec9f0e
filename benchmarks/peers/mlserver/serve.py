"""MLServer with its own scikit-learn and LightGBM runtimes, and one of ours for ONNX, which it has none for.

`parallel_workers` is 0, as MLServer's page on parallel inference advises where the model is light: with workers each
request is pickled through a queue. Adaptive batching is off by default; it was tried and pays for W1 only.
Debug mode, and with it the access log, is off. Started as `serve.py PORT` in a folder that it may write to.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from ports import free_ports
from predictors import folder, named

RUNTIMES = {
    "linear": ("mlserver_sklearn.SKLearnModel", "linear.joblib"),
    "boosting": ("mlserver_lightgbm.LightGBMModel", "boosting.txt"),
    "mlp": ("onnx_runtime.OnnxModel", "mlp.onnx"),
}


def main() -> None:
    """Writes the settings and becomes the server."""
    grpc, metrics = free_ports(2)
    settings = {
        "debug": False,
        "host": "127.0.0.1",
        "http_port": int(sys.argv[1]),
        "grpc_port": grpc,
        "metrics_port": metrics,
        "parallel_workers": 0,
    }
    runtime, file = RUNTIMES[named()]
    model = {"name": "model", "implementation": runtime, "parameters": {"uri": str(folder() / file)}}
    Path("settings.json").write_text(json.dumps(settings))
    Path("model-settings.json").write_text(json.dumps(model))
    mlserver = str(Path(sys.executable).parent / "mlserver")
    os.execv(mlserver, [mlserver, "start", "."])  # noqa: S606 - we become the server


if __name__ == "__main__":
    main()
