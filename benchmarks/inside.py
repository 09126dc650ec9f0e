"""What the parts of a request cost in process, in us of this thread's CPU: `python inside.py BUNDLE POOL`.

Prints one line of JSON. Another body each call. Reads the parts from where a request passes them (server/app.py
says how).
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import simdjson

from load import read_pool
from trimtab.bundle.read import open_bundle
from trimtab.server.connection import Connection
from trimtab.server.dataplane import InferResponse
from trimtab.server.dialects import oip
from trimtab.server.endpoint import Endpoint
from trimtab.server.settings import Settings

BATCH_S = 0.05
BATCHES = 15


def cost_us(call: Callable[[Any], Any], given: Sequence[Any]) -> float:
    """Median over batches of the CPU time of one call, going round what is given."""
    seen, at = [], 0
    for _ in range(BATCHES):
        calls, begin, end = 0, time.thread_time(), time.perf_counter() + BATCH_S
        while time.perf_counter() < end:
            call(given[at % len(given)])
            at, calls = at + 1, calls + 1
        seen.append((time.thread_time() - begin) / calls * 1e6)
    return statistics.median(seen[1:])


_DTYPES = {"FP64": "<f8", "FP32": "<f4"}
_PARSER = simdjson.Parser()


def barest(request: Any) -> Any:
    """The least that turns a body into the matrix, with the libraries at hand: nothing is looked at or named."""
    length = int(request.headers.get(b"inference-header-content-length", 0))
    tensor = _PARSER.parse(request.body[:length] if length else request.body)["inputs"][0]
    shape, dtype = tensor["shape"].as_list(), _DTYPES[tensor["datatype"]]
    if length:
        return np.frombuffer(request.body, dtype, offset=length).reshape(shape)
    return np.frombuffer(tensor["data"].as_buffer(of_type="d"), "<f8").astype(dtype, copy=False).reshape(shape)


def costs(bundle: Path, pool: Path) -> dict[str, float]:
    """Decoding, checking, model and encoding of one request."""
    opened = open_bundle(bundle)
    endpoint, model = Endpoint("model", opened), opened.load()
    head, bodies = read_pool(pool)
    start = f"POST /v2/models/model/infer HTTP/1.1\r\nHost: x\r\n{head}"
    raw = [f"{start}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]
    requests = [event for one in raw for event in Connection(Settings().limits).receive(one)]
    exchanges = [oip.read(request, endpoint, "id") for request in requests]
    tables = [endpoint.check(exchange.request.columns) for exchange in exchanges]
    answers = [InferResponse("model", endpoint.version, "id", model(table), table.height) for table in tables]
    return {
        "decode": cost_us(lambda request: oip.read(request, endpoint, "id"), requests),
        "barest": cost_us(barest, requests),
        "check": cost_us(lambda exchange: endpoint.check(exchange.request.columns), exchanges),
        "model": cost_us(model, tables),
        "encode": cost_us(exchanges[0].encode, answers),
    }


if __name__ == "__main__":
    print(json.dumps(costs(Path(sys.argv[1]), Path(sys.argv[2]))))
