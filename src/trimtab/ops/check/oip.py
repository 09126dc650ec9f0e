"""Golden rows over the Open Inference Protocol: the request in either form, and whether an answer is theirs."""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np

from trimtab.bundle.compare import compare
from trimtab.bundle.golden import Golden
from trimtab.bundle.golden_json import decode_tensor, encode_tensor
from trimtab.core.dtypes import DTYPES, Array
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column
from trimtab.core.tensors import TensorError, decode_binary, encode_binary
from trimtab.ops.check.subject import Heard

__all__ = ["BINARY", "JSON", "binary_request", "fault_of", "json_request"]

Request = tuple[bytes, dict[str, str]]  # body and headers
_RTOL, _ATOL = 1e-5, 1e-7  # rows that share a call may differ in the last digits
_LENGTH: Final = "inference-header-content-length"
JSON: Final = "json"
BINARY: Final = "binary"


def json_request(signature: Signature, golden: Golden) -> Request:
    """All golden rows in one request."""
    tensors = [encode_tensor(field, golden.inputs.columns[field.name]) for field in signature.inputs]
    return json.dumps({"inputs": tensors}).encode(), {"content-type": "application/json"}


def binary_request(signature: Signature, golden: Golden) -> Request:
    """The same with the binary extension, for columns that it can carry; the answer is asked for in it too."""
    tensors, parts = [], list[bytes]()
    for field in signature.inputs:
        column = golden.inputs.columns[field.name]
        tensor = encode_tensor(field, column)
        if (raw := _raw(field, column)) is not None:
            tensor.pop("data")
            tensor["parameters"] = {"binary_data_size": len(raw)}
            parts.append(raw)
        tensors.append(tensor)
    head = json.dumps({"inputs": tensors, "parameters": {"binary_data_output": True}}).encode()
    return b"".join([head, *parts]), {"content-type": "application/octet-stream", _LENGTH: str(len(head))}


def _raw(field: Field, column: Column) -> bytes | None:
    """Its bytes; None for nulls and for what only JSON has a form for."""
    if -1 in field.shape[1:] or field.kind != "value":
        return None
    if column.missing is not None and not (column.values.dtype.kind == "f" and column.values.ndim == 1):
        return None
    try:
        return encode_binary(column.values)
    except TensorError:
        return None


def fault_of(signature: Signature, golden: Golden, heard: Heard) -> str:
    """Why this is no right answer to all golden rows; empty when it is one."""
    if heard.status != 200:  # noqa: PLR2004  # of HTTP
        return f"status {heard.status}: {heard.body[:200].decode(errors='replace')}"
    try:
        got = _outputs(signature, heard)
    except (ValueError, KeyError, TypeError, TensorError) as error:
        return f"an answer that cannot be read: {error}"
    difference = compare(golden.outputs, got, max(golden.rtol, _RTOL), max(golden.atol, _ATOL))
    return "" if difference.ok else f"`{difference.column}` of golden row {difference.row} is another"


def _outputs(signature: Signature, heard: Heard) -> dict[str, Array]:
    fields = {field.name: field for field in signature.outputs}
    size = heard.headers.get(_LENGTH)
    head = heard.body if size is None else heard.body[: int(size)]
    at = len(head)
    found: dict[str, Array] = {}
    for tensor in json.loads(head)["outputs"]:
        field = fields[tensor["name"]]
        length = (tensor.get("parameters") or {}).get("binary_data_size")
        if length is None:
            found[field.name] = decode_tensor(field, tensor).values
        else:
            found[field.name] = _decoded(field, tensor, heard.body[at : at + length])
            at += length
    return found


def _decoded(field: Field, tensor: dict[str, Any], raw: bytes) -> Array:
    values = decode_binary(tensor["datatype"], tensor["shape"], raw)
    if field.dtype == "BYTES" or tensor["datatype"] != field.dtype:
        return decode_tensor(field, {**tensor, "data": values.tolist()}).values
    return np.asarray(values, DTYPES[field.dtype])
