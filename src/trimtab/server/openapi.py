"""The OpenAPI 3.1 document of what this process serves, made from the signatures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import trimtab
from trimtab.server import schemas
from trimtab.server.endpoint import Endpoint
from trimtab.server.examples import example_infer, example_rows
from trimtab.server.openapi_said import said_paths

__all__ = ["document"]

_JSON: Final = "application/json"
_BINARY: Final = "application/octet-stream"
_ABOUT: Final = (
    "Models behind the Open Inference Protocol v2 and behind plain rows. Bodies may be compressed (`content-encoding:"
    " gzip` or `deflate`), and so are answers where `accept-encoding` asks for it. A method that a path lacks is"
    " answered 405 with `allow`, an unknown path 404; HEAD is there where GET is."
)
_EVENTS: Final = (
    "Where `accept` asks for `text/event-stream`, the answer comes part by part as server-sent events: `part` with"
    " `rows`, then `end` with what answered, or `error` with the JSON of an error. Text of a part goes on where the"
    " row's text ended, anything else replaces what was there. A model that answers at once gives one part."
)
# one event; its data are JSON
_EVENT: Final = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"enum": ["part", "end", "error"]},
        "data": {"type": "string", "contentMediaType": _JSON},
    },
}
# what any request may be answered, whatever its route
_FRAMING: Final[Mapping[str, str]] = {
    "400": "No request that the server takes",
    "408": "The request did not arrive in time",
    "413": "Longer or more rows than the server takes",
    "417": "An expectation other than `100-continue`",
    "431": "The head is too long",
    "501": "A method or transfer coding that the server does not know",
    "505": "Another HTTP than 1.0 and 1.1",
}
_INFERENCE: Final[Mapping[str, str]] = {
    "400": "A body that is not what the route reads",
    "415": "A content type or encoding that is not taken",
    "422": "Rows that do not fit the signature; `faults` names each by column and row",
    "500": "The model failed; the server's log says why under the id",
    "503": "The model is not ready, or too many requests wait",
    "504": "No answer in time",
}
_RETRY: Final = {"retry-after": {"description": "seconds to wait", "schema": {"type": "integer"}}}
_CODED: Final = {"content-encoding": {"description": "as `accept-encoding` asked", "schema": {"type": "string"}}}
_LENGTH_NAME: Final = "inference-header-content-length"
_LENGTH: Final = {
    _LENGTH_NAME: {
        "description": "bytes of JSON in front of the binary tensors",
        "schema": {"type": "integer", "minimum": 0},
    }
}


def document(endpoints: Mapping[str, Endpoint], *, hears: bool = False) -> dict[str, Any]:
    """The whole document, JSON-ready; hears: whether truth and feedback are taken."""
    paths: dict[str, Any] = {
        "/livez": {"get": _probe("The process answers", "livez", _fact("live", "boolean"))},
        "/readyz": {"get": _probe("Every model is loaded and answers its golden rows", "readyz", _readyz(), late=True)},
        "/metrics": {"get": _text("Counters for Prometheus", "metrics", "text/plain")},
        "/docs": {"get": _text("A page for people", "docs", "text/html")},
        "/": {"get": _text("A page for people", "page", "text/html")},
        "/openapi.json": {"get": _probe("This document", "openapi", {"type": "object", "required": ["openapi"]})},
        "/v2": {"get": _probe("Server metadata", "server", _server())},
        "/v2/": {"get": _probe("Server metadata", "server_slash", _server())},
        "/v2/health/live": {"get": _probe("Server live", "live", _fact("live", "boolean"))},
        "/v2/health/ready": {"get": _probe("Server ready", "ready", _fact("ready", "boolean"), late=True)},
    }
    for name, endpoint in endpoints.items():
        paths |= _model_paths(name, endpoint)
    if hears:
        paths |= said_paths(_errors)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "trimtab",
            "version": trimtab.__version__,
            "description": _ABOUT,
        },
        "paths": paths,
        "components": {"schemas": {"Error": schemas.ERROR}},
    }


def _model_paths(name: str, endpoint: Endpoint) -> dict[str, Any]:
    paths: dict[str, Any] = {f"/v1/models/{name}/rows": {"post": _rows(name, endpoint)}}
    base = f"/v2/models/{name}"
    for place, verb in ((base, ""), (f"{base}/versions/{endpoint.version}", "version_")):
        paths[place] = {"get": _probe(f"Metadata of {name}", f"{verb}model_{name}", _metadata())}
        state = _probe(f"Whether {name} can answer", f"{verb}ready_{name}", _model_ready(), late=True)
        paths[f"{place}/ready"] = {"get": state}
        paths[f"{place}/infer"] = {"post": _infer(name, endpoint, f"{verb}infer_{name}")}
    return paths


def _rows(name: str, endpoint: Endpoint) -> dict[str, Any]:
    content = _example(schemas.rows_request(endpoint.signature), example_rows(endpoint))
    answer = _content("One object a row", schemas.rows_answer(endpoint.signature), _CODED)
    return {
        "summary": f"Ask {name} by column names",
        "description": _EVENTS,
        "operationId": f"rows_{name}",
        "requestBody": {"required": True, "content": {_JSON: content}},
        "responses": {
            "200": answer | {"content": answer["content"] | {"text/event-stream": {"schema": _EVENT}}},
            **_errors(_INFERENCE),
        },
    }


def _infer(name: str, endpoint: Endpoint, operation: str) -> dict[str, Any]:
    signature = endpoint.signature
    answer = _content("One tensor an output", schemas.infer_answer(signature), _CODED | _LENGTH)
    binary = {"schema": {"type": "string", "format": "binary"}}
    asked = {_JSON: _example(schemas.infer_request(signature), example_infer(endpoint)), _BINARY: binary}
    return {
        "summary": f"Ask {name} in the Open Inference Protocol",
        "description": "With `Inference-Header-Content-Length`, binary tensors follow that many bytes of JSON, as each"
        " tensor's `binary_data_size` says; so they do in an answer of which any output was wanted in binary.",
        "operationId": operation,
        "parameters": [{"in": "header", "name": "Inference-Header-Content-Length", **_LENGTH[_LENGTH_NAME]}],
        "requestBody": {"required": True, "content": asked},
        "responses": {
            "200": answer | {"content": answer["content"] | {_BINARY: binary}},
            **_errors(_INFERENCE),
        },
    }


def _example(schema: Mapping[str, Any], example: Any) -> dict[str, Any]:
    return {"schema": schema} | ({"example": example} if example else {})


def _probe(summary: str, operation: str, schema: Mapping[str, Any], *, late: bool = False) -> dict[str, Any]:
    responses = {"200": _content(summary, schema), **_errors({})}
    if late:
        responses["503"] = _content("Not yet, or no longer", schema, _RETRY)
    return {"summary": summary, "operationId": operation, "responses": responses}


def _text(summary: str, operation: str, kind: str) -> dict[str, Any]:
    answer = {"description": summary, "content": {kind: {"schema": {"type": "string"}}}}
    return {"summary": summary, "operationId": operation, "responses": {"200": answer, **_errors({})}}


def _content(description: str, schema: Mapping[str, Any], headers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    answer = {"description": description, "content": {_JSON: {"schema": schema}}}
    return answer | ({"headers": headers} if headers else {})


def _errors(more: Mapping[str, str]) -> dict[str, Any]:
    error = {"$ref": "#/components/schemas/Error"}
    found = {**_FRAMING, **more}
    return {status: _content(found[status], error, _RETRY if status == "503" else None) for status in sorted(found)}


def _fact(name: str, kind: str, /, **more: Any) -> dict[str, Any]:
    return {"type": "object", "required": [name], "properties": {name: {"type": kind}, **more}}


def _readyz() -> dict[str, Any]:
    model = _fact("ready", "boolean", **{key: {"type": "string"} for key in ("version", "digest", "reason")})
    models = {"type": "object", "additionalProperties": model}
    return _fact("ready", "boolean", reason={"type": "string"}, models=models)


def _model_ready() -> dict[str, Any]:
    return _fact("ready", "boolean", name={"type": "string"}, reason={"type": "string"})


def _server() -> dict[str, Any]:
    properties = {"name": {"type": "string"}, "version": {"type": "string"}, "extensions": _strings()}
    return {"type": "object", "required": list(properties), "properties": properties}


def _strings() -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}}


def _metadata() -> dict[str, Any]:
    shape = {"type": "array", "items": {"type": "integer"}}
    tensor: dict[str, Any] = {"name": {"type": "string"}, "datatype": {"type": "string"}, "shape": shape}
    tensors = {"type": "array", "items": {"type": "object", "required": list(tensor), "properties": tensor}}
    texts = {"name": {"type": "string"}, "platform": {"type": "string"}}
    known = texts | {"versions": _strings(), "inputs": tensors, "outputs": tensors}
    properties = {"type": "object", "additionalProperties": {"type": "string"}}
    return {"type": "object", "required": list(known), "properties": known | {"properties": properties}}
