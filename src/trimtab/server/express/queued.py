"""A head whose requests are read on the express lane, and then wait in the queue of a model like all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Final

from trimtab.bundle.predictor import Outputs
from trimtab.core.dtypes import DTYPES
from trimtab.core.errors import TrimtabError
from trimtab.core.table import Table
from trimtab.server.answering import Answering, Around
from trimtab.server.batching.call import Call
from trimtab.server.dataplane import Admitted, InferRequest, InferResponse
from trimtab.server.dialects import Exchange
from trimtab.server.dialects.oip_answer import texts_of
from trimtab.server.endpoint import Endpoint
from trimtab.server.express.lane import Caller
from trimtab.server.express.leaving import ID, Exit, Found, Put
from trimtab.server.express.reading import Reading, bytes_of
from trimtab.server.faults import OverloadedError
from trimtab.server.guard.peer import Peer
from trimtab.server.guard.principal import Principal
from trimtab.server.journal.hand import Outcome
from trimtab.server.journal.recorder import Recorder, Short
from trimtab.server.journal.scribe import Later
from trimtab.server.journal.trail import Trail, name_of
from trimtab.server.metrics import Place
from trimtab.server.router import Bound
from trimtab.server.wire import Answer, Request

__all__ = ["Asks", "Queued"]

_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Asks:
    """What was found out of a head: who sends it, and may; what it asks, and where that is counted.

    encode: how answers are written. timeout_s: how long its caller waits, None where he does not say. length: of the
    body. called: how its caller calls every request. longest: bytes of an answer that is not compressed.
    """

    http: Request
    principal: Principal
    endpoint: Endpoint
    reading: Reading
    found: tuple[Bound | None, Place]
    encode: Callable[[InferResponse], Answer]
    timeout_s: float | None
    length: int
    called: str
    longest: float


class Queued:
    """As `Lane`, for a model that is more than a call of the kernels."""

    __slots__ = ("_ids", "_patience_s", "around", "asks", "exit", "short", "texts")

    def __init__(self, around: Around, asks: Asks, ids: Iterator[str]) -> None:
        """ids: of requests that are not kept."""
        self.around, self.asks, self._ids = around, asks, ids
        plane, endpoint = around.plane, asks.endpoint
        self.exit = Exit(plane.metrics, asks.found[1], endpoint.name, around.clock)
        self.texts = texts_of(endpoint)
        self.short = None if plane.recorder is None else self._shortly(plane.recorder)
        self._patience_s = plane.settings.patience_s(asks.timeout_s)

    def _shortly(self, recorder: Recorder) -> Short | None:
        asks, fields = self.asks, self.asks.endpoint.signature
        if len(fields.outputs) != 1:
            return None
        dtypes = (DTYPES[fields.inputs[0].dtype], DTYPES[fields.outputs[0].dtype])
        return recorder.short(asks.principal, asks.endpoint, "oip", asks.called, dtypes)

    @property
    def principal(self) -> Principal:
        """Who takes it."""
        return self.asks.principal

    def __call__(self, data: bytes, begin: int, caller: Caller) -> bool:
        """Whether the request will be answered. Its body begins there, and the data ends where it should end."""
        start, asks, plane = self.around.clock(), self.asks, self.around.plane
        endpoint = asks.endpoint
        if len(data) - begin != asks.length or plane.stopping or endpoint.state != "ready" or endpoint.arms is not None:
            return False
        if self.around.guard.known(asks.http) is not asks.principal:
            return False
        batcher = endpoint.batcher
        if batcher is None or batcher.full_for(inf if asks.timeout_s is None else asks.timeout_s):
            return False  # before any work is done for it: a refusal must stay cheap
        table = asks.reading.table(data, begin)
        if table is None:
            return False
        try:
            own_id, trail = self._noted(plane.recorder)
        except OverloadedError:
            return False
        plane.metrics.begin()
        slot = caller.owe()
        waiting = _Waiting(self, table, own_id, trail, start)
        slot.call = waiting.ask(slot.put, caller.peer, plane.now() + self._patience_s)
        return True

    def _noted(self, recorder: Recorder | None) -> tuple[str, Trail | None]:
        """The id of a request, and its trail where more than the usual is to be found out of it."""
        if recorder is None:
            return next(self._ids), None
        if self.short is not None:
            return self.short.next_id(), None
        trail = recorder.begin(self.asks.principal, self.asks.endpoint, "oip")
        return trail.id, trail


class _Waiting:
    """One request; answered once."""

    __slots__ = ("_call", "_id", "_lane", "_peer", "_put", "_start", "_table", "_trail")

    def __init__(self, lane: Queued, table: Table, own_id: str, trail: Trail | None, start: float) -> None:
        self._lane, self._table, self._id, self._trail, self._start = lane, table, own_id, trail, start
        self._call: Call | None = None

    def ask(self, put: Put, peer: Peer, deadline: float) -> Call | None:
        """What waits in the queue, if it has to."""
        self._put, self._peer = put, peer
        plane, endpoint = self._lane.around.plane, self._lane.asks.endpoint
        outputs = None if endpoint.at_once is None else endpoint.at_once(self._table)
        if outputs is not None:
            self._told(outputs)
            return None
        self._call = call = Call(self._table, deadline, self._told, self._id)
        try:
            plane.queue(endpoint, call)
        except Exception as error:  # noqa: BLE001 - as in `App.answer`
            answering = self._in_full()[0]
            answering.finish(answering.failed(error))
            return None
        return call

    def _told(self, result: Outputs | TrimtabError) -> None:
        plane = self._lane.around.plane
        if self._call is not None:
            plane.done(self._call)
        if isinstance(result, TrimtabError) or (found := self._said(result)) is None:
            answering, admitted = self._in_full()
            plane.say(admitted, result, answering.answered)
            return
        leave = self._lane.exit.leaving(found, self._id, self._start, self._put)
        outcome = self._kept(plane.recorder, result, leave)
        if outcome is not None:
            leave(outcome)

    def _said(self, outputs: Outputs) -> Found | None:
        """The answer; None for one that is not so plain."""
        lane = self._lane
        texts = lane.texts.alone(outputs) if len(outputs) == 1 else None
        if texts is None or sum(map(len, texts)) + ID > lane.asks.longest:
            return None
        return Found(self._table.height, *texts)

    def _kept(self, recorder: Recorder | None, outputs: Outputs, later: Later) -> Outcome | None:
        """What becomes of its record; None where that takes its time."""
        if recorder is None:
            return "kept"
        lane, table, seconds = self._lane, self._table, self._lane.around.clock() - self._start
        if self._trail is not None:
            self._trail.request_id, self._trail.table, self._trail.outputs = lane.asks.called, table, outputs
            return recorder.end(self._trail, _OK, seconds, later)
        short, (answers,) = lane.short, outputs.values()
        assert short is not None  # noqa: S101 - else there is a trail; mypy does not see it
        record = short.record(self._id, seconds, table.height, bytes_of(table), answers.tobytes())
        return short.scribe.keep(record, later)

    def _in_full(self) -> tuple[Answering, Admitted]:
        """As if it had come the other way."""
        lane, asks = self._lane, self._lane.asks
        endpoint, trail = asks.endpoint, self._trail
        if trail is None and lane.around.plane.recorder is not None:
            trail = Trail(self._id, endpoint, "oip", name_of(asks.principal))
        if trail is not None:
            trail.request_id, trail.table = asks.called, self._table
        request = InferRequest(endpoint.name, {}, self._id, timeout_s=asks.timeout_s)
        answering = Answering(lane.around, asks.http, self._peer, asks.found, self._id, self._put)
        answering.resume(asks.principal, self._start, Exchange(request, asks.encode), trail)
        return answering, Admitted(request, endpoint, self._table, trail)
