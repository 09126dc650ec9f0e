"""The five workloads: which model, how many rows a request, and the bodies, in every form that a server takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

DATATYPES = {"float64": "FP64", "float32": "FP32"}
JSON, BYTES = "application/json", "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Workload:
    """Requests of one kind; `pool` different ones are sent in turn."""

    name: str
    model: str
    rows: int
    what: str
    binary: bool = False
    pool: int = 64


WORKLOADS = (
    Workload("W1", "linear", 1, "scaler and logistic regression, 30 columns, one row"),
    Workload("W2", "boosting", 1, "LightGBM, 200 trees x 31 leaves, 50 columns, one row"),
    Workload("W3", "boosting", 32, "the same, 32 rows"),
    Workload("W4", "mlp", 1, "ONNX, 768-1024-1024-10, one row"),
    Workload("W5", "boosting", 1000, "as W2, 1000 rows, JSON", pool=16),
    Workload("W5b", "boosting", 1000, "as W2, 1000 rows, binary", binary=True, pool=16),
)


@dataclass(frozen=True, slots=True)
class Body:
    """One request's headers and bytes."""

    headers: dict[str, str]
    data: bytes


def encode(form: str, rows: Any) -> Body:
    """A matrix as a body.

    Forms: `oip`, `oip-proba` (asking MLServer's scikit-learn runtime for chances), `oip-binary`, `rows` (a list of
    lists), `inputs` (MLflow's word for the same) and `raw`.
    """
    if form == "raw":
        return Body({"Content-Type": BYTES}, rows.tobytes())
    if form in ("rows", "inputs"):
        return Body({"Content-Type": JSON}, _json({form: rows.tolist()}))
    tensor = {"name": "input", "shape": list(rows.shape), "datatype": DATATYPES[rows.dtype.name]}
    if form in ("oip", "oip-proba"):
        wanted = {"outputs": [{"name": "predict_proba"}]} if form == "oip-proba" else {}
        return Body({"Content-Type": JSON}, _json({"inputs": [tensor | {"data": rows.ravel().tolist()}]} | wanted))
    raw = rows.tobytes()
    head = {"parameters": {"binary_data_output": True}}
    text = _json({"inputs": [tensor | {"parameters": {"binary_data_size": len(raw)}}]} | head)
    return Body({"Content-Type": BYTES, "Inference-Header-Content-Length": str(len(text))}, text + raw)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def numbers(headers: dict[str, str], data: bytes) -> list[float]:
    """The numbers of an answer in any of the forms, flat."""
    if headers.get("content-type", JSON).startswith(JSON):
        answer = json.loads(data)
        if isinstance(answer, dict):
            answer = answer["outputs"][0]["data"] if "outputs" in answer else answer["predictions"]
        return _flat(answer)
    length = int(headers.get("inference-header-content-length", 0))
    dtype = "<f8"
    if length:
        output = json.loads(data[:length])["outputs"][0]
        dtype = {"FP64": "<f8", "FP32": "<f4"}[output["datatype"]]
    plain: list[float] = np.frombuffer(data[length:], dtype).astype(np.float64).tolist()
    return plain


def _flat(answer: Any) -> list[float]:
    if isinstance(answer, dict):  # MLflow names the outputs of an ONNX model
        answer = next(iter(answer.values()))
    while answer and isinstance(answer[0], list):
        answer = [one for inner in answer for one in inner]
    return [float(one) for one in answer]


def requests_of(workload: Workload, form: str, folder: Path) -> tuple[list[Body], list[Sequence[float]]]:
    """The pool of bodies and the answers that they must get."""
    with np.load(folder / f"{workload.model}.npz") as kept:
        rows, expected = kept["rows"], kept["expected"]
    slices = [slice(start * workload.rows, (start + 1) * workload.rows) for start in range(workload.pool)]
    return [encode(form, rows[one]) for one in slices], [expected[one].ravel().tolist() for one in slices]


def write_pool(path: Path, bodies: Sequence[Body]) -> None:
    """The pool as the load generators read it: headers, an empty line, then each length on a line before its bytes."""
    with path.open("wb") as file:
        for name, value in bodies[0].headers.items():
            file.write(f"{name}: {value}\n".encode())
        file.write(b"\n")
        for body in bodies:
            assert body.headers == bodies[0].headers, "one pool has one head"
            file.write(b"%d\n" % len(body.data) + body.data)
