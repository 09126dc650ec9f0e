"""Read this first: the routes of the server, and what happens to a request between its bytes and its answer.

listener -> connection (bytes to Request) -> App.answer: router -> dialect -> dataplane -> dialect -> Answer
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from trimtab.core.errors import Problem, TrimtabError
from trimtab.server import views
from trimtab.server.batching.call import Call
from trimtab.server.dataplane import DataPlane, InferResponse
from trimtab.server.dialects import Events, Exchange, oip, rows
from trimtab.server.dialects.coding import Later
from trimtab.server.endpoint import Endpoint, ServedBundle
from trimtab.server.faults import BROKEN, TooLateError, error_answer, problem_answer, refused
from trimtab.server.ids import own_ids
from trimtab.server.inflating import Inflating, Owed, Soon, Turns
from trimtab.server.logs import Log, describe, to_stderr
from trimtab.server.metrics import Metrics, Place
from trimtab.server.router import Bound, Route, expand, inference, not_allowed, not_found, of_model, whole
from trimtab.server.settings import Settings
from trimtab.server.streaming import Stream
from trimtab.server.wire import Answer, Refusal, Request

__all__ = ["ROUTES", "App", "Send", "open_app"]

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


def _soon(run: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(run)


class App:
    """Requests to answers; knows neither sockets nor processes."""

    def __init__(self, plane: DataPlane, clock: Callable[[], float] = time.perf_counter, soon: Soon = _soon) -> None:
        """Nothing is loaded yet. soon: runs a callable on the loop, behind what else has arrived."""
        self.plane = plane
        self._paths = expand(ROUTES, plane.endpoints)
        self._clock = clock
        self._ids = own_ids()
        self._inflating = Turns(soon)

    def answer(self, http: Request, send: Send) -> Owed | None:
        """Sends one answer, now or later; never raises. A call that comes back is still waited for."""
        start = self._clock()
        self.plane.metrics.begin()
        found = http.notes.get(self)
        if found is None:
            found = http.notes[self] = self._find(http)
        bound, place = found
        own_id = next(self._ids)
        answering = _Answering(self.plane, self._clock, send, place, start, own_id)
        try:
            exchange = (
                self._misdirected(http) if bound is None else bound.handler(self.plane, http, bound.endpoint, own_id)
            )
            if isinstance(exchange, Exchange):
                return answering.ask(exchange, chunked=not http.old)
            if isinstance(exchange, Later):
                inflating = answering.inflating(exchange, chunked=not http.old)
                self._inflating.add(inflating)
                return inflating
            answer = exchange
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the process
            answer = answering.failed(error)
        answering.finish(answer)
        return None

    def _find(self, http: Request) -> tuple[Bound | None, Place]:
        """The route of a head, and where its requests are counted."""
        bound = self._paths.get(http.path, {}).get(http.method)
        metrics = self.plane.metrics
        return bound, metrics.place("", "other") if bound is None else metrics.place(bound.model, bound.dialect)

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


class _Answering:
    """One request from its route to its answer."""

    __slots__ = ("_clock", "_id", "_place", "_plane", "_send", "_start", "exchange")

    def __init__(
        self, plane: DataPlane, clock: Callable[[], float], send: Send, place: Place, start: float, own_id: str
    ) -> None:
        self._plane = plane
        self._clock = clock
        self._send = send
        self._place = place
        self._start = start
        self._id = own_id
        self.exchange: Exchange | None = None

    def ask(self, exchange: Exchange, *, chunked: bool) -> Call | None:
        """Ask the model; what it says is the answer, at once or in parts."""
        if exchange.events is not None:
            stream = self.streamed(exchange.events, exchange.request.id, chunked=chunked)
            return self._plane.start(exchange.request, stream.answered, stream.heard)
        self.exchange = exchange
        return self._plane.start(exchange.request, self.answered)

    def inflating(self, later: Later, *, chunked: bool) -> Inflating:
        """The same when the body is whole."""

        def in_time() -> None:
            if self._clock() - self._start > self._plane.settings.answer_timeout_s:
                raise TooLateError(Problem("P319", "the body was not inflated in the time that this server allows"))

        return Inflating(
            later,
            lambda exchange: self.ask(exchange, chunked=chunked),
            lambda error: self.finish(self.failed(error)),
            in_time,
        )

    def answered(self, result: InferResponse | TrimtabError) -> None:
        """What the model says becomes the answer."""
        exchange = self.exchange
        assert exchange is not None  # noqa: S101 - nobody is asked before; mypy does not see it
        if isinstance(result, TrimtabError):
            answer = error_answer(result, exchange.request.id)
        else:
            try:
                answer = exchange.encode(result)
            except Exception as error:  # noqa: BLE001 - as in `App.answer`
                answer = self.failed(error)
        self.finish(answer)

    def failed(self, error: Exception) -> Answer:
        """What to say of an error; one of ours is logged."""
        if isinstance(error, TrimtabError):
            return error_answer(error, self._id)
        self._plane.log("request failed", {"level": "error", "id": self._id, **describe(error)})
        return problem_answer((BROKEN,), self._id)

    def streamed(self, events: Events, request_id: str, *, chunked: bool) -> Stream:
        """What takes the model's parts one by one, instead of `answered`."""
        return Stream(events, request_id, self._plane.log, self._send, self.count, chunked=chunked)

    def count(self, status: int) -> None:
        """An answer has ended with this status."""
        self._plane.metrics.end_at(self._place, status, self._clock() - self._start)

    def finish(self, answer: Answer) -> None:
        """Count it and send it."""
        self.count(answer.status)
        self._send(answer)


def open_app(
    bundles: Mapping[str, ServedBundle], settings: Settings, log: Log = to_stderr, metrics: Metrics | None = None
) -> App:
    """The app over these bundles, by the name they are served under; loading comes next."""
    endpoints = {name: Endpoint(name, bundle) for name, bundle in bundles.items()}
    return App(DataPlane(endpoints, settings, log, Metrics(endpoints) if metrics is None else metrics))
