"""The one path of every request, whatever dialect it came in: look up, check, predict."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from trimtab.bundle.predictor import Outputs
from trimtab.core.check import Fault, Raw, SignatureError, check
from trimtab.core.errors import Problem, did_you_mean
from trimtab.core.table import Table
from trimtab.server.endpoint import Endpoint
from trimtab.server.engine import Engine
from trimtab.server.faults import ModelError, refused
from trimtab.server.logs import Log, describe
from trimtab.server.metrics import Metrics
from trimtab.server.settings import Settings

__all__ = ["Admitted", "DataPlane", "InferRequest", "InferResponse"]

_UNKNOWN_NAMED: Final = 20
_NAME_LIMIT: Final = 256


@dataclass(frozen=True, slots=True)
class InferRequest:
    """Columns for one model; an empty version is the one served, empty outputs are all of them."""

    model: str
    columns: Mapping[str, Raw]
    id: str
    version: str = ""
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InferResponse:
    """The answers to `rows` rows, by output name."""

    model: str
    version: str
    id: str
    outputs: Outputs
    rows: int


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that is well formed: only the model can still fail."""

    request: InferRequest
    endpoint: Endpoint
    table: Table


class DataPlane:
    """The endpoints of this process and the path to their answers."""

    def __init__(self, endpoints: Mapping[str, Endpoint], settings: Settings, log: Log) -> None:
        """Endpoints by the name they are served under."""
        self.endpoints = endpoints
        self.settings = settings
        self.engine = Engine()
        self.metrics = Metrics(endpoints)
        self.log = log
        self.stopping = False
        self._clock: Callable[[], float] = time.perf_counter

    @property
    def ready(self) -> bool:
        """Whether every model can answer and the server is to go on."""
        return not self.stopping and all(endpoint.state == "ready" for endpoint in self.endpoints.values())

    def infer(self, request: InferRequest) -> InferResponse:
        """The answer; raises what `admit` and `predict` raise."""
        return self.predict(self.admit(request))

    def endpoint(self, model: str, version: str = "") -> Endpoint:
        """The endpoint of that name and, if given, version; raises UserError P312 naming the nearest."""
        endpoint = self.endpoints.get(model)
        if endpoint is None:
            raise refused("P312", f"no model `{model[:_NAME_LIMIT]}`", hint=_near(model, self.endpoints))
        if version and version not in endpoint.versions:
            what = f"model `{model}` has no version `{version[:_NAME_LIMIT]}`"
            raise refused("P312", what, hint=f"it serves `{endpoint.version}`")
        return endpoint

    def admit(self, request: InferRequest) -> Admitted:
        """Look up and check, before anything of the user's runs; who may call is asked ahead of this.

        Raises UserError for what is wrong with the request, NotReadyError for a model that cannot answer now.
        """
        endpoint = self.endpoint(request.model, request.version)
        endpoint.require_ready()
        _few_unknown(request.columns, endpoint)
        limit = self.settings.rows_limit
        for name, column in request.columns.items():
            if len(column) > limit:
                raise refused(
                    "P315", f"{len(column)} rows, at most {limit} are taken in one request", f"column `{name}`"
                )
        for output in request.outputs:
            if endpoint.outputs and output not in endpoint.outputs:
                raise refused("P310", f"no output `{output[:_NAME_LIMIT]}`", hint=_near(output, endpoint.outputs))
        return Admitted(request, endpoint, check(endpoint.signature, request.columns))

    def runs_inline(self, admitted: Admitted) -> bool:
        """Whether the event loop may run this call itself: cheap, small, and nobody else in user code."""
        settings = self.settings
        return (
            admitted.endpoint.cost_s < settings.inline_cost_s
            and admitted.table.height <= settings.inline_rows
            and self.engine.waiting == 0
        )

    def predict(self, admitted: Admitted, *, on_loop: bool = False) -> InferResponse:
        """Run the model; raises ModelError, after it was logged. The journal sees every answer here."""
        request, endpoint, table = admitted.request, admitted.endpoint, admitted.table
        start = self._clock()
        try:
            outputs = endpoint.require_ready()(table)
            wrong = [name for name in endpoint.outputs if name not in outputs or len(outputs[name]) != table.height]
        except BaseException as error:  # noqa: BLE001 - user code may raise anything, SystemExit too
            raise self._failed(admitted, error) from None
        if wrong:
            raise self._failed(admitted, ValueError(f"no answer for every row in {', '.join(wrong)}"))
        if on_loop:
            endpoint.note(self._clock() - start, self.settings.inline_cost_s)
        self.metrics.count_rows(endpoint.name, table.height)
        if request.outputs:
            outputs = {name: outputs[name] for name in request.outputs}
        return InferResponse(endpoint.name, endpoint.version, request.id, outputs, table.height)

    def _failed(self, admitted: Admitted, error: BaseException) -> ModelError:
        """The caller learns the id, the log everything."""
        endpoint, request = admitted.endpoint, admitted.request
        place = {"model": endpoint.name, "version": endpoint.version, "id": request.id, "rows": admitted.table.height}
        self.log("model failed", {"level": "error", **place, **describe(error)})
        return ModelError(Problem("P318", f"model `{endpoint.name}` failed; the server's log says why under this id"))


def _near(word: str, names: Mapping[str, object]) -> str:
    return did_you_mean(word[:_NAME_LIMIT], names)


def _few_unknown(columns: Mapping[str, Raw], endpoint: Endpoint) -> None:
    """Names are compared with the nearest valid one, which is too slow for a flood of them or for endless ones."""
    unknown = list(islice((name for name in columns if name not in endpoint.inputs), _UNKNOWN_NAMED + 1))
    if len(unknown) > _UNKNOWN_NAMED or any(len(name) > _NAME_LIMIT for name in unknown):
        faults = [Fault(name[:_NAME_LIMIT], None, "unknown column") for name in unknown]
        raise SignatureError(faults)
