"""The Open Inference Protocol v2 over REST, with Triton's binary tensor data extension.

Two additions, since JSON has no word for them: null is a missing value, infinities are "Infinity" and "-Infinity".
A list of varying length has the shape [rows, -1] and nested data.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import msgspec
import numpy as np

from trimtab.core.check import Fault, Raw, SignatureError
from trimtab.core.dtypes import DTYPES
from trimtab.core.table import Column
from trimtab.core.tensors import TensorError, decode_binary
from trimtab.server.dataplane import InferRequest
from trimtab.server.dialects import Exchange
from trimtab.server.dialects.body import checked_id, decode, patience_of, refuse_duplicates
from trimtab.server.dialects.oip_answer import Wanted, encode
from trimtab.server.dialects.oip_data import numbers, values
from trimtab.server.dialects.oip_quick import quick_of
from trimtab.server.endpoint import Endpoint
from trimtab.server.faults import refused
from trimtab.server.wire import Request

__all__ = ["HEADER_LENGTH", "read"]

HEADER_LENGTH: Final = b"inference-header-content-length"
_BINARY: Final = b"application/octet-stream"
_TYPES: Final = frozenset({b"application/json", _BINARY})
_AXES: Final = 8
_NAME: Final = 256
_FAULTS: Final = 50
_Parameters = dict[str, Any]


class _Input(msgspec.Struct):
    name: str
    shape: list[int]
    datatype: str
    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    parameters: _Parameters | msgspec.UnsetType = msgspec.UNSET


class _Output(msgspec.Struct):
    name: str
    parameters: _Parameters | msgspec.UnsetType = msgspec.UNSET


class _Body(msgspec.Struct):
    inputs: list[_Input]
    id: str | msgspec.UnsetType | None = msgspec.UNSET
    outputs: list[_Output] | msgspec.UnsetType = msgspec.UNSET
    parameters: _Parameters | msgspec.UnsetType = msgspec.UNSET


class _Data(msgspec.Struct):
    data: list[Any] = []


class _Inputs(msgspec.Struct):
    inputs: list[_Data]


_PLAIN: Final = Wanted({}, binary=False)
_DECODER: Final = msgspec.json.Decoder(_Body)
_ALL_DATA: Final = msgspec.json.Decoder(_Inputs)


def read(http: Request, endpoint: Endpoint, own_id: str) -> Exchange:
    """The request of an `infer` call; raises UserError for what is no such request."""
    patience = patience_of(http, _TYPES)
    plain = HEADER_LENGTH not in http.headers and not _is_binary(http)
    if plain and (found := quick_of(endpoint).read(http.body)) is not None:
        columns, given = found
        asked = InferRequest(endpoint.name, columns, checked_id(given, own_id), timeout_s=patience)
        return Exchange(asked, partial(encode, endpoint, _PLAIN))
    text, tail = _split(http)
    body = decode(_DECODER, text)
    refuse_duplicates(text, _keys(body))
    request_id = checked_id(body.id or None, own_id)
    binary = _flag(_parameters(body.parameters), "binary_data_output")
    outputs = [] if body.outputs is msgspec.UNSET else body.outputs
    wanted = Wanted({one.name: _flag(_parameters(one.parameters), "binary_data", binary) for one in outputs}, binary)
    if len(wanted.binary_of) < len(outputs):
        raise refused("P310", "an output is asked for twice")
    columns = _Columns(body.inputs, endpoint, text, tail).read()
    timeout_s = _timeout_s(body.parameters, patience)
    request = InferRequest(endpoint.name, columns, request_id, outputs=tuple(wanted.binary_of), timeout_s=timeout_s)
    return Exchange(request, partial(encode, endpoint, wanted))


def _is_binary(http: Request) -> bool:
    return http.headers.get(b"content-type", b"").lower().startswith(_BINARY)


def _split(http: Request) -> tuple[bytes | bytearray | memoryview, memoryview]:
    """The JSON of a body and the binary tensors behind it."""
    given = http.headers.get(HEADER_LENGTH)
    if given is None:
        if _is_binary(http):
            raise refused("P310", "a binary body needs the header `Inference-Header-Content-Length`")
        return http.body, memoryview(b"")
    if not given.isdigit() or len(given) > 18 or int(given) > len(http.body):  # noqa: PLR2004 - digits of 64 bits
        raise refused(
            "P310", f"`Inference-Header-Content-Length` is no length within the {len(http.body)} bytes of body"
        )
    whole = memoryview(http.body)
    return whole[: int(given)], whole[int(given) :]


def _keys(body: _Body) -> int:
    """How many keys the decoded objects have; those that were not known are not among them."""
    count = 1 + (body.id is not msgspec.UNSET)
    if body.outputs is not msgspec.UNSET:
        count += 1 + sum(1 + _inner(output.parameters) for output in body.outputs)
    for tensor in body.inputs:
        count += 3 + (tensor.data is not msgspec.UNSET) + _inner(tensor.parameters)
    return count + _inner(body.parameters)


def _inner(parameters: _Parameters | msgspec.UnsetType) -> int:
    return 0 if parameters is msgspec.UNSET else 1 + len(parameters)


def _parameters(given: _Parameters | msgspec.UnsetType) -> _Parameters:
    return {} if given is msgspec.UNSET else given


def _timeout_s(given: _Parameters | msgspec.UnsetType, header_s: float | None) -> float | None:
    """The shorter of what the header says and of what Triton's parameter `timeout` says, in microseconds; 0 is none."""
    micros = _parameters(given).get("timeout", 0)
    if not isinstance(micros, int) or isinstance(micros, bool) or micros < 0:
        raise refused("P310", "parameter `timeout` is no number of microseconds")
    said = [seconds for seconds in (header_s, micros / 1e6) if seconds]
    return min(said, default=None)


