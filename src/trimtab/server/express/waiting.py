"""One request that was read on the lane, from there to its answer: together with others, or in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trimtab.bundle.predictor import Outputs
from trimtab.core.dtypes import Array
from trimtab.core.errors import TrimtabError
from trimtab.core.table import Table
from trimtab.server.answering import Answering
from trimtab.server.batching.call import Call
from trimtab.server.dataplane import Admitted, InferRequest
from trimtab.server.dialects import Exchange
from trimtab.server.express.leaving import ID, Found, Put
from trimtab.server.express.reading import bytes_of
from trimtab.server.guard.peer import Peer
from trimtab.server.journal.hand import Outcome
from trimtab.server.journal.recorder import Recorder, Short
from trimtab.server.journal.scribe import Later, Scribe
from trimtab.server.journal.trail import Trail, name_of

if TYPE_CHECKING:
    from trimtab.server.express.queued import Queued

__all__ = ["Waiting"]

_OK: Final = 200


class Waiting:
    """Answered once.

    rows: how many it asks. table: them; None while they are in the matrix of `Together`, from row `begin` on. waits:
    whether somebody still wants the answer.
    """

    __slots__ = ("_call", "_id", "_lane", "_peer", "_put", "_start", "_trail", "begin", "rows", "table", "waits")

    def __init__(  # noqa: PLR0913, PLR0917 - made in one place, once a request
        self, lane: Queued, own_id: str, trail: Trail | None, start: float, put: Put, peer: Peer, rows: int
    ) -> None:
        """Its rows are read. trail: where more than the usual is to be found out of it."""
        self._lane, self._id, self._trail, self._start, self._put, self._peer = lane, own_id, trail, start, put, peer
        self.rows, self.begin = rows, 0
        self.table: Table | None = None
        self.waits = True
        self._call: Call | None = None

    @property
    def scribe(self) -> Scribe | None:
        """Who keeps its record."""
        recorder = self._lane.around.plane.recorder
        return None if recorder is None else recorder.scribe

    def settle(self, result: TrimtabError) -> None:
        """Nobody waits for it any more."""
        if self._call is not None:
            self._call.settle(result)
        elif self.waits:
            self.table = self._lane.asks.reading.part(self.begin, self.rows)
            self.told(result)

    def queue(self, table: Table) -> None:
        """Wait in the queue of the model, with these rows."""
        self.table = table
        plane, endpoint = self._lane.around.plane, self._lane.asks.endpoint
        self._call = call = Call(table, plane.now() + self._lane.patience_s, self.told, self._id)
        try:
            plane.queue(endpoint, call)
        except Exception as error:  # noqa: BLE001 - as in `App.answer`
            self._call, self.waits = None, False
            answering = self._in_full()[0]
            answering.finish(answering.failed(error))

    def told(self, result: Outputs | TrimtabError) -> None:
        """The answer, or why there is none; its rows are in its table."""
        self.waits = False
        plane = self._lane.around.plane
        if self._call is not None:
            plane.done(self._call)
        if isinstance(result, TrimtabError) or (found := self._found(result)) is None:
            answering, admitted = self._in_full()
            plane.say(admitted, result, answering.answered)
            return
        leave = self._lane.exit.leaving(found, self._id, self._start, self._put)
        outcome = self._kept(plane.recorder, result, leave)
        if outcome is not None:
            leave(outcome)

    def said(self, behind: bytes, rows: Array, output: Array) -> bool:
        """Whether the answer is told, with what stands behind its id; where it is not so plain, `told` tells it.

        rows: in the matrix of all. output: its part of the one that all have.
        """
        lane, head = self._lane, self._lane.texts.head
        short = lane.short
        usual = short is not None or lane.around.plane.recorder is None
        if not usual or len(head) + len(behind) + ID > lane.asks.longest:
            return False
        leave = lane.exit.leaving(Found(self.rows, head, behind), self._id, self._start, self._put)
        if short is None:
            self.waits = False
            leave("kept")
            return True
        outcome = self._keep(short, lane.asks.reading.bytes_of(rows), output, leave)
        self.waits = False  # not before: whom a fault of ours passes over is asked for again
        if outcome is not None:
            leave(outcome)
        return True

    def _found(self, outputs: Outputs) -> Found | None:
        """The answer; None for one that is not so plain."""
        lane = self._lane
        texts = lane.texts.alone(outputs) if len(outputs) == 1 else None
        if texts is None or sum(map(len, texts)) + ID > lane.asks.longest:
            return None
        return Found(self.rows, *texts)

    def _kept(self, recorder: Recorder | None, outputs: Outputs, later: Later) -> Outcome | None:
        """What becomes of its record; None where that takes its time."""
        if recorder is None:
            return "kept"
        lane, table = self._lane, self.table
        if self._trail is not None:
            seconds = lane.around.clock() - self._start
            self._trail.request_id, self._trail.table, self._trail.outputs = lane.asks.called, table, outputs
            return recorder.end(self._trail, _OK, seconds, later)
        short, (answers,) = lane.short, outputs.values()
        assert short is not None  # noqa: S101 - else there is a trail; mypy does not see it
        assert table is not None  # noqa: S101 - it is read before it is told; mypy does not see it
        return self._keep(short, bytes_of(table), answers, later)

    def _keep(self, short: Short, inputs: bytes, output: Array, later: Later) -> Outcome | None:
        """The same where a record is made quickly."""
        seconds = self._lane.around.clock() - self._start
        return short.scribe.keep(short.record(self._id, seconds, self.rows, inputs, output.tobytes()), later)

    def _in_full(self) -> tuple[Answering, Admitted]:
        """As if it had come the other way."""
        lane, asks = self._lane, self._lane.asks
        endpoint, trail, table = asks.endpoint, self._trail, self.table
        assert table is not None  # noqa: S101 - as above
        if trail is None and lane.around.plane.recorder is not None:
            trail = Trail(self._id, endpoint, "oip", name_of(asks.principal))
        if trail is not None:
            trail.request_id, trail.table = asks.called, table
        request = InferRequest(endpoint.name, {}, self._id, timeout_s=asks.timeout_s)
        answering = Answering(lane.around, asks.http, self._peer, asks.found, self._id, self._put)
        answering.resume(asks.principal, self._start, Exchange(request, asks.encode), trail)
        return answering, Admitted(request, endpoint, table, trail)
