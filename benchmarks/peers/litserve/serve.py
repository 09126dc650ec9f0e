"""LitServe: two workers, an API server for each, and the fast queue, as its pages on workers and speed advise.

Batching (`max_batch_size` 64) was tried with one worker: slower on these models. Started as `serve.py PORT`.
"""

from __future__ import annotations

import sys
from typing import Any

import litserve
from predictors import Predictor, from_json, named


class Model(litserve.LitAPI):
    """The model behind LitServe's steps."""

    def setup(self, device: str) -> None:  # noqa: ARG002 - the name that LitServe gives
        """Loads the model."""
        self.run = Predictor(named())

    def decode_request(self, request):  # noqa: ANN001, ANN201 - LitServe makes FastAPI's types of annotations
        """The rows as a matrix."""
        return from_json(request["rows"])

    def predict(self, x: Any) -> Any:
        """The answers to the rows."""
        return self.run(x)

    def encode_response(self, output: Any) -> dict[str, Any]:
        """The answers as lists."""
        return {"predictions": output.tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(Model(), accelerator="cpu", workers_per_device=2, fast_queue=True)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", generate_client_file=False)
