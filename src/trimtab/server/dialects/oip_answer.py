"""Answers in the Open Inference Protocol: JSON, or JSON with binary tensors behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

import msgspec
import numpy as np

from trimtab.bundle.predictor import Outputs
from trimtab.core.dtypes import DTYPES, Array, dtype_of
from trimtab.core.signature import Field
from trimtab.core.tensors import TensorError, encode_binary, encode_json
from trimtab.server.dataplane import InferResponse
from trimtab.server.endpoint import Endpoint
from trimtab.server.faults import refused
from trimtab.server.wire import Answer

__all__ = ["Texts", "Wanted", "describe", "encode", "texts_of"]

_encode: Final = msgspec.json.Encoder().encode


_KEY: Final = "oip answers"  # what is noted of an endpoint
_FEW: Final = 32  # values that are looked at faster one by one


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which outputs go in binary: those asked for by name as they say, all others by `binary`."""

    binary_of: Mapping[str, bool]
    binary: bool


def encode(endpoint: Endpoint, wanted: Wanted, response: InferResponse) -> Answer:
    """The answer; raises UserError P310 for an output that cannot be written in the wanted form."""
    endpoint = endpoint.of(response.version)
    if not wanted.binary and not wanted.binary_of:
        body = texts_of(endpoint).write(response)
        if body is not None:
            return Answer(200, body)
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


class _Text(msgspec.Struct, frozen=True):
    """What stands before the number of rows of an output, and between it and the values."""

    before: bytes
    behind: bytes
    dtype: Any
    inner: tuple[int, ...]
    may_be_none: bool  # NaN and infinities have words of their own


class Texts:
    """Answers of numbers: what never changes in them is written once."""

    def __init__(self, endpoint: Endpoint) -> None:
        """What its answers have in common."""
        self._name, self._version = endpoint.name, endpoint.version
        head = _encode({"model_name": self._name, "model_version": self._version})
        self.head = head[:-1] + b',"id":'  # what stands before the id of every answer
        self._outputs = {name: _text(field) for name, field in endpoint.outputs.items() if _plain(field)}

    def write(self, response: InferResponse) -> bytes | None:
        """The body; None for what is not that plain, and is written in full."""
        if response.model != self._name or response.version != self._version:
            return None
        parts, between = [self.head, _encode(response.id)], b',"outputs":['
        for name, array in response.outputs.items():
            said = self._said(name, array)
            if said is None:
                return None
            parts += between, *said
            between = b"},"
        return b"".join((*parts, b"}]}")) if response.outputs else None

    def alone(self, outputs: Outputs) -> tuple[bytes, bytes] | None:
        """Of an answer of one output: what stands before its id and behind it; None as for `write`."""
        ((name, array),) = outputs.items()
        said = self._said(name, array)
        return None if said is None else (self.head, b',"outputs":[%b%b%b%b}]}' % said)

    def each(self, outputs: Outputs, heights: Sequence[int]) -> list[bytes] | None:
        """Of answers of one output that came from one call, of so many rows each: what stands behind each one's id.

        None where one of them is not that plain.
        """
        ((name, array),) = outputs.items()
        found = self._values(name, array)
        if found is None:
            return None
        (text, values), width, begin = found, array.size // len(array), 0
        said: list[bytes] = []
        for height in heights:
            end = begin + height * width
            said.append(b',"outputs":[%b%d%b%b}]}' % (text.before, height, text.behind, _encode(values[begin:end])))
            begin = end
        return said

    def _said(self, name: str, array: Array) -> tuple[bytes, bytes, bytes, bytes] | None:
        found = self._values(name, array)
        if found is None:
            return None
        text, values = found
        return text.before, b"%d" % len(array), text.behind, _encode(values)

    def _values(self, name: str, array: Array) -> tuple[_Text, list[Any]] | None:
        """Those of an output, one after the other, and what stands around them; None where they are not that plain."""
        text = self._outputs.get(name)
        if text is None or array.dtype != text.dtype or array.shape[1:] != text.inner:
            return None
        values = (array.ravel() if text.inner else array).tolist()
        if text.may_be_none and not (all(map(isfinite, values)) if len(values) <= _FEW else np.isfinite(array).all()):
            return None
        return text, values

    def around(self, output: str, rows: int) -> tuple[bytes, bytes]:
        """Of an answer of one output: what stands before the id, and between it and the values; `}]}` follows them."""
        text = self._outputs[output]
        return self.head, b',"outputs":[%b%d%b' % (text.before, rows, text.behind)


def _plain(field: Field) -> bool:
    return DTYPES[field.dtype].kind in "fiu" and -1 not in field.shape[1:]


def _text(field: Field) -> _Text:
    before = _encode({"name": field.name, "datatype": field.dtype})[:-1] + b',"shape":['
    inner = b"".join(b",%d" % size for size in field.shape[1:])
    dtype = DTYPES[field.dtype]
    return _Text(before, inner + b'],"data":', dtype, tuple(field.shape[1:]), dtype.kind == "f")


def texts_of(endpoint: Endpoint) -> Texts:
    """The endpoint's, made once."""
    found = endpoint.notes.get(_KEY)
    if not isinstance(found, Texts):
        found = endpoint.notes[_KEY] = Texts(endpoint)
    return found
