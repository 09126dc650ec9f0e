"""KServe's Python server: two worker processes (as many as cores), gRPC, docs and latency log off.

Its page on custom predictors has the same shape. Binary tensors are taken by its own protocol code.
Started as `serve.py PORT`.
"""

from __future__ import annotations

import sys
from typing import Any
from uuid import uuid4

from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer
from predictors import Predictor, named


class Served(Model):
    """The model under KServe's interface."""

    def __init__(self) -> None:
        """Loads nothing yet: a worker that takes more than 5 s to come up is taken for dead."""
        super().__init__("model")
        self.run: Predictor | None = None
        self.ready = True

    async def predict(self, payload: InferRequest, headers: Any = None, response_headers: Any = None) -> InferResponse:  # noqa: ARG002 - names that KServe gives
        """The answers to the rows; a worker's first request loads the model."""
        if self.run is None:
            self.run = Predictor(named())
        answers = self.run(payload.inputs[0].as_numpy())
        binary = bool((payload.parameters or {}).get("binary_data_output"))
        output = InferOutput("answers", list(answers.shape), "FP64" if answers.dtype.itemsize == 8 else "FP32")  # noqa: PLR2004 - bytes of a double
        output.set_data_from_numpy(answers, binary_data=binary)
        return InferResponse(payload.id or uuid4().hex, "model", [output])


if __name__ == "__main__":
    server = ModelServer(
        http_port=int(sys.argv[1]), workers=2, enable_grpc=False, enable_docs_url=False, enable_latency_logging=False
    )
    server.start([Served()])
