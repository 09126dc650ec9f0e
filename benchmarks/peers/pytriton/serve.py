"""Triton inside nvidia-pytriton: its Python backend, batches of up to 1000 rows by the dynamic batcher without delay.

That is what pytriton's page on binding configuration advises for throughput; the wheel has no backend for forests or
ONNX, so a Triton container with native backends would be much faster than this. Started as `serve.py PORT`.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from ports import free_ports
from predictors import COLUMNS, DTYPES, Predictor, named
from pytriton.decorators import batch
from pytriton.model_config import DynamicBatcher, ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

LARGEST = 1000


def main() -> None:
    """Serves until told to stop."""
    name = named()
    run, dtype = Predictor(name), np.dtype(DTYPES[name]).type
    answers = np.float32 if name == "mlp" else np.float64

    @batch
    def infer(input: Any) -> list[Any]:  # noqa: A002 - the name of the tensor
        found = np.asarray(run(input))
        return [found.reshape(len(found), -1)]

    grpc, metrics = free_ports(2)
    ports = {"http_port": int(sys.argv[1]), "grpc_port": grpc, "metrics_port": metrics}
    hosts = {"http_address": "127.0.0.1", "grpc_address": "127.0.0.1", "metrics_address": "127.0.0.1"}
    with Triton(config=TritonConfig(**ports, **hosts)) as triton:
        triton.bind(
            model_name="model",
            infer_func=infer,
            inputs=[Tensor(name="input", dtype=dtype, shape=(COLUMNS[name],))],
            outputs=[Tensor(name="answers", dtype=answers, shape=(-1,))],
            config=ModelConfig(max_batch_size=LARGEST, batcher=DynamicBatcher(max_queue_delay_microseconds=0)),
            strict=False,
        )
        triton.serve()


if __name__ == "__main__":
    main()
