"""Answers in the Open Inference Protocol: JSON, or JSON with binary tensors behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from trimtab.core.dtypes import Array, dtype_of
from trimtab.core.signature import Field
from trimtab.core.tensors import TensorError, encode_binary, encode_json
from trimtab.server.dataplane import InferResponse
from trimtab.server.endpoint import Endpoint
from trimtab.server.faults import refused
from trimtab.server.wire import Answer

__all__ = ["Wanted", "describe", "encode"]

_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which outputs go in binary: those asked for by name as they say, all others by `binary`."""

    binary_of: Mapping[str, bool]
    binary: bool


def encode(endpoint: Endpoint, wanted: Wanted, response: InferResponse) -> Answer:
    """The answer; raises UserError P310 for an output that cannot be written in the wanted form."""
    tensors: list[dict[str, Any]] = []
    parts: list[bytes] = []
    for name, array in response.outputs.items():
        tensor = describe(name, array, endpoint.outputs.get(name))
        try:
            if wanted.binary_of.get(name, wanted.binary):
                raw = encode_binary(array)
                tensor["parameters"] = {"binary_data_size": len(raw)}
                parts.append(raw)
            else:
                tensor["data"] = encode_json(array)
        except TensorError as error:
            raise refused("P310", str(error), f"output `{name}`") from None
        tensors.append(tensor)
    text = _encode(
        {"model_name": response.model, "model_version": response.version, "id": response.id, "outputs": tensors}
    )
    if not parts:
        return Answer(200, text)
    length = (b"inference-header-content-length", b"%d" % len(text))
    return Answer(200, b"".join([text, *parts]), b"application/octet-stream", (length,))


def describe(name: str, array: Array, field: Field | None) -> dict[str, Any]:
    """Name, datatype and shape of an output; a list of varying length has -1 for its length."""
    if array.dtype.kind == "O" and any(isinstance(item, np.ndarray) for item in array.flat):
        inner = list(field.shape[1:] if field else ()) or [-1]
        datatype = field.dtype if field else next(dtype_of(item) for item in array.flat if item is not None)
        return {"name": name, "datatype": datatype, "shape": [len(array), *inner]}
    datatype = "BYTES" if array.dtype.kind == "M" else dtype_of(array)
    return {"name": name, "datatype": datatype, "shape": list(array.shape)}
