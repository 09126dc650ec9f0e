"""Golden rows: inputs with the answers they had in the training process, replayed wherever the bundle goes.

`golden/request.json` and `golden/response.json` are bodies of the Open Inference Protocol (v2, REST): `curl` can send
the one and gets the other. Three things the protocol leaves open: null is a missing value (NaN for floats),
infinities are the texts "Infinity" and "-Infinity", a list of varying length has the shape [rows, -1] and nested data.
Bytes that are no UTF-8 text are base64, and their tensor says so: `"parameters": {"content_type": "base64"}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from trimtab.bundle.compare import Difference, compare
from trimtab.bundle.golden_json import decode_tensor, encode_tensor
from trimtab.bundle.manifest import GoldenSpec, canonical
from trimtab.bundle.predictor import Outputs
from trimtab.core.check import SignatureError, check
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table
from trimtab.core.tensors import TensorError

__all__ = ["REQUEST", "RESPONSE", "Difference", "Golden", "compare", "outputs_in", "read_golden", "write_golden"]

REQUEST: Final = "golden/request.json"
RESPONSE: Final = "golden/response.json"


@dataclass(frozen=True, slots=True, eq=False)
class Golden:
    """Rows, their answers, and how far a replay may be off: |got - expected| <= atol + rtol * |expected|."""

    inputs: Table
    outputs: Outputs
    rtol: float
    atol: float


def write_golden(golden: Golden, folder: Path, signature: Signature, name: str) -> GoldenSpec:
    """Write both files below the bundle's folder, the same bytes each time; returns what the manifest says of them.

    Raises UserError for values that the files cannot carry.
    """
    inputs = [_encode(field, golden.inputs.columns[field.name]) for field in signature.inputs]
    outputs = [_encode(field, Column(golden.outputs[field.name])) for field in signature.outputs]
    (folder / REQUEST).parent.mkdir(parents=True, exist_ok=True)
    (folder / REQUEST).write_bytes(canonical({"inputs": inputs}))
    (folder / RESPONSE).write_bytes(canonical({"model_name": name, "outputs": outputs}))
    return GoldenSpec(rows=golden.inputs.height, rtol=float(golden.rtol), atol=float(golden.atol))


def _encode(field: Field, column: Column) -> dict[str, Any]:
    try:
        tensor = encode_tensor(field, column)
        canonical(tensor)
    except (TensorError, UnicodeEncodeError) as error:
        what = f"golden values of `{field.name}` cannot be written: {error}"
        raise UserError(Problem("P246", what, f"column `{field.name}`", "leave these rows out of the sample")) from None
    return tensor


def read_golden(folder: Path, signature: Signature, spec: GoldenSpec) -> Golden:
    """The golden rows of a bundle's folder; raises UserError when the files do not fit the signature."""
    inputs = _read(folder / REQUEST, "inputs", signature.inputs)
    outputs = _read(folder / RESPONSE, "outputs", signature.outputs)
    try:
        table = check(signature, inputs)
    except SignatureError as error:
        raise UserError(*(_unfit(REQUEST, fault.column, fault.what) for fault in error.faults)) from None
    heights = {"inputs": table.height, **{name: len(column) for name, column in outputs.items()}}
    wrong = {name: height for name, height in heights.items() if height != spec.rows}
    if wrong:
        problems = (
            _unfit(RESPONSE, name, f"{rows} rows, the manifest says {spec.rows}") for name, rows in wrong.items()
        )
        raise UserError(*problems)
    return Golden(table, {name: column.values for name, column in outputs.items()}, spec.rtol, spec.atol)


def outputs_in(body: bytes, signature: Signature) -> Outputs:
    """What a server answers to the golden request; UserError P245 for a body that does not fit the signature."""
    return {name: column.values for name, column in _parsed(body, RESPONSE, "outputs", signature.outputs).items()}


def _read(path: Path, key: str, fields: tuple[Field, ...]) -> dict[str, Column]:
    place = f"golden/{path.name}"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(Problem("P245", f"no body of an inference request or response: {error}", place)) from None
    return _parsed(data, place, key, fields)


def _parsed(data: bytes, place: str, key: str, fields: tuple[Field, ...]) -> dict[str, Column]:
    try:
        body = msgspec.json.decode(data)
        tensors = {tensor["name"]: tensor for tensor in body[key]}
    except (msgspec.DecodeError, TypeError, KeyError) as error:
        raise UserError(Problem("P245", f"no body of an inference request or response: {error}", place)) from None
    if set(tensors) != {field.name for field in fields}:
        got = ", ".join(f"`{name}`" for name in tensors) or "none"
        raise UserError(_unfit(place, key, f"the tensors are {got}, the signature has others"))
    columns, problems = {}, []
    for field in fields:
        try:
            columns[field.name] = decode_tensor(field, tensors[field.name])
        except (ValueError, TypeError, KeyError) as error:
            problems.append(_unfit(place, field.name, str(error)))
    if problems:
        raise UserError(*problems)
    return columns


def _unfit(place: str, name: str, what: str) -> Problem:
    return Problem("P245", f"`{name}`: {what}", place, "package the model again to record its golden rows")
