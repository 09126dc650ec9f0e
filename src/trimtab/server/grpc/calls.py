"""The calls of the protocol over gRPC: a message in, the same data plane, a message out; no transport in here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from trimtab.server.asking import Ask, Gone
from trimtab.server.dataplane import DataPlane, InferRequest, InferResponse
from trimtab.server.dialects.body import checked_id
from trimtab.server.faults import refused
from trimtab.server.grpc.contents import columns, fill
from trimtab.server.grpc.health import health
from trimtab.server.guard.principal import Scope
from trimtab.server.journal.trail import Trail
from trimtab.server.views import model_facts, server_facts

__all__ = ["HEALTH", "INFERENCE", "Call", "Caller", "Way"]


@dataclass(frozen=True, slots=True)
class Caller:
    """One call's surroundings.

    timeout_s: what is left of the caller's own deadline, None where there is none. gone: told what to do if he leaves.
    spend: told how many rows are asked about, ahead of asking; raises TurnedAwayError. trail: what is to be kept of it.
    assign: whom the request goes to, while a flight is on. told: is given what the model has answered.
    """

    plane: DataPlane
    ask: Ask
    own_id: str
    timeout_s: float | None = None
    gone: Gone | None = None
    spend: Callable[[int], None] = lambda _rows: None
    trail: Trail | None = None
    assign: Callable[[InferRequest], InferRequest] = lambda request: request
    told: Callable[[InferResponse], None] = lambda _response: None


# fills the answer for a request; raises TrimtabError
Call: TypeAlias = Callable[[Caller, Any, Any], None]


@dataclass(frozen=True, slots=True)
class Way:
    """What a call needs of its callers (None: nothing), and what answers it; a stream is answered elsewhere."""

    scope: Scope | None
    call: Call | None


def _server_live(_caller: Caller, _request: Any, answer: Any) -> None:
    answer.live = True


def _server_ready(caller: Caller, _request: Any, answer: Any) -> None:
    answer.ready = caller.plane.ready


def _model_ready(caller: Caller, request: Any, answer: Any) -> None:
    endpoint = caller.plane.endpoint(request.name, request.version)
    answer.ready = endpoint.state == "ready" and not caller.plane.stopping


def _server_metadata(_caller: Caller, _request: Any, answer: Any) -> None:
    answer.MergeFrom(type(answer)(**server_facts()))


def _model_metadata(caller: Caller, request: Any, answer: Any) -> None:
    endpoint = caller.plane.endpoint(request.name, request.version)
    answer.MergeFrom(type(answer)(**model_facts(endpoint)))


def _model_infer(caller: Caller, request: Any, answer: Any) -> None:
    endpoint = caller.plane.endpoint(request.model_name, request.model_version)
    endpoint.require_ready()
    request_id = checked_id(request.id, caller.own_id)
    if caller.trail is not None:
        caller.trail.request_id = request.id
    outputs = tuple(output.name for output in request.outputs)
    if len(set(outputs)) < len(outputs):
        raise refused("P310", "an output is asked for twice")
    raw = request.raw_input_contents
    given = columns(request.inputs, raw)
    caller.spend(max(map(len, given.values()), default=0))
    asked = caller.assign(InferRequest(request.model_name, given, request_id, request.model_version, outputs))
    response = caller.ask(asked, caller.timeout_s, caller.gone, caller.trail)
    caller.told(response)
    fill(answer, response, endpoint, raw=bool(raw))


INFERENCE: Final[Mapping[str, Way]] = {
    "ServerLive": Way(None, _server_live),
    "ServerReady": Way(None, _server_ready),
    "ModelReady": Way("read", _model_ready),
    "ServerMetadata": Way("read", _server_metadata),
    "ModelMetadata": Way("read", _model_metadata),
    "ModelInfer": Way("infer", _model_infer),
}


def _check(caller: Caller, request: Any, answer: Any) -> None:
    status = health(caller.plane, request.service)
    if status == "SERVICE_UNKNOWN":
        raise refused("P312", f"no service `{request.service[:256]}`")
    answer.status = status


HEALTH: Final[Mapping[str, Way]] = {"Check": Way(None, _check), "Watch": Way(None, None)}
