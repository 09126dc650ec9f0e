"""A request that a model is known to answer: its first golden rows, as each dialect writes them."""

from __future__ import annotations

from typing import Any

from trimtab.core.tensors import TensorError, encode_json
from trimtab.server.dialects.oip_answer import describe
from trimtab.server.dialects.rows import per_row
from trimtab.server.endpoint import Endpoint

__all__ = ["example_infer", "example_rows"]


def example_rows(endpoint: Endpoint, count: int = 1) -> list[dict[str, Any]]:
    """At most `count` rows; empty when the bundle has no golden rows or JSON cannot carry them."""
    if endpoint.golden is None:
        return []
    table = endpoint.golden.inputs.rows(slice(0, count))
    try:
        columns = {
            name: encode_json(column.values, column.missing) if column.values.ndim == 1 else per_row(column.values)
            for name, column in table.columns.items()
        }
    except TensorError:
        return []
    return [{name: values[row] for name, values in columns.items()} for row in range(table.height)]


def example_infer(endpoint: Endpoint, count: int = 1) -> dict[str, Any]:
    """The same rows as a request of the Open Inference Protocol; empty where `example_rows` is."""
    if endpoint.golden is None or not example_rows(endpoint, count):
        return {}
    table = endpoint.golden.inputs.rows(slice(0, count))
    fields = endpoint.inputs
    return {
        "inputs": [
            describe(name, column.values, fields.get(name)) | {"data": encode_json(column.values, column.missing)}
            for name, column in table.columns.items()
        ]
    }
