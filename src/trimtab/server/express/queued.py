"""A head whose requests are read on the express lane, and then answered together, or wait in the model's queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Final, cast

from trimtab.core.dtypes import DTYPES
from trimtab.server.answering import Around
from trimtab.server.dataplane import InferResponse
from trimtab.server.dialects.oip_answer import texts_of
from trimtab.server.endpoint import Endpoint
from trimtab.server.express.lane import Caller
from trimtab.server.express.leaving import Exit
from trimtab.server.express.reading import Reading
from trimtab.server.express.together import Together
from trimtab.server.express.waiting import Waiting
from trimtab.server.faults import OverloadedError
from trimtab.server.guard.principal import Principal
from trimtab.server.journal.recorder import Recorder, Short
from trimtab.server.journal.trail import Trail
from trimtab.server.metrics import Place
from trimtab.server.router import Bound
from trimtab.server.wire import Answer, Request

__all__ = ["Asks", "Queued"]

_PATIENT_S: Final = 0.1  # whoever waits less may find that a turn of the loop takes too long


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

    __slots__ = ("_ids", "_together", "around", "asks", "exit", "patience_s", "short", "texts")

    def __init__(self, around: Around, asks: Asks, ids: Iterator[str]) -> None:
        """ids: of requests that are not kept."""
        self.around, self.asks, self._ids = around, asks, ids
        plane, endpoint = around.plane, asks.endpoint
        self.exit = Exit(plane.metrics, asks.found[1], endpoint.name, around.clock)
        self.texts = texts_of(endpoint)
        self.short = None if plane.recorder is None else self._shortly(plane.recorder)
        self.patience_s = plane.settings.patience_s(asks.timeout_s)
        quick = isinstance(asks.reading, Together) and self.patience_s >= _PATIENT_S
        self._together = cast(Together, asks.reading) if quick else None

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
        together, table = self._together, None
        if together is not None and together.open:
            rows = together.take(data, begin)
        else:
            batcher = endpoint.batcher
            if batcher is None or batcher.full_for(inf if asks.timeout_s is None else asks.timeout_s):
                return False  # before any work is done for it: a refusal must stay cheap
            table = asks.reading.table(data, begin)
            rows = 0 if table is None else table.height
        if not rows:
            return False
        try:
            own_id, trail = self._noted(plane.recorder)
        except OverloadedError:
            return False
        plane.metrics.begin()
        slot = caller.owe()
        slot.call = waiting = Waiting(self, own_id, trail, start, slot.put, caller.peer, rows)
        if table is not None:
            waiting.queue(table)
        else:
            assert together is not None  # noqa: S101 - else there is a table; mypy does not see it
            together.add(waiting)
        return True

    def _noted(self, recorder: Recorder | None) -> tuple[str, Trail | None]:
        """The id of a request, and its trail where more than the usual is to be found out of it."""
        if recorder is None:
            return next(self._ids), None
        if self.short is not None:
            return self.short.next_id(), None
        trail = recorder.begin(self.asks.principal, self.asks.endpoint, "oip")
        return trail.id, trail
