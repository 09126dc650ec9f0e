"""The OpenAPI 3.1 document of what this process serves, made from the signatures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

import trimtab
from trimtab.core.dtypes import DTYPES, is_float, is_integer
from trimtab.core.signature import Field
from trimtab.server.endpoint import Endpoint
from trimtab.server.examples import example_rows

__all__ = ["document", "row_schema"]

_JSON: Final = "application/json"
_ERRORS: Final = ("400", "413", "415", "422", "500", "503")


def document(endpoints: Mapping[str, Endpoint]) -> dict[str, Any]:
    """The whole document, JSON-ready."""
    paths: dict[str, Any] = {
        "/livez": {"get": _probe("The process answers", "livez")},
        "/readyz": {"get": _probe("Every model is loaded and answers its golden rows", "readyz")},
        "/metrics": {"get": _metrics()},
        "/v2": {"get": _probe("Server metadata", "server")},
        "/v2/health/live": {"get": _probe("Server live", "live")},
        "/v2/health/ready": {"get": _probe("Server ready", "ready")},
    }
    for name, endpoint in endpoints.items():
        paths |= _model_paths(name, endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "trimtab",
            "version": trimtab.__version__,
            "description": "Models behind the Open Inference Protocol v2 and behind plain rows.",
        },
        "paths": paths,
        "components": {"schemas": {"Error": _error(), "Tensor": _tensor()}},
    }


def _model_paths(name: str, endpoint: Endpoint) -> dict[str, Any]:
    base = f"/v2/models/{name}"
    rows = {
        "summary": f"Ask {name} by column names",
        "operationId": f"rows_{name}",
        "requestBody": {"required": True, "content": {_JSON: _rows_content(endpoint)}},
        "responses": {"200": _content("One object a row", _rows_answer(endpoint)), **_errors()},
    }
    infer = {
        "summary": f"Ask {name} in the Open Inference Protocol",
        "requestBody": {"required": True, "content": {_JSON: {"schema": _infer_request(endpoint)}}},
        "responses": {"200": _content("One tensor an output", _infer_answer(endpoint)), **_errors()},
    }
    paths: dict[str, Any] = {f"/v1/models/{name}/rows": {"post": rows}}
    for place, verb in ((base, ""), (f"{base}/versions/{endpoint.version}", "version_")):
        paths[place] = {"get": _probe(f"Metadata of {name}", f"{verb}model_{name}")}
        paths[f"{place}/ready"] = {"get": _probe(f"Whether {name} can answer", f"{verb}ready_{name}")}
        paths[f"{place}/infer"] = {"post": infer | {"operationId": f"{verb}infer_{name}"}}
    return paths


def _probe(summary: str, operation: str) -> dict[str, Any]:
    responses: dict[str, Any] = {"200": _content(summary, {"type": "object"})}
    if "ready" in operation:
        responses["503"] = _content("Not yet, or no longer", {"type": "object"})
    return {"summary": summary, "operationId": operation, "responses": responses}


def _metrics() -> dict[str, Any]:
    answer = {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}}
    return {"summary": "Counters for Prometheus", "operationId": "metrics", "responses": {"200": answer}}


def _content(description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {_JSON: {"schema": schema}}}


def _errors() -> dict[str, Any]:
    error = {"$ref": "#/components/schemas/Error"}
    return {status: _content("What is wrong, with column and row where there is one", error) for status in _ERRORS}


def _rows_content(endpoint: Endpoint) -> dict[str, Any]:
    rows = {"type": "array", "items": row_schema(endpoint.signature.inputs)}
    wrapped = {"type": "object", "required": ["rows"], "properties": {"rows": rows, "id": {"type": "string"}}}
    content: dict[str, Any] = {"schema": {"anyOf": [rows, wrapped]}}
    example = example_rows(endpoint)
    return content | ({"example": example} if example else {})


def _rows_answer(endpoint: Endpoint) -> dict[str, Any]:
    texts = {key: {"type": "string"} for key in ("model", "version", "id")}
    rows = {"type": "array", "items": row_schema(endpoint.signature.outputs, closed=False)}
    return {"type": "object", "required": [*texts, "rows"], "properties": texts | {"rows": rows}}


def row_schema(fields: tuple[Field, ...], *, closed: bool = True) -> dict[str, Any]:
    """JSON Schema of one row as an object by column name; a nullable column may be left out."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {field.name: _value(field, closed=closed) for field in fields},
        "required": [field.name for field in fields if not field.nullable],
    }
    return schema | ({"additionalProperties": False} if closed else {})


def _value(field: Field, *, closed: bool) -> dict[str, Any]:
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


def _scalar(field: Field) -> dict[str, Any]:
    if field.dtype == "BOOL":
        return {"type": "boolean"}
    if is_integer(field.dtype):
        return {"type": "integer"} | _limits(field)
    if is_float(field.dtype):
        sides = (("-Infinity", field.low), ("Infinity", field.high))
        infinities = [word for word, limit in sides if limit is None]
        number = {"type": "number"} | _limits(field)
        return {"anyOf": [number, {"enum": infinities}]} if infinities else number
    return {"type": "string", "format": "date-time"} if field.kind == "datetime" else {"type": "string"}


def _limits(field: Field) -> dict[str, Any]:
    """The range of the field, within that of its dtype."""
    dtype = DTYPES[field.dtype]
    info = np.iinfo(dtype) if is_integer(field.dtype) else np.finfo(dtype)
    low, high = (limit.item() if isinstance(limit, np.generic) else limit for limit in (info.min, info.max))
    return {
        "minimum": low if field.low is None else max(low, field.low),
        "maximum": high if field.high is None else min(high, field.high),
    }


def _infer_request(endpoint: Endpoint) -> dict[str, Any]:
    tensors = {"type": "array", "items": {"$ref": "#/components/schemas/Tensor"}}
    names = ", ".join(map(str, endpoint.signature.inputs))
    properties = {
        "id": {"type": "string"},
        "inputs": tensors | {"description": f"one tensor a column: {names}"},
        "outputs": {"type": "array", "items": {"type": "object", "required": ["name"]}},
        "parameters": {"type": "object"},
    }
    return {"type": "object", "required": ["inputs"], "properties": properties}


def _infer_answer(endpoint: Endpoint) -> dict[str, Any]:
    tensors = {"type": "array", "items": {"$ref": "#/components/schemas/Tensor"}}
    names = ", ".join(map(str, endpoint.signature.outputs))
    texts = {key: {"type": "string"} for key in ("model_name", "model_version", "id")}
    outputs = tensors | {"description": f"one tensor an output: {names}"}
    return {"type": "object", "required": ["model_name", "outputs"], "properties": texts | {"outputs": outputs}}


def _tensor() -> dict[str, Any]:
    properties = {
        "name": {"type": "string"},
        "datatype": {"enum": list(DTYPES)},
        "shape": {"type": "array", "items": {"type": "integer"}},
        "data": {"type": "array", "description": "flat or nested, row-major"},
        "parameters": {"type": "object"},
    }
    return {"type": "object", "required": ["name", "datatype", "shape"], "properties": properties}


def _error() -> dict[str, Any]:
    fault = {
        "type": "object",
        "properties": {
            "column": {"type": "string"},
            "row": {"type": ["integer", "null"]},
            "what": {"type": "string"},
            "hint": {"type": "string"},
        },
    }
    texts = {key: {"type": "string"} for key in ("error", "code", "hint", "id")}
    faults = {"type": "array", "items": fault}
    return {"type": "object", "required": ["error", "code"], "properties": texts | {"faults": faults}}
