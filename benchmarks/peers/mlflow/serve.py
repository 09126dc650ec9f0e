"""MLflow's scoring server: the model in MLflow's own flavour, two workers, the environment it is started in.

`-w 2`, as many as cores, is what its page on serving offers for more throughput. Started as `serve.py PORT`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from predictors import folder, named

if __name__ == "__main__":
    server = str(Path(sys.executable).parent / "mlflow")
    model = str(folder() / f"mlflow-{named()}")
    arguments = ["models", "serve", "-m", model, "-h", "127.0.0.1", "-p", sys.argv[1], "-w", "2"]
    os.execv(server, [server, *arguments, "--env-manager", "local"])  # noqa: S606 - we become the server
