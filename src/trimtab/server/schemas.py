"""JSON Schemas of what is asked and answered: rows by column name, tensors of the Open Inference Protocol, errors.

What a row's schema allows is what the server takes, no more and no less, as far as a schema can say it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from trimtab.core.dtypes import DTYPES, is_float, is_integer
from trimtab.core.signature import Field, Signature

__all__ = ["ERROR", "ID", "infer_answer", "infer_request", "row_schema", "rows_answer", "rows_request"]

Schema = dict[str, Any]
ID: Final[Schema] = {
    "type": ["string", "null"],
    "maxLength": 128,
    "pattern": "^[ -~]*$",  # printable ASCII
    "description": "comes back with the answer",
}
_PARAMETERS: Final[Schema] = {"type": "object"}
_AXES: Final = 8
# the least numbers that round to infinity (half a unit in the last place beyond the largest one)
_EDGES: Final = {"FP16": 65520.0, "FP32": 2.0**128 - 2.0**103}


def row_schema(fields: tuple[Field, ...], *, closed: bool = True) -> Schema:
    """JSON Schema of one row as an object by column name; a nullable column may be left out."""
    schema: Schema = {
        "type": "object",
        "properties": {field.name: _value(field, closed=closed) for field in fields},
        "required": [field.name for field in fields if not field.nullable],
    }
    return schema | ({"additionalProperties": False} if closed else {})


def _value(field: Field, *, closed: bool) -> Schema:
    schema = _scalar(field)
    if len(field.shape) == 1 and field.categories is not None and closed:
        schema = {"enum": list(field.categories)}
    for size in reversed(field.shape[1:]):
        schema = {"type": "array", "items": schema}
        if size >= 0:
            schema |= {"minItems": size, "maxItems": size}
    if field.nullable or (not closed and is_float(field.dtype)):
        schema = {"anyOf": [schema, {"type": "null"}]}
    return schema


def _scalar(field: Field) -> Schema:
    if field.dtype == "BOOL":
        return {"type": "boolean"}
    if is_integer(field.dtype):
        return {"type": "integer"} | _limits(field, *_integers(field.dtype))
    if is_float(field.dtype):
        infinite = [text for text, end in (("Infinity", field.high), ("-Infinity", field.low)) if end is None]
        number: Schema = {"type": "number"} | _finite(field)
        return {"anyOf": [number, {"enum": infinite}]} if infinite else number
    return {"type": "string", "format": "date-time"} if field.kind == "datetime" else {"type": "string"}


def _integers(dtype: str) -> tuple[int, int]:
    info = np.iinfo(DTYPES[dtype])
    return int(info.min), int(info.max)


def _finite(field: Field) -> Schema:
    """The range of finite numbers: what a narrower float rounds to infinity is none of them."""
    edge = _EDGES.get(field.dtype, float(np.finfo(np.float64).max))
    limits = _limits(field, -edge, edge)
    if field.dtype not in _EDGES:
        return limits
    words = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
    return {words[word] if abs(limit) == edge else word: limit for word, limit in limits.items()}


def _limits(field: Field, lowest: float, highest: float) -> Schema:
    """The field's own range within that of its dtype."""
    low = lowest if field.low is None else max(field.low, lowest)
    high = highest if field.high is None else min(field.high, highest)
    return {"minimum": low, "maximum": high}


def rows_request(signature: Signature) -> Schema:
    """A list of rows, or an object that holds one and an id; how many rows are taken is a matter of settings (413)."""
    rows = {"type": "array", "items": row_schema(signature.inputs)}
    wrapped = {"type": "object", "required": ["rows"], "properties": {"rows": rows, "id": ID}}
    return {"anyOf": [rows, wrapped]}


def rows_answer(signature: Signature) -> Schema:
    """One object a row, and what answered."""
    texts = {key: {"type": "string"} for key in ("model", "version", "id")}
    rows = {"type": "array", "items": row_schema(signature.outputs, closed=False)}
    return {"type": "object", "required": [*texts, "rows"], "properties": texts | {"rows": rows}}


def infer_request(signature: Signature) -> Schema:
    """A request of the Open Inference Protocol; that its shapes fit its data no schema can say."""
    names = ", ".join(map(str, signature.inputs))
    output = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"enum": [field.name for field in signature.outputs]}, "parameters": _PARAMETERS},
    }
    properties: Schema = {
        "id": ID,
        "inputs": {
            "type": "array",
            "items": _tensor(signature.inputs, answered=False),
            "description": f"one tensor a column: {names}",
            "minItems": len(signature.inputs),
            "maxItems": len(signature.inputs),
        },
        "outputs": {"type": "array", "items": output},
        "parameters": _PARAMETERS,
    }
    return {"type": "object", "required": ["inputs"], "properties": properties}


def infer_answer(signature: Signature) -> Schema:
    """An answer of the Open Inference Protocol."""
    names = ", ".join(map(str, signature.outputs))
    outputs = {
        "type": "array",
        "items": _tensor(signature.outputs, answered=True),
        "description": f"one tensor an output: {names}",
    }
    texts = {key: {"type": "string"} for key in ("model_name", "model_version", "id")}
    properties = texts | {"outputs": outputs, "parameters": _PARAMETERS}
    return {"type": "object", "required": ["model_name", "outputs"], "properties": properties}


def _tensor(fields: tuple[Field, ...], *, answered: bool) -> Schema:
    """One of these columns as a tensor; -1 in an answer's shape is a length that varies from row to row."""
    names: Mapping[str, Any] = {"enum": [field.name for field in fields]} if fields else {"type": "string"}
    axis = {"type": "integer", "minimum": -1 if answered else 0}
    properties = {
        "name": names,
        "datatype": {"enum": list(DTYPES)},
        "shape": {"type": "array", "items": axis, "minItems": 1, "maxItems": _AXES},
        "data": {"type": "array", "items": {}, "description": "flat or nested, row-major"},
        "parameters": _PARAMETERS,
    }
    return {"type": "object", "required": ["name", "shape", "datatype", "data"], "properties": properties}


def _error() -> Schema:
    texts = {key: {"type": "string"} for key in ("column", "what", "hint")}
    fault = {
        "type": "object",
        "required": ["column", "row", "what"],
        "properties": texts | {"row": {"type": ["integer", "null"], "description": "counted from 0; null: all rows"}},
    }
    said = {key: {"type": "string"} for key in ("error", "code", "hint", "id")}
    faults = {"type": "array", "items": fault}
    return {"type": "object", "required": ["error", "code"], "properties": said | {"faults": faults}}


ERROR: Final[Schema] = _error()
