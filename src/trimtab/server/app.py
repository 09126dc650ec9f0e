"""Read this first: the routes of the server, and what happens to a request between its bytes and its answer.

listener -> connection (bytes to Request) -> App.answer: router -> guard -> dialect -> dataplane -> dialect -> Answer
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final

from trimtab.core.errors import Problem
from trimtab.server import views
from trimtab.server.answering import Answering, Around, Send
from trimtab.server.dataplane import DataPlane
from trimtab.server.dialects import Exchange, oip, rows
from trimtab.server.dialects.coding import Later
from trimtab.server.endpoint import Endpoint, ServedBundle
from trimtab.server.express.lanes import Lanes
from trimtab.server.faults import OverloadedError, error_answer, problem_answer, refused
from trimtab.server.flights.arms import Arms
from trimtab.server.flights.page import Page
from trimtab.server.flights.shadow import Shadow
from trimtab.server.guard.guard import Guard
from trimtab.server.guard.make import open_guard
from trimtab.server.guard.peer import LOCAL, Peer
from trimtab.server.guard.principal import ANYBODY, Principal
from trimtab.server.ids import own_ids
from trimtab.server.inflating import Owed, Soon, Turns
from trimtab.server.journal.saying import Said
from trimtab.server.logs import Log, to_stderr
from trimtab.server.metrics import Metrics, Place
from trimtab.server.router import (
    Ask,
    Bound,
    Route,
    expand,
    heard,
    inference,
    named_model,
    not_allowed,
    not_found,
    of_model,
    personal,
    whole,
)
from trimtab.server.settings import Settings
from trimtab.server.waiting import Waiting, in_loop
from trimtab.server.wire import Answer, Refusal, Request

__all__ = ["ROUTES", "App", "Send", "open_app"]

_MODEL: Final = "/v2/models/{model}"
_VERSION: Final = "/v2/models/{model}/versions/{version}"
ROUTES: Final = (
    # Open Inference Protocol v2
    Route("GET", "/v2", whole(views.server), "read"),
    Route("GET", "/v2/", whole(views.server), "read"),
    Route("GET", "/v2/health/live", whole(views.oip_live), None),
    Route("GET", "/v2/health/ready", whole(views.oip_ready), None),
    Route("GET", _MODEL, of_model(views.model), "read"),
    Route("GET", _VERSION, of_model(views.model), "read"),
    Route("GET", f"{_MODEL}/ready", of_model(views.model_ready), "read"),
    Route("GET", f"{_VERSION}/ready", of_model(views.model_ready), "read"),
    Route("POST", f"{_MODEL}/infer", inference(oip.read), "infer", "oip"),
    Route("POST", f"{_VERSION}/infer", inference(oip.read), "infer", "oip"),
    # plain rows
    Route("POST", "/v1/models/{model}/rows", inference(rows.read), "infer", "rows"),
    # what turned out to be so, and what people say
    Route("POST", "/v1/truth", heard("truth"), "feedback"),
    Route("POST", "/v1/feedback", heard("feedback"), "feedback"),
    # for the platform, which shows no credentials
    Route("GET", "/livez", whole(views.live), None),
    Route("GET", "/readyz", personal(views.ready), None),
    # for people and their tools
    Route("GET", "/metrics", whole(views.metrics), "read"),
    Route("GET", "/openapi.json", whole(views.openapi), "read"),
    Route("GET", "/", personal(views.people), "read"),
    Route("GET", "/docs", personal(views.people), "read"),
)


def _soon(run: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(run)


class App:
    """Requests to answers; knows neither sockets nor processes."""

    def __init__(
        self,
        plane: DataPlane,
        clock: Callable[[], float] = time.perf_counter,
        soon: Soon = _soon,
        guard: Guard | None = None,
    ) -> None:
        """Nothing is loaded yet. soon: runs a callable on the loop, behind what else has arrived.

        guard: that of the plane's settings where none is given.
        """
        self.plane = plane
        self.guard = guard or open_guard(plane.settings, plane.log)
        self.guard.count = plane.metrics.turned_away
        self._paths = dict(expand(ROUTES, plane.endpoints))
        self._around = Around(plane, self.guard, clock)
        self._ids = own_ids()
        self._inflating = Turns(soon)
        self.lanes = Lanes(self._around, self._ids)

    def fly(self, name: str, bundle: ServedBundle, page: Page) -> None:
        """A flight is on: this bundle is the challenger of that endpoint. Before anything is loaded."""
        champion, challenger = self.plane.endpoints[name], Endpoint(name, bundle)
        champion.arms = challenger.arms = Arms(champion, challenger, page)
        self._paths |= expand([route for route in ROUTES if "{version}" in route.pattern], {name: challenger})

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on this process counts what it answers in flights; after everything that is forked is forked."""
        for endpoint in self.plane.endpoints.values():
            if endpoint.arms is not None:
                endpoint.arms.attach()
                endpoint.arms.shadow = Shadow(endpoint.arms, self.plane, loop)

    def look(self) -> None:
        """To be called about twice a second."""
        self.guard.look()
        for endpoint in self.plane.endpoints.values():
            if endpoint.arms is not None:
                endpoint.arms.look()

    def answer(self, http: Request, send: Send, peer: Peer = LOCAL) -> Owed | None:
        """Sends one answer, now or later; never raises. What comes back is still waited for."""
        self.plane.metrics.begin()
        found = http.notes.get(self)
        if found is None:
            found = http.notes[self] = self._find(http)
        answering = Answering(self._around, http, peer, found, next(self._ids), send)
        return self._begin(found[0], answering)

    def _begin(self, bound: Bound | None, answering: Answering, *, last: bool = False) -> Owed | None:
        try:
            caller = self._caller(bound, answering, last=last)
            if caller is None:
                return self._when_known(bound, answering)
            answering.known(caller)
            ask = Ask(answering.http, None if bound is None else bound.endpoint, answering.id, caller)
            exchange = self._misdirected(answering.http, caller) if bound is None else bound.handler(self.plane, ask)
            if isinstance(exchange, Exchange):
                if bound is not None and bound.endpoint is not None and bound.dialect == "oip":
                    self.lanes.learn(answering.http, exchange, bound.endpoint, caller, (bound, answering.place))
                return answering.ask(exchange)
            if isinstance(exchange, Said):
                answering.say(exchange)
                return None
            if isinstance(exchange, Later):
                inflating = answering.inflating(exchange)
                self._inflating.add(inflating)
                return inflating
            answer = exchange
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the process
            answer = answering.failed(error)
        answering.finish(answer)
        return None

    def _caller(self, bound: Bound | None, answering: Answering, *, last: bool) -> Principal | None:
        """Who asks, and may; None while it is not known. Raises TurnedAwayError."""
        guard, http, peer = self.guard, answering.http, answering.peer
        if bound is not None and bound.scope is None:
            return guard.whoever(http, peer)
        caller = guard.caller(http, peer, last=last)
        if caller is None:
            return None
        if bound is None or bound.scope is None:
            if model := named_model(http.path):
                guard.require_any(caller, model, http.headers, peer)
        else:
            if caller is not ANYBODY:
                guard.require(caller, bound.scope, bound.model, http.headers, peer)
            if guard.shares is not None and bound.scope == "infer":
                answering.share = guard.begin(caller, http.headers, peer)
        return caller

    def _when_known(self, bound: Bound | None, answering: Answering) -> Owed:
        """Who asks shows a key that this process has not heard of yet: wait until it has asked for the latest ones."""
        waiting = Waiting(lambda: self._begin(bound, answering, last=True), answering.gone)
        loop = asyncio.get_running_loop()
        if not self.guard.when_fresh(lambda: in_loop(loop, waiting.go_on)):
            raise OverloadedError(Problem("P317", "too many callers wait to be known already"))
        return waiting

    def _find(self, http: Request) -> tuple[Bound | None, Place]:
        """The route of a head, and where its requests are counted."""
        bound = self._paths.get(http.path, {}).get(http.method)
        model, dialect = ("", "other") if bound is None else (bound.model, bound.dialect)
        return bound, self.plane.metrics.place(model, dialect)

    def _misdirected(self, http: Request, caller: Principal) -> Answer:
        methods = self._paths.get(http.path)
        if methods is not None:
            return not_allowed(http.method, http.path, methods)
        return error_answer(not_found(http.path, self._paths, self.plane, caller))

    def refuse(self, refusal: Refusal) -> Answer:
        """The answer to bytes that are no request."""
        self.plane.metrics.begin()
        self.plane.metrics.end("", "other", refusal.status, 0.0)
        code = {413: "P315", 504: "P319"}.get(refusal.status, "P320")
        return problem_answer(refused(code, refusal.what).problems, status=refusal.status)


def open_app(
    bundles: Mapping[str, ServedBundle],
    settings: Settings,
    log: Log = to_stderr,
    metrics: Metrics | None = None,
    guard: Guard | None = None,
) -> App:
    """The app over these bundles, by the name they are served under; loading comes next."""
    endpoints = {name: Endpoint(name, bundle) for name, bundle in bundles.items()}
    plane = DataPlane(endpoints, settings, log, Metrics(endpoints) if metrics is None else metrics)
    return App(plane, guard=guard)