def _flag(parameters: _Parameters, name: str, default: bool = False) -> bool:  # noqa: FBT001, FBT002 - as in dict.get
    value = parameters.get(name, default)
    if not isinstance(value, bool):
        raise refused("P310", f"parameter `{name}` is neither true nor false")
    return value


class _Columns:
    """The tensors of one request on their way to columns; all faulty ones are named at once."""

    def __init__(
        self, tensors: list[_Input], endpoint: Endpoint, text: bytes | bytearray | memoryview, tail: memoryview
    ) -> None:
        self._tensors = tensors
        self._endpoint = endpoint
        self._text = text
        self._tail = tail
        self._start = 0
        self._all_data: list[_Data] | None = None

    def read(self) -> dict[str, Raw]:
        columns: dict[str, Raw] = {}
        faults: list[Fault] = []
        for at, tensor in enumerate(self._tensors):
            name = tensor.name[:_NAME]
            try:
                raw = self._raw(tensor)
                if tensor.name in columns:
                    raise TensorError("given twice")  # noqa: TRY301 - it is collected with the others
                columns[tensor.name] = self._column(at, tensor, raw)
            except TensorError as error:
                faults.append(Fault(name, error.row, str(error)))
            except (ValueError, OverflowError) as error:  # numpy has limits that no rule of ours names
                faults.append(Fault(name, None, f"shape and data do not fit: {error}"))
            if len(faults) > _FAULTS:
                break
        if faults:
            raise SignatureError(faults)
        if self._start != len(self._tail):
            raise refused("P310", f"{len(self._tail) - self._start} bytes of the body belong to no input")
        return columns

    def _raw(self, tensor: _Input) -> memoryview | None:
        """The tensor's bytes behind the JSON, if that is where they are."""
        size = None if tensor.parameters is msgspec.UNSET else _binary_size(tensor)
        if size is None:
            return None
        start, self._start = self._start, self._start + size
        if self._start > len(self._tail):
            what = f"`binary_data_size` goes {self._start - len(self._tail)} bytes beyond the body"
            raise refused("P310", what, f"column `{tensor.name[:_NAME]}`")
        return self._tail[start : self._start]

    def _column(self, at: int, tensor: _Input, raw: memoryview | None) -> Raw:
        shape, data = tensor.shape, tensor.data
        if len(shape) > _AXES:
            raise TensorError(f"a shape of {len(shape)} axes, at most {_AXES} are taken")
        if raw is not None:
            if data is not msgspec.UNSET:
                raise TensorError("both `data` and `binary_data_size`")
            # the bytes lie wherever the JSON ended; native code may want its numbers aligned
            return Column(np.require(decode_binary(tensor.datatype, shape, raw), requirements="A"))
        if data is msgspec.UNSET:
            raise TensorError("neither `data` nor `binary_data_size`")
        field = self._endpoint.inputs.get(tensor.name)
        if field is not None and tensor.datatype == field.dtype and DTYPES[field.dtype].kind in "fiu":
            quick = numbers(field, shape, data)
            if quick is not None:
                return quick
        return values(tensor.datatype, shape, self._data(at), field)

    def _data(self, at: int) -> list[Any]:
        """The data of one tensor as values; what is wrong with it is named with its place in the whole body."""
        if self._all_data is None:
            self._all_data = decode(_ALL_DATA, self._text).inputs
        return self._all_data[at].data


def _binary_size(tensor: _Input) -> int | None:
    size = _parameters(tensor.parameters).get("binary_data_size")
    if size is None:
        return None
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise refused("P310", "`binary_data_size` is no count of bytes", f"column `{tensor.name[:_NAME]}`")
    return size
