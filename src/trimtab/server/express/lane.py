"""One head on the express lane: what was found out for its first request holds for those that follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Final, Protocol

from trimtab.server.dataplane import DataPlane
from trimtab.server.endpoint import Endpoint
from trimtab.server.express.express import Express
from trimtab.server.express.leaving import ID, Exit, Found, Ready, rest_of
from trimtab.server.faults import OverloadedError
from trimtab.server.guard.guard import Guard
from trimtab.server.guard.peer import Peer
from trimtab.server.guard.principal import Principal
from trimtab.server.inflating import Owed
from trimtab.server.journal.recorder import Recorder, Short
from trimtab.server.metrics import Place
from trimtab.server.wire import Answer, Request

__all__ = ["Caller", "Lane", "Passed"]

_OK: Final = 200


class Owing(Protocol):
    """The place of an answer; see `Slot`."""

    call: Owed | None

    def put(self, answer: Answer | Ready) -> None:
        """Here it is."""


class Caller(Protocol):
    """A connection to which nothing is owed."""

    peer: Peer

    def tell(self, rest: bytes) -> None:
        """The answer, as in `Ready`."""

    def owe(self) -> Owing:
        """The place of an answer that comes later."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What was found out of a head: who sends it, and may; which model it asks, and where that is counted.

    length: of the body. called: how its caller calls every request. longest: bytes of an answer that is not compressed.
    """

    http: Request
    principal: Principal
    endpoint: Endpoint
    express: Express
    place: Place
    length: int
    called: str
    longest: float


class Lane:
    """Asked ahead of everything else, and silent about whatever is not as it was."""

    __slots__ = ("_exit", "_express", "_guard", "_ids", "_length", "_passed", "_plane", "_short")

    def __init__(self, plane: DataPlane, guard: Guard, passed: Passed, ids: Iterator[str]) -> None:
        """ids: of requests that are not kept."""
        self._plane, self._guard, self._ids = plane, guard, ids
        self._passed, self._express, self._length = passed, passed.express, passed.length
        self._exit = Exit(plane.metrics, passed.place, passed.endpoint.name, perf_counter)
        self._short = None if plane.recorder is None else self._shortly(plane.recorder)

    def _shortly(self, recorder: Recorder) -> Short | None:
        passed = self._passed
        return recorder.short(passed.principal, passed.endpoint, "oip", passed.called, passed.express.dtypes)

    @property
    def principal(self) -> Principal:
        """Who takes it."""
        return self._passed.principal

    def __call__(self, data: bytes, begin: int, caller: Caller) -> bool:
        """Whether the request is answered, or will be. Its body begins there, and the data ends where it should end."""
        start = perf_counter()
        if len(data) - begin != self._length:
            return False
        plane, passed = self._plane, self._passed
        if plane.stopping or passed.endpoint.state != "ready" or passed.endpoint.arms is not None:
            return False
        if self._guard.known(passed.http) is not passed.principal:
            return False
        found = self._express.answer(data, begin)
        if found is None or len(found.head) + ID + len(found.behind) > passed.longest:
            return False
        if plane.recorder is not None:
            keep = self._keep if self._short is None else self._keep_short
            return keep(found, start, caller)
        plane.metrics.begin()
        caller.tell(rest_of(found, next(self._ids)))
        self._exit.count(found.rows, start)
        return True

    def _keep_short(self, found: Found, start: float, caller: Caller) -> bool:
        """The same where the answer waits for its record."""
        short = self._short
        assert short is not None  # noqa: S101 - the caller looked; mypy does not see it
        try:
            own_id = short.next_id()
        except OverloadedError:
            return False
        self._plane.metrics.begin()
        put = caller.owe().put
        record = short.record(own_id, perf_counter() - start, found.rows, *self._express.raw(found))
        outcome = short.scribe.keep(record, leave := self._exit.leaving(found, own_id, start, put))
        if outcome is not None:
            leave(outcome)
        return True

    def _keep(self, found: Found, start: float, caller: Caller) -> bool:
        """The same where not all of it is kept as it is."""
        passed, recorder = self._passed, self._plane.recorder
        assert recorder is not None  # noqa: S101 - the caller looked; mypy does not see it
        try:
            trail = recorder.begin(passed.principal, passed.endpoint, "oip")
        except OverloadedError:
            return False
        if passed.called:
            trail.request_id = passed.called
        trail.table, trail.outputs = self._express.kept(found)
        self._plane.metrics.begin()
        leave = self._exit.leaving(found, trail.id, start, caller.owe().put)
        outcome = recorder.end(trail, _OK, perf_counter() - start, leave)
        if outcome is not None:
            leave(outcome)
        return True
