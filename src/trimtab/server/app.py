"""Read this first: the routes of the server, and what happens to a request between its bytes and its answer.

listener -> connection (bytes to Request) -> App.answer: router -> dialect -> dataplane -> dialect -> Answer
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, TypeVar

from trimtab.core.errors import TrimtabError
from trimtab.server import views
from trimtab.server.batching.call import Call
from trimtab.server.dataplane import DataPlane, InferResponse
from trimtab.server.dialects import Exchange, oip, rows
from trimtab.server.endpoint import Endpoint, ServedBundle
from trimtab.server.faults import BROKEN, error_answer, problem_answer, refused
from trimtab.server.ids import own_ids
from trimtab.server.logs import Log, describe, to_stderr
from trimtab.server.metrics import Metrics
from trimtab.server.router import Route, expand, inference, not_allowed, not_found, of_model, whole
from trimtab.server.settings import Settings
from trimtab.server.wire import Answer, Refusal, Request

__all__ = ["ROUTES", "App", "Send", "open_app"]

T = TypeVar("T")

_MODEL: Final = "/v2/models/{model}"
_VERSION: Final = "/v2/models/{model}/versions/{version}"
ROUTES: Final = (
    # Open Inference Protocol v2
    Route("GET", "/v2", whole(views.server)),
    Route("GET", "/v2/", whole(views.server)),
    Route("GET", "/v2/health/live", whole(views.oip_live)),
    Route("GET", "/v2/health/ready", whole(views.oip_ready)),
    Route("GET", _MODEL, of_model(views.model)),
    Route("GET", _VERSION, of_model(views.model)),
    Route("GET", f"{_MODEL}/ready", of_model(views.model_ready)),
    Route("GET", f"{_VERSION}/ready", of_model(views.model_ready)),
    Route("POST", f"{_MODEL}/infer", inference(oip.read), "oip"),
    Route("POST", f"{_VERSION}/infer", inference(oip.read), "oip"),
    # plain rows
    Route("POST", "/v1/models/{model}/rows", inference(rows.read), "rows"),
    # for the platform
    Route("GET", "/livez", whole(views.live)),
    Route("GET", "/readyz", whole(views.ready)),
    Route("GET", "/metrics", whole(views.metrics)),
    # for people and their tools
    Route("GET", "/openapi.json", whole(views.openapi)),
    Route("GET", "/", whole(views.people)),
    Route("GET", "/docs", whole(views.people)),
)


Send: TypeAlias = Callable[[Answer], None]


class App:
    """Requests to answers; knows neither sockets nor processes."""

    def __init__(self, plane: DataPlane, clock: Callable[[], float] = time.perf_counter) -> None:
        """Nothing is loaded yet."""
        self.plane = plane
        self._paths = expand(ROUTES, plane.endpoints)
        self._clock = clock
        self._ids = own_ids()

    def answer(self, http: Request, send: Send) -> Call | None:
        """Sends one answer, now or later; never raises. A call that comes back is still waited for."""
        start = self._clock()
        metrics = self.plane.metrics
        metrics.begin()
        methods = self._paths.get(http.path)
        bound = None if methods is None else methods.get(http.method)
        if bound is None:
            answer = self._misdirected(http)
            metrics.end("", "other", answer.status, self._clock() - start)
            send(answer)
            return None
        own_id = next(self._ids)

        def finish(answer: Answer) -> None:
            metrics.end(bound.model, bound.dialect, answer.status, self._clock() - start)
            send(answer)

        exchange = self._guarded(lambda: bound.handler(self.plane, http, bound.endpoint, own_id), own_id)
        if isinstance(exchange, Answer):
            finish(exchange)
            return None
        return self._asked(exchange, own_id, finish)

    def _asked(self, exchange: Exchange, own_id: str, finish: Send) -> Call | None:
        """The model is asked; what it says becomes the answer."""

        def answered(result: InferResponse | TrimtabError) -> None:
            if isinstance(result, TrimtabError):
                finish(error_answer(result, exchange.request.id))
            else:
                finish(self._guarded(lambda: exchange.encode(result), own_id))

        started = self._guarded(lambda: self.plane.start(exchange.request, answered), own_id)
        if isinstance(started, Answer):
            finish(started)
            return None
        return started

    def _guarded(self, job: Callable[[], T], own_id: str) -> T | Answer:
        try:
            return job()
        except TrimtabError as error:
            return error_answer(error, own_id)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the process
            self.plane.log("request failed", {"level": "error", "id": own_id, **describe(error)})
            return problem_answer((BROKEN,), own_id)

    def _misdirected(self, http: Request) -> Answer:
        methods = self._paths.get(http.path)
        if methods is not None:
            return not_allowed(http.method, http.path, methods)
        return error_answer(not_found(http.path, self._paths, self.plane))

    def refuse(self, refusal: Refusal) -> Answer:
        """The answer to bytes that are no request."""
        self.plane.metrics.begin()
        self.plane.metrics.end("", "other", refusal.status, 0.0)
        code = {413: "P315", 504: "P319"}.get(refusal.status, "P320")
        return problem_answer(refused(code, refusal.what).problems, status=refusal.status)


def open_app(
    bundles: Mapping[str, ServedBundle], settings: Settings, log: Log = to_stderr, metrics: Metrics | None = None
) -> App:
    """The app over these bundles, by the name they are served under; loading comes next."""
    endpoints = {name: Endpoint(name, bundle) for name, bundle in bundles.items()}
    return App(DataPlane(endpoints, settings, log, Metrics(endpoints) if metrics is None else metrics))
