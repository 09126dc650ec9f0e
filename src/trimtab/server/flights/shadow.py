"""A shadow: the challenger is asked what the champion has answered already, and nobody sees what it says.

Its requests are the first to go: a few wait at most, none of them long, and none is asked while one that somebody waits
for could be. An answer that never comes takes one of a few places until it is too late.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from trimtab.bundle.predictor import Outputs
from trimtab.core.errors import Problem, TrimtabError
from trimtab.core.interactions import SHADOW
from trimtab.server.batching.call import Call
from trimtab.server.faults import STATUS, TooLateError
from trimtab.server.flights.agreement import agree, tolerance
from trimtab.server.flights.arms import Arms
from trimtab.server.guard.principal import Principal
from trimtab.server.journal.trail import Trail

if TYPE_CHECKING:
    from trimtab.core.table import Table
    from trimtab.server.dataplane import DataPlane, InferRequest

__all__ = ["Shadow"]

_ROOM: Final = 64  # requests that wait
_ROWS: Final = 4096  # of a request; more take the loop too long
_ASKED: Final = 4  # at once
_LONGEST_S: Final = 2.0  # that one waits
_AGAIN_S: Final = 0.005
_FEW: Final = 64  # rows that are compared here and now
_OK: Final = 200


@dataclass(slots=True)
class _Mirrored:
    """One request, its answer, and how likely it was to be mirrored."""

    request: InferRequest
    outputs: Outputs
    probability: float
    id: str
    caller: Principal
    since: float


class Shadow:
    """Of one endpoint in one process; everything on the loop's thread."""

    def __init__(self, arms: Arms, plane: DataPlane, loop: AbstractEventLoop) -> None:
        """Nothing waits."""
        self._arms, self._plane, self._loop = arms, plane, loop
        self._waiting: deque[_Mirrored] = deque()
        self._asked = 0
        self._scheduled = False

    def offer(
        self, request: InferRequest, outputs: Outputs, probability: float, own_id: str, caller: Principal
    ) -> None:
        """One that was answered; its answer has left."""
        rows = max(map(len, outputs.values()), default=0)
        if len(self._waiting) >= _ROOM or rows > _ROWS:
            self._drop()
            return
        self._waiting.append(_Mirrored(request, outputs, probability, own_id, caller, self._loop.time()))
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._turn)

    def _drop(self) -> None:
        if self._arms.tally is not None:
            self._arms.tally.dropped()

    def _turn(self) -> None:
        """Ask for one, if nobody waits for anything."""
        self._scheduled = False
        waiting, oldest = self._waiting, self._loop.time() - _LONGEST_S
        while waiting and waiting[0].since < oldest:
            waiting.popleft()
            self._drop()
        if not waiting:
            return
        may = self._asked < _ASKED and self._idle()
        if may:
            self._ask(waiting.popleft())
        if waiting:
            self._scheduled = True
            if may:
                self._loop.call_soon(self._turn)
            else:
                self._loop.call_later(_AGAIN_S, self._turn)

    def _idle(self) -> bool:
        champion, challenger = self._arms.champion.batcher, self._arms.challenger.batcher
        return champion is not None and champion.idle and challenger is not None and challenger.idle

    def _ask(self, one: _Mirrored) -> None:
        challenger, loop, tally = self._arms.challenger, self._loop, self._arms.tally
        batcher = challenger.aside or challenger.batcher
        if tally is None or batcher is None or challenger.state != "ready":
            self._drop()
            return
        tally.mirrored()
        began = loop.time()
        try:
            table = challenger.check(one.request.columns)
        except TrimtabError as error:
            self._told(one, None, error, 0.0)
            return

        def settled(result: Outputs | TrimtabError) -> None:
            self._asked -= 1
            timer.cancel()
            self._told(one, table, result, loop.time() - began)

        patience_s = min(self._plane.settings.answer_timeout_s, self._arms.late_s())
        call = Call(table, began + patience_s, settled, one.id)
        late = TooLateError(Problem("P319", "the shadow took longer than this server allows"))
        timer = loop.call_later(patience_s, lambda: call.settle(late))
        self._asked += 1
        batcher.submit(call)

    def _told(self, one: _Mirrored, table: Table | None, result: Outputs | TrimtabError, seconds: float) -> None:
        tally = self._arms.tally
        if isinstance(result, TrimtabError):
            if tally is not None:
                tally.failed()
            self._keep(one, table, result, seconds)
            return
        within = tolerance(self._arms.challenger.golden)

        def compared(same: bool) -> None:  # noqa: FBT001 - it is the whole matter
            if tally is not None:
                tally.compared(seconds, agree=same)
            self._keep(one, table, result, seconds)

        if table is None or table.height <= _FEW:
            compared(agree(one.outputs, result, within))
            return
        future = self._loop.run_in_executor(None, agree, one.outputs, result, within)
        future.add_done_callback(lambda done: None if done.cancelled() else compared(done.result()))

    def _keep(self, one: _Mirrored, table: Table | None, result: Outputs | TrimtabError, seconds: float) -> None:
        """An interaction that nobody saw; its `request_id` is the id of the one that somebody saw."""
        recorder = self._plane.recorder
        if recorder is None:
            return
        try:
            trail: Trail = recorder.begin(one.caller, self._arms.challenger, SHADOW)
        except TrimtabError:
            return  # nothing can be written just now, and nobody waits for this
        trail.arm, trail.probability, trail.request_id, trail.table = "challenger", one.probability, one.id, table
        status = _OK
        if isinstance(result, TrimtabError):
            trail.error = result.problems[0].code
            status = STATUS.get(trail.error, 500)
        else:
            trail.outputs = result
        recorder.end(trail, status, seconds, lambda _outcome: None)
