"""Read this first: the routes of the server, and what happens to a request between its bytes and its answer.

listener -> connection (bytes to Request) -> App.answer: router -> dialect -> dataplane -> dialect -> Answer
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from typing import Final

from trimtab.core.errors import Problem, TrimtabError, UserError
from trimtab.server import views
from trimtab.server.connection import Connection
from trimtab.server.dataplane import DataPlane
from trimtab.server.dialects import oip, rows
from trimtab.server.endpoint import Endpoint, ServedBundle
from trimtab.server.faults import BROKEN, error_answer, problem_answer, refused
from trimtab.server.logs import Log, describe, to_stderr
from trimtab.server.router import Job, Route, expand, inference, not_allowed, not_found, of_model, whole
from trimtab.server.settings import Settings
from trimtab.server.wire import Answer, Continue, Refusal, Request, serialise

__all__ = ["ROUTES", "App", "handle", "open_app"]

_MODEL: Final = "/v2/models/{model}"
_VERSION: Final = "/v2/models/{model}/versions/{version}"
ROUTES: Final = (
    # Open Inference Protocol v2
    Route("GET", "/v2", whole(views.server)),
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


def _own_ids() -> Iterator[str]:
    """Ids that no other process gives: chance once, then a count."""
    prefix = secrets.token_hex(6)
    return (f"{prefix}-{count:x}" for count in itertools.count())


class App:
    """Requests to answers; knows neither sockets nor event loops."""

    def __init__(self, plane: DataPlane, clock: Callable[[], float] = time.perf_counter) -> None:
        """Nothing is loaded yet."""
        self.plane = plane
        self._paths = expand(ROUTES, plane.endpoints)
        self._clock = clock
        self._ids = _own_ids()

    def load(self) -> Future[None]:
        """Load every model in the engine; the future raises UserError for one that cannot be loaded."""
        return self.plane.engine.submit(self._load)

    def _load(self) -> None:
        for endpoint in self.plane.endpoints.values():
            try:
                endpoint.load()
            except TrimtabError:
                raise
            except BaseException as error:
                what = f"model `{endpoint.name}` cannot be loaded: {type(error).__name__}: {error}"
                raise UserError(Problem("P305", what, f"bundle {endpoint.digest}")) from error
            if endpoint.state == "unfit":
                self.plane.log("not ready", {"level": "error", "model": endpoint.name, "reason": endpoint.reason})

    def answer(self, http: Request) -> Answer | Future[Answer]:
        """The answer, or its future when the engine must work for it; never raises, nor does the future."""
        start = self._clock()
        metrics = self.plane.metrics
        metrics.begin()
        methods = self._paths.get(http.path)
        bound = None if methods is None else methods.get(http.method)
        if bound is None:
            answer = self._misdirected(http)
            metrics.end("", "other", answer.status, self._clock() - start)
            return answer
        own_id = next(self._ids)
        job = self._guarded(lambda: bound.handler(self.plane, http, bound.endpoint, own_id), own_id)
        if isinstance(job, Answer):
            metrics.end(bound.model, bound.dialect, job.status, self._clock() - start)
            return job
        model, dialect = bound.model, bound.dialect

        def count(future: Future[Answer]) -> None:
            status = 499 if future.cancelled() else future.result().status
            metrics.end(model, dialect, status, self._clock() - start)

        future = self._submit(job, own_id)
        future.add_done_callback(count)
        return future

    def _submit(self, job: Job, own_id: str) -> Future[Answer]:
        """The job in the engine, unless too many wait there already."""
        engine = self.plane.engine
        if engine.waiting < self.plane.settings.queue_limit:
            return engine.submit(lambda: self._answered(job, own_id))
        full: Future[Answer] = Future()
        full.set_result(problem_answer((Problem("P317", f"{engine.waiting} requests wait already"),), own_id))
        return full

    def _answered(self, job: Job, own_id: str) -> Answer:
        answer = self._guarded(job, own_id)
        return answer if isinstance(answer, Answer) else self._answered(answer, own_id)

    def _guarded(self, job: Callable[[], Answer | Job], own_id: str) -> Answer | Job:
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


def open_app(bundles: Mapping[str, ServedBundle], settings: Settings, log: Log = to_stderr) -> App:
    """The app over these bundles, by the name they are served under; `load` comes next."""
    endpoints = {name: Endpoint(name, bundle) for name, bundle in bundles.items()}
    return App(DataPlane(endpoints, settings, log))


def handle(app: App, raw: bytes) -> bytes:
    """What the server would send back for these bytes, without a socket: for tests and one-off calls."""
    sent = b""
    for event in Connection(app.plane.settings.limits).receive(raw):
        if isinstance(event, Continue):
            continue
        if isinstance(event, Refusal):
            return sent + serialise(app.refuse(event), keep_alive=False)
        answer = app.answer(event)
        whole_answer = answer if isinstance(answer, Answer) else answer.result()
        sent += serialise(whole_answer, keep_alive=event.keep_alive, body=event.method != b"HEAD")
    return sent
