"""Tensors of gRPC messages: their columns on the way in, outputs on the way out, raw or typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, Final

import numpy as np

from trimtab.core.check import Fault, Raw, SignatureError
from trimtab.core.dtypes import DTYPES, Array
from trimtab.core.table import Column
from trimtab.core.tensors import TensorError, checked_shape, decode_binary, encode_binary, octets, split_items
from trimtab.server.dataplane import InferResponse
from trimtab.server.dialects.oip_answer import describe
from trimtab.server.endpoint import Endpoint
from trimtab.server.faults import refused

__all__ = ["FIELD_OF", "columns", "fill"]

# the list of InferTensorContents that a datatype goes in; there is none for FP16
FIELD_OF: Final[Mapping[str, str]] = {
    "BOOL": "bool_contents",
    **dict.fromkeys(("INT8", "INT16", "INT32"), "int_contents"),
    "INT64": "int64_contents",
    **dict.fromkeys(("UINT8", "UINT16", "UINT32"), "uint_contents"),
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
    "BYTES": "bytes_contents",
}
_WIDE: Final = {"int_contents": np.dtype(np.int32), "uint_contents": np.dtype(np.uint32)}
_NAME: Final = 256
_FAULTS: Final = 50


def columns(inputs: Sequence[Any], raws: Sequence[bytes]) -> dict[str, Raw]:
    """The input tensors by name; raises SignatureError naming all faulty ones, UserError for a wrong count."""
    if raws and len(raws) != len(inputs):
        raise refused("P310", f"{len(raws)} `raw_input_contents` for {len(inputs)} inputs")
    found: dict[str, Raw] = {}
    faults: list[Fault] = []
    for position, tensor in enumerate(inputs):
        try:
            if tensor.name in found:
                raise TensorError("given twice")  # noqa: TRY301 - it is collected with the others
            found[tensor.name] = _raw(tensor, raws[position]) if raws else _typed(tensor)
        except TensorError as error:
            faults.append(Fault(tensor.name[:_NAME], error.row, str(error)))
        except (ValueError, OverflowError) as error:  # numpy has limits that no rule of ours names
            faults.append(Fault(tensor.name[:_NAME], None, f"shape and data do not fit: {error}"))
        if len(faults) > _FAULTS:
            break
    if faults:
        raise SignatureError(faults)
    return found


def _raw(tensor: Any, raw: bytes) -> Column:
    if tensor.HasField("contents"):
        raise TensorError("both `contents` and `raw_input_contents`")
    return Column(decode_binary(tensor.datatype, list(tensor.shape), raw))


def _typed(tensor: Any) -> Column:
    sizes = checked_shape(tensor.datatype, list(tensor.shape))
    wanted = FIELD_OF.get(tensor.datatype)
    if wanted is None:
        raise TensorError(f"{tensor.datatype} has no typed contents, only `raw_input_contents`")
    strange = [field.name for field, _ in tensor.contents.ListFields() if field.name != wanted]
    if strange:
        raise TensorError(f"`{strange[0]}` holds no {tensor.datatype}, `{wanted}` does")
    values = getattr(tensor.contents, wanted)
    if len(values) != prod(sizes):
        raise TensorError(f"`{wanted}` has {len(values)} values, shape {list(sizes)} needs {prod(sizes)}")
    if tensor.datatype == "BYTES":
        return Column(split_items(list(values)).reshape(sizes))
    return Column(_narrow(values, tensor.datatype, wanted, prod(sizes) // max(sizes[0], 1)).reshape(sizes))


def _narrow(values: Any, datatype: str, field: str, row_size: int) -> Array:
    """The values in their datatype, which may be narrower than the list they came in."""
    dtype = DTYPES[datatype]
    wide = np.array(values, _WIDE.get(field, dtype))
    narrow = wide.astype(dtype, copy=False)
    if dtype.kind in "iu":
        lost = np.flatnonzero(narrow != wide)
        if lost.size:
            raise TensorError(f"{wide[lost[0]]} is no {datatype}", int(lost[0]) // max(row_size, 1))
    return narrow


def fill(message: Any, response: InferResponse, endpoint: Endpoint, *, raw: bool) -> None:
    """Write the answer into a ModelInferResponse: raw where it is wanted or where the typed form has no word for it."""
    message.model_name, message.model_version, message.id = response.model, response.version, response.id
    raw = raw or any(array.dtype == np.float16 for array in response.outputs.values())
    for name, array in response.outputs.items():
        tensor = message.outputs.add(**describe(name, array, endpoint.outputs.get(name)))
        try:
            if raw:
                message.raw_output_contents.append(encode_binary(array))
            else:
                values = octets(array) if array.dtype.kind in "OSUM" else array.ravel().tolist()
                getattr(tensor.contents, FIELD_OF[tensor.datatype]).extend(values)
        except TensorError as error:
            hint = "ask over REST in JSON, or leave this output out"
            raise refused("P310", str(error), f"output `{name}`", hint) from None
