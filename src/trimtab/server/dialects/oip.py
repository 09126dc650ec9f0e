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
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.core.tensors import TensorError, decode_binary, decode_json
from trimtab.server.dataplane import InferRequest
from trimtab.server.dialects import Exchange
from trimtab.server.dialects.body import checked_id, decode, patience_s, refuse_duplicates, require_type
from trimtab.server.dialects.oip_answer import Wanted, encode
from trimtab.server.endpoint import Endpoint
from trimtab.server.faults import refused
from trimtab.server.wire import Request

__all__ = ["HEADER_LENGTH", "read"]

HEADER_LENGTH: Final = b"inference-header-content-length"
_TYPES: Final = frozenset({b"application/json", b"application/octet-stream"})
_JSON: Final = frozenset({b"application/json"})
_AXES: Final = 8
_NAME: Final = 256
_FAULTS: Final = 50
_Parameters = dict[str, Any]


class _Input(msgspec.Struct):
    name: str
    shape: list[int]
    datatype: str
    data: list[Any] | msgspec.UnsetType = msgspec.UNSET
    parameters: _Parameters | msgspec.UnsetType = msgspec.UNSET


class _Output(msgspec.Struct):
    name: str
    parameters: _Parameters | msgspec.UnsetType = msgspec.UNSET


class _Body(msgspec.Struct):
    inputs: list[_Input]
    id: str | msgspec.UnsetType | None = msgspec.UNSET
    outputs: list[_Output] | msgspec.UnsetType = msgspec.UNSET
    parameters: _Parameters | msgspec.UnsetType = msgspec.UNSET


_DECODER: Final = msgspec.json.Decoder(_Body)


def read(http: Request, endpoint: Endpoint, own_id: str) -> Exchange:
    """The request of an `infer` call; raises UserError for what is no such request."""
    text, tail = _split(http)
    body = decode(_DECODER, text)
    refuse_duplicates(text, _keys(body))
    request_id = checked_id(body.id or None, own_id)
    binary = _flag(_parameters(body.parameters), "binary_data_output")
    outputs = [] if body.outputs is msgspec.UNSET else body.outputs
    wanted = Wanted({one.name: _flag(_parameters(one.parameters), "binary_data", binary) for one in outputs}, binary)
    if len(wanted.binary_of) < len(outputs):
        raise refused("P310", "an output is asked for twice")
    columns = _columns(body.inputs, endpoint, tail)
    timeout_s = _timeout_s(body.parameters, patience_s(http.headers))
    request = InferRequest(endpoint.name, columns, request_id, outputs=tuple(wanted.binary_of), timeout_s=timeout_s)
    return Exchange(request, partial(encode, endpoint, wanted))


def _split(http: Request) -> tuple[bytes | bytearray | memoryview, memoryview]:
    """The JSON of a body and the binary tensors behind it."""
    given = http.headers.get(HEADER_LENGTH)
    require_type(http.headers, _JSON if given is None else _TYPES)
    if given is None:
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


def _columns(tensors: list[_Input], endpoint: Endpoint, tail: memoryview) -> dict[str, Raw]:
    """The columns by name; all faulty tensors are named at once."""
    columns: dict[str, Raw] = {}
    faults: list[Fault] = []
    start = 0
    for tensor in tensors:
        name = tensor.name[:_NAME]
        try:
            size = _binary_size(tensor)
            if size is not None and start + size > len(tail):
                what = f"`binary_data_size` goes {start + size - len(tail)} bytes beyond the body"
                raise refused("P310", what, f"column `{name}`")
            if tensor.name in columns:
                raise TensorError("given twice")  # noqa: TRY301 - it is collected with the others
            raw = None if size is None else tail[start : start + size]
            columns[tensor.name] = _column(tensor, endpoint.inputs.get(tensor.name), raw)
            start += size or 0
        except TensorError as error:
            faults.append(Fault(name, error.row, str(error)))
            start += size or 0
        except (ValueError, OverflowError) as error:  # numpy has limits that no rule of ours names
            faults.append(Fault(name, None, f"shape and data do not fit: {error}"))
            start += size or 0
        if len(faults) > _FAULTS:
            break
    if faults:
        raise SignatureError(faults)
    if start != len(tail):
        raise refused("P310", f"{len(tail) - start} bytes of the body belong to no input")
    return columns


def _binary_size(tensor: _Input) -> int | None:
    size = _parameters(tensor.parameters).get("binary_data_size")
    if size is None:
        return None
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise refused("P310", "`binary_data_size` is no count of bytes", f"column `{tensor.name[:_NAME]}`")
    return size


def _column(tensor: _Input, field: Field | None, raw: memoryview | None) -> Raw:
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
    if field is not None and tensor.datatype == field.dtype and len(field.shape) == 1 and _is_plain(shape, data):
        return data  # parsed once, by the field, where a message can name the row
    return decode_json(tensor.datatype, shape, data)


def _is_plain(shape: list[int], data: list[Any]) -> bool:
    """Whether the data is one value a row, of which the shape says no more than their number."""
    rows = len(data)
    return shape in ([rows], [rows, 1]) and not (rows and isinstance(data[0], list))
