"""Routes as data: every valid path is known at the start, so finding one is a look-up and no name ever meets a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple, TypeAlias

from trimtab.core.errors import UserError, did_you_mean
from trimtab.server.dataplane import DataPlane
from trimtab.server.dialects import Dialect, Exchange
from trimtab.server.dialects.body import patience_s
from trimtab.server.dialects.coding import Later, exchange
from trimtab.server.endpoint import Endpoint
from trimtab.server.faults import problem_answer, refused
from trimtab.server.guard.principal import Principal, Scope
from trimtab.server.journal.saying import Said, saying
from trimtab.server.wire import Answer, Request

__all__ = [
    "Ask",
    "Bound",
    "Handler",
    "Paths",
    "Route",
    "expand",
    "heard",
    "inference",
    "named_model",
    "not_allowed",
    "not_found",
    "of_model",
    "personal",
    "whole",
]


class Ask(NamedTuple):
    """One request on its way into a handler: who sends it, and the endpoint of the route if it names one."""

    http: Request
    endpoint: Endpoint | None
    id: str
    caller: Principal


# the answer, what the model must be asked for it, or what must be kept ahead of it
Handler: TypeAlias = Callable[[DataPlane, Ask], Answer | Exchange | Later | Said]
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table: `{model}` and `{version}` stand for what is served.

    scope: what its callers need; None for what everybody may ask.
    """

    method: str
    pattern: str
    handler: Handler
    scope: Scope | None
    dialect: str = "other"


@dataclass(frozen=True, slots=True)
class Bound:
    """A route of one model, or of none."""

    handler: Handler
    dialect: str
    endpoint: Endpoint | None
    scope: Scope | None

    @property
    def model(self) -> str:
        """The model's name, empty for none."""
        return "" if self.endpoint is None else self.endpoint.name


Paths: TypeAlias = Mapping[bytes, Mapping[bytes, Bound]]


def expand(routes: Iterable[Route], endpoints: Mapping[str, Endpoint]) -> Paths:
    """Path to method to route, for every model and version served; HEAD is there where GET is."""
    paths: dict[bytes, dict[bytes, Bound]] = {}
    for route in routes:
        for path, endpoint in _paths(route.pattern, endpoints):
            methods = paths.setdefault(path.encode(), {})
            bound = Bound(route.handler, route.dialect, endpoint, route.scope)
            methods[route.method.encode()] = bound
            if route.method == "GET":
                methods[b"HEAD"] = bound
    return paths


def _paths(pattern: str, endpoints: Mapping[str, Endpoint]) -> Iterable[tuple[str, Endpoint | None]]:
    if "{model}" not in pattern:
        return [(pattern, None)]
    return [
        (pattern.format(model=name, version=version), endpoint)
        for name, endpoint in endpoints.items()
        for version in (endpoint.versions if "{version}" in pattern else ("",))
    ]


def not_found(path: bytes, paths: Paths, plane: DataPlane, caller: Principal) -> UserError:
    """What to say of a path that is none: the nearest model, version or route that the caller may know of."""
    text = path[:_SHOWN].decode("latin-1")
    match text.split("/")[1:]:
        case ["v1" | "v2", "models", model, *rest] if model:
            version = rest[1] if len(rest) > 1 and rest[0] == "versions" else ""
            try:
                plane.endpoint(model, version)
            except UserError as error:
                return error if caller.may("read") else UserError(replace(error.problems[0], hint=""))
    hint = did_you_mean(text, [known.decode() for known in paths]) if caller.may("read") else ""
    return refused("P311", f"no route `{text}`", hint="`/docs` lists all" if hint.startswith("valid") else hint)


def not_allowed(method: bytes, path: bytes, methods: Iterable[bytes]) -> Answer:
    """The answer to a method that the path does not have."""
    allowed = b", ".join(methods)
    what = f"`{path.decode('latin-1')}` has no {method.decode('latin-1')}"
    error = refused("P313", what, hint=f"allowed: {allowed.decode()}")
    return problem_answer(error.problems, headers=((b"allow", allowed),))


def named_model(path: bytes) -> str:
    """The model that a path asks for, served or not; empty for none."""
    match path[:_SHOWN].decode("latin-1").split("/")[1:]:
        case ["v1" | "v2", "models", model, *_]:
            return model
    return ""


def whole(view: Callable[[DataPlane], Answer]) -> Handler:
    """A route about the whole server."""
    return lambda plane, _ask: view(plane)


def personal(view: Callable[[DataPlane, Principal], Answer]) -> Handler:
    """A route about the whole server that says more to some."""
    return lambda plane, ask: view(plane, ask.caller)


def of_model(view: Callable[[DataPlane, Endpoint, Principal], Answer]) -> Handler:
    """A route about one model."""

    def handler(plane: DataPlane, ask: Ask) -> Answer:
        if ask.endpoint is None:
            raise LookupError("a route about a model needs `{model}` in its pattern")
        return view(plane, ask.endpoint, ask.caller)

    return handler


def heard(stream: Literal["truth", "feedback"]) -> Handler:
    """A route on which callers say something of answers that they got."""
    return lambda plane, ask: saying(stream, plane, ask.http, ask.caller)


def inference(read: Dialect) -> Handler:
    """A route that predicts: the handler decodes, unless the model cannot take the request now."""

    def handler(plane: DataPlane, ask: Ask) -> Exchange | Later:
        endpoint = ask.endpoint
        if endpoint is None:
            raise LookupError("a route that predicts needs `{model}` in its pattern")
        if endpoint.require_ready().waiting:  # before any work is done for it: a refusal must stay cheap
            endpoint.require_ready(patience_s(ask.http.headers))
        return exchange(read, ask.http, endpoint, ask.id, plane.settings)

    return handler
