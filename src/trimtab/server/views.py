"""Answers that need no model call: health, metadata, metrics, documents for machines and people."""

from __future__ import annotations

from typing import Any, Final

import msgspec

import trimtab
from trimtab.core.signature import Field
from trimtab.server.dataplane import DataPlane
from trimtab.server.endpoint import Endpoint
from trimtab.server.guard.principal import Principal
from trimtab.server.openapi import document
from trimtab.server.wire import Answer

__all__ = [
    "live",
    "metrics",
    "model",
    "model_facts",
    "model_ready",
    "oip_live",
    "oip_ready",
    "openapi",
    "people",
    "ready",
    "server",
    "server_facts",
]

_encode: Final = msgspec.json.Encoder().encode
_RETRY: Final = ((b"retry-after", b"1"),)


def _json(body: dict[str, Any]) -> Answer:
    return Answer(200, _encode(body))


def _state(ready: bool, body: dict[str, Any]) -> Answer:  # noqa: FBT001 - it is the whole matter
    return Answer(200 if ready else 503, _encode(body), headers=() if ready else _RETRY)


def live(_plane: DataPlane) -> Answer:
    """The process answers."""
    return _json({"live": True})


def ready(plane: DataPlane, caller: Principal) -> Answer:
    """Whether every model is loaded, warmed and answers its golden rows.

    If not, which is not for those who may read, and why for those who may operate it.
    """
    body: dict[str, Any] = {"ready": plane.ready}
    if plane.stopping:
        body["reason"] = "the server is stopping"
    models = {
        name: endpoint.plain(why=caller.may("operate", name))
        for name, endpoint in plane.endpoints.items()
        if caller.may("read", name)
    }
    return _state(plane.ready, body | ({"models": models} if models or caller.may("read") else {}))


def oip_live(_plane: DataPlane) -> Answer:
    """Server live, as the Open Inference Protocol has it."""
    return _json({"live": True})


def oip_ready(plane: DataPlane) -> Answer:
    """Server ready, as the Open Inference Protocol has it."""
    return _state(plane.ready, {"ready": plane.ready})


def server(_plane: DataPlane) -> Answer:
    """Server metadata."""
    return _json(server_facts())


def server_facts() -> dict[str, Any]:
    """What every transport says of this server."""
    return {"name": "trimtab", "version": trimtab.__version__, "extensions": ["binary_tensor_data"]}


def model(_plane: DataPlane, endpoint: Endpoint, _caller: Principal) -> Answer:
    """Model metadata."""
    return _json(model_facts(endpoint) | {"properties": {"digest": endpoint.digest}})


def model_facts(endpoint: Endpoint) -> dict[str, Any]:
    """What every transport says of a model."""
    signature = endpoint.signature
    return {
        "name": endpoint.name,
        "versions": [endpoint.version],
        "platform": f"trimtab-{endpoint.flavour}",
        "inputs": [_tensor(field) for field in signature.inputs],
        "outputs": [_tensor(field) for field in signature.outputs],
    }


def _tensor(field: Field) -> dict[str, Any]:
    return {"name": field.name, "datatype": field.dtype, "shape": list(field.shape)}


def model_ready(plane: DataPlane, endpoint: Endpoint, caller: Principal) -> Answer:
    """Whether one model can answer; if not, why for those who may operate it."""
    is_ready = endpoint.state == "ready" and not plane.stopping
    body = {"name": endpoint.name, "ready": is_ready}
    return _state(
        is_ready,
        body | ({"reason": endpoint.reason} if endpoint.reason and caller.may("operate", endpoint.name) else {}),
    )


def metrics(plane: DataPlane) -> Answer:
    """All counters for Prometheus."""
    content_type, text = plane.metrics.text(plane.endpoints)
    return Answer(200, text, content_type)


def openapi(plane: DataPlane) -> Answer:
    """The OpenAPI document of what is served."""
    return _json(document(plane.endpoints, hears=plane.journal is not None))


def people(plane: DataPlane, caller: Principal) -> Answer:
    """The page for people; why a model is not ready stands there for those who may operate it."""
    from trimtab.server.page import page  # for people only, who are few

    text, policy = page(plane.endpoints, why=caller.may("operate"))
    return Answer(200, text, b"text/html; charset=utf-8", ((b"content-security-policy", policy),))
