"""The one path of every request, whatever dialect it came in: look up, check, queue, answer."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from trimtab.bundle.predictor import Outputs
from trimtab.core.check import Fault, Raw, SignatureError
from trimtab.core.errors import OutsideError, Problem, TrimtabError, did_you_mean
from trimtab.core.table import Table
from trimtab.server.batching.call import Call, StreamCall
from trimtab.server.endpoint import Endpoint
from trimtab.server.engines import Failed
from trimtab.server.faults import ModelError, TooLateError, refused
from trimtab.server.logs import Log
from trimtab.server.metrics import Metrics
from trimtab.server.settings import Settings

if TYPE_CHECKING:
    from trimtab.server.journal.make import Journal
    from trimtab.server.journal.recorder import Recorder
    from trimtab.server.journal.trail import Trail

__all__ = ["Admitted", "Answered", "DataPlane", "InferRequest", "InferResponse"]

_UNKNOWN_NAMED: Final = 20
_NAME_LIMIT: Final = 256
_SWEEP_S: Final = 0.02  # how late a deadline may be noticed


class InferRequest(msgspec.Struct, frozen=True):
    """Columns for one model; an empty version is the one served, empty outputs are all of them.

    timeout_s: how long the caller waits for the answer; None leaves it to the server.
    """

    model: str
    columns: Mapping[str, Raw]
    id: str
    version: str = ""
    outputs: tuple[str, ...] = ()
    timeout_s: float | None = None


class InferResponse(msgspec.Struct, frozen=True):
    """The answers to `rows` rows, by output name."""

    model: str
    version: str
    id: str
    outputs: Outputs
    rows: int


class Admitted(msgspec.Struct, frozen=True):
    """A request that is well formed: only the model can still fail."""

    request: InferRequest
    endpoint: Endpoint
    table: Table
    trail: Trail | None = None


Answered: TypeAlias = Callable[[InferResponse | TrimtabError], None]
Heard: TypeAlias = Callable[[StreamCall, Outputs], None]


class DataPlane:
    """The endpoints of this process and the path to their answers; it belongs to the loop's thread."""

    def __init__(self, endpoints: Mapping[str, Endpoint], settings: Settings, log: Log, metrics: Metrics) -> None:
        """Endpoints by the name they are served under."""
        self.journal: Journal | None = None  # what the recorder is made of
        self.endpoints = endpoints
        self.settings = settings
        self.metrics = metrics
        self.log = log
        self.stopping = False
        self.recorder: Recorder | None = None  # where interactions are kept
        self._loop: AbstractEventLoop  # since `open`
        self._pending: dict[Call, None] = {}
        self._sweeping = False

    def open(self, loop: AbstractEventLoop) -> None:
        """From now on requests are answered on this loop."""
        self._loop = loop

    def record(self, loop: AbstractEventLoop) -> None:
        """From now on interactions are kept, where that is wanted; after everything that is forked is forked."""
        if self.journal is not None:
            self.recorder = self.journal.open(loop, self.metrics.recorded, self.log)

    @property
    def ready(self) -> bool:
        """Whether every model can answer and the server is to go on."""
        return not self.stopping and all(endpoint.state == "ready" for endpoint in self.endpoints.values())

    @property
    def pending(self) -> int:
        """Requests that wait for their answers."""
        return len(self._pending)

    def endpoint(self, model: str, version: str = "") -> Endpoint:
        """The endpoint of that name and, if given, version; raises UserError P312 naming the nearest."""
        endpoint = self.endpoints.get(model)
        if endpoint is None:
            raise refused("P312", f"no model `{model[:_NAME_LIMIT]}`", hint=_near(model, self.endpoints))
        if version and endpoint.arms is not None:
            endpoint = endpoint.arms.revision(version)
        if version and version not in endpoint.versions:
            what = f"model `{model}` has no version `{version[:_NAME_LIMIT]}`"
            raise refused("P312", what, hint=f"it serves `{endpoint.version}`")
        return endpoint

    def admit(self, request: InferRequest, trail: Trail | None = None) -> Admitted:
        """Look up and check, before anything of the user's runs; who may call is asked ahead of this.

        Raises UserError for what is wrong with the request, NotReadyError for a model that cannot answer now.
        """
        endpoint = self.endpoint(request.model, request.version)
        endpoint.require_ready(request.timeout_s)
        quick = None if request.outputs else endpoint.check.quickly(request.columns)
        if quick is not None and quick.height <= self.settings.rows_limit:
            return _admitted(request, endpoint, quick, trail)
        if not request.columns.keys() <= endpoint.inputs.keys():
            _few_unknown(request.columns, endpoint)
        limit = self.settings.rows_limit
        if max(map(len, request.columns.values()), default=0) > limit:
            name, column = max(request.columns.items(), key=lambda item: len(item[1]))
            raise refused("P315", f"{len(column)} rows, at most {limit} are taken in one request", f"column `{name}`")
        for output in request.outputs:
            if endpoint.outputs and output not in endpoint.outputs:
                raise refused("P310", f"no output `{output[:_NAME_LIMIT]}`", hint=_near(output, endpoint.outputs))
        return _admitted(request, endpoint, endpoint.check(request.columns), trail)

    def start(
        self,
        request: InferRequest,
        answered: Answered,
        heard: Heard | None = None,
        trail: Trail | None = None,
    ) -> Call | None:
        """Begin to answer; `answered` is told once. Whoever stops waiting settles the call that comes back, if any.

        heard: is told each part ahead of that, and answers with `go_on` of the call. trail: learns rows and outputs.

        Raises what `admit` raises, OverloadedError for a request that would wait too long, ModelError for rows that
        took the model's process down before.
        """
        admitted = self.admit(request, trail)
        endpoint = admitted.endpoint
        if heard is None and endpoint.at_once is not None and endpoint.state == "ready":
            outputs = endpoint.at_once(admitted.table)
            if outputs is not None:
                self.say(admitted, outputs, answered)
                return None

        def settled(result: Outputs | TrimtabError) -> None:
            self.done(call)
            self.say(admitted, result, answered)

        patience_s = self.settings.patience_s(request.timeout_s)
        if heard is None:
            call = Call(admitted.table, self.now() + patience_s, settled, request.id)
        else:
            call = stream = StreamCall(admitted.table, patience_s, settled, self.now)
            stream.hear, call.id = heard, request.id
        self.queue(endpoint, call)
        return call

    def now(self) -> float:
        """On the clock of deadlines."""
        return self._loop.time()

    def queue(self, endpoint: Endpoint, call: Call) -> None:
        """Put it into the queue, and see that it is settled in time; who settles it calls `done` then.

        Raises what `Endpoint.submit` raises.
        """
        endpoint.submit(call)
        self._pending[call] = None
        if not self._sweeping:
            self._sweeping = True
            self._loop.call_later(_SWEEP_S, self._sweep)

    def done(self, call: Call) -> None:
        """It waits no more."""
        self._pending.pop(call, None)

    def say(self, admitted: Admitted, result: Outputs | TrimtabError, answered: Answered) -> None:
        """The answer, or why there is none."""
        if isinstance(result, TrimtabError):
            answered(result)
            return
        request, endpoint, height = admitted.request, admitted.endpoint, admitted.table.height
        self.metrics.count_rows(endpoint.name, height)
        if admitted.trail is not None:
            admitted.trail.outputs = result
        outputs = {name: result[name] for name in request.outputs} if request.outputs else result
        answered(InferResponse(endpoint.name, endpoint.version, request.id, outputs, height))

    def end_streams(self) -> None:
        """What is half told ends with an error: the process does not wait any longer."""
        for call in [call for call in self._pending if call.alone]:
            call.settle(OutsideError(Problem("P316", "the server is being shut down")))

    def _sweep(self) -> None:
        """Answer what is too late; a call in the queue then never runs."""
        if not self._pending:
            self._sweeping = False
            return
        now = self.now()
        for call in [call for call in self._pending if call.deadline <= now]:
            call.settle(TooLateError(Problem("P319", "the model took longer than the caller or this server allows")))
        self._loop.call_later(_SWEEP_S, self._sweep)

    def failed(self, endpoint: Endpoint, call: Call, failed: Failed) -> ModelError:
        """What the caller learns of a model that failed for it alone: the id; the log learns everything."""
        endpoint.strike(call, failed)
        place = {"model": endpoint.name, "version": endpoint.version, "id": call.id, "rows": call.height}
        said = {"error": failed.what} | ({"traceback": failed.trace} if failed.trace else {})
        self.log("model failed", {"level": "error", **place, "how": failed.how, **said})
        if failed.how == "hung":
            return ModelError(Problem("P319", f"model `{endpoint.name}` took longer than this server allows"))
        what = f"model `{endpoint.name}` failed; the server's log says why under this id"
        return ModelError(Problem("P318", what), failed.what)


def _admitted(request: InferRequest, endpoint: Endpoint, table: Table, trail: Trail | None) -> Admitted:
    if trail is not None:
        trail.table = table
    return Admitted(request, endpoint, table, trail)


def _near(word: str, names: Mapping[str, object]) -> str:
    return did_you_mean(word[:_NAME_LIMIT], names)


def _few_unknown(columns: Mapping[str, Raw], endpoint: Endpoint) -> None:
    """Names are compared with the nearest valid one, which is too slow for a flood of them or for endless ones."""
    unknown = list(islice((name for name in columns if name not in endpoint.inputs), _UNKNOWN_NAMED + 1))
    if len(unknown) > _UNKNOWN_NAMED or any(len(name) > _NAME_LIMIT for name in unknown):
        faults = [Fault(name[:_NAME_LIMIT], None, "unknown column") for name in unknown]
        raise SignatureError(faults)
