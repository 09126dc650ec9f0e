"""Routes as data: every valid path is known at the start, so finding one is a look-up and no name ever meets a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from trimtab.core.errors import UserError, did_you_mean
from trimtab.server.dataplane import DataPlane
from trimtab.server.dialects import Dialect, Exchange
from trimtab.server.dialects.body import patience_s
from trimtab.server.dialects.coding import Later, exchange
from trimtab.server.endpoint import Endpoint
from trimtab.server.faults import problem_answer, refused
from trimtab.server.wire import Answer, Request

__all__ = [
    "Bound",
    "Handler",
    "Paths",
    "Route",
    "expand",
    "inference",
    "not_allowed",
    "not_found",
    "of_model",
    "whole",
]

# (plane, request, endpoint of the route if it names one, id) -> the answer, or what the model must be asked for it
Handler: TypeAlias = Callable[[DataPlane, Request, Endpoint | None, str], Answer | Exchange | Later]
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table: `{model}` and `{version}` stand for what is served."""

    method: str
    pattern: str
    handler: Handler
    dialect: str = "other"


@dataclass(frozen=True, slots=True)
class Bound:
    """A route of one model, or of none."""

    handler: Handler
    dialect: str
    endpoint: Endpoint | None

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
            bound = Bound(route.handler, route.dialect, endpoint)
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


def not_found(path: bytes, paths: Paths, plane: DataPlane) -> UserError:
    """What to say of a path that is none: the nearest model, version or route."""
    text = path[:_SHOWN].decode("latin-1")
    match text.split("/")[1:]:
        case ["v1" | "v2", "models", model, *rest] if model:
            version = rest[1] if len(rest) > 1 and rest[0] == "versions" else ""
            try:
                plane.endpoint(model, version)
            except UserError as error:
                return error
    hint = did_you_mean(text, [known.decode() for known in paths])
    return refused("P311", f"no route `{text}`", hint="`/docs` lists all" if hint.startswith("valid") else hint)


def not_allowed(method: bytes, path: bytes, methods: Iterable[bytes]) -> Answer:
    """The answer to a method that the path does not have."""
    allowed = b", ".join(methods)
    what = f"`{path.decode('latin-1')}` has no {method.decode('latin-1')}"
    error = refused("P313", what, hint=f"allowed: {allowed.decode()}")
    return problem_answer(error.problems, headers=((b"allow", allowed),))


def whole(view: Callable[[DataPlane], Answer]) -> Handler:
    """A route about the whole server."""
    return lambda plane, _http, _endpoint, _id: view(plane)


def of_model(view: Callable[[DataPlane, Endpoint], Answer]) -> Handler:
    """A route about one model."""

    def handler(plane: DataPlane, _http: Request, endpoint: Endpoint | None, _id: str) -> Answer:
        if endpoint is None:
            raise LookupError("a route about a model needs `{model}` in its pattern")
        return view(plane, endpoint)

    return handler


def inference(read: Dialect) -> Handler:
    """A route that predicts: the handler decodes, unless the model cannot take the request now."""

    def handler(plane: DataPlane, http: Request, endpoint: Endpoint | None, own_id: str) -> Exchange | Later:
        if endpoint is None:
            raise LookupError("a route that predicts needs `{model}` in its pattern")
        if endpoint.require_ready().waiting:  # before any work is done for it: a refusal must stay cheap
            endpoint.require_ready(patience_s(http.headers))
        return exchange(read, http, endpoint, own_id, plane.settings)

    return handler
