"""Batching by turns of the event loop: what arrived together, or while the engine was busy, goes as one call.

No timer: an idle server adds no wait. A batch that fails is taken apart, so that a bad request fails alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import inf
from time import monotonic
from typing import Final

from trimtab.bundle.predictor import Outputs
from trimtab.core.errors import TrimtabError
from trimtab.core.table import Table, concat
from trimtab.server.batching.call import Call, StreamCall
from trimtab.server.batching.curve import Curve
from trimtab.server.engines import Done, Engine, Failed, Outcome, Word

__all__ = ["BatchLimits", "Batcher"]

_PARTS: Final = 4  # of a call's patience: one for a batch, one for each of its calls alone
_WAITING: Final = 0.5  # of a caller's patience
_FADES: Final = 0.2
_SLOWER: Final = 4.0  # times the expected seconds are never too long


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """rows: most rows in one call (1: no batching); goal_s: the longest that a call should take; calls: most waiting.

    wait_s: the longest that a request is expected to wait; when more is expected, it is better refused at once.
    patience_s: after which a call alone counts as hung; joined ones have a part of it, so that the innocent among them
    still have time to be asked alone.
    """

    rows: int = 1024
    goal_s: float = 0.05
    calls: int = 1024
    wait_s: float = 1.0
    patience_s: float = 30.0


class Batcher:
    """The queue in front of one model's engine; everything happens on the loop's thread."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it is wired to; made in one place
        self,
        engine: Engine,
        limits: BatchLimits,
        curve: Curve,
        soon: Callable[[Callable[[], None]], object],
        failed: Callable[[Call, Failed], TrimtabError],
        outputs: frozenset[str] = frozenset(),
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """soon: runs a function at the end of this turn; failed: what to tell the caller of a call that fails alone.

        outputs: the names that every answer must have, with one value a row.
        """
        self._engine = engine
        self._limits = limits
        self._curve = curve
        self._soon = soon
        self._failed = failed
        self._outputs = outputs
        self._queue: deque[Call] = deque()
        self._rows = 0  # of the calls in the queue
        self._parts: deque[list[Call]] = deque()  # of batches that failed
        self._scheduled, self._running = False, 0
        self._clock = clock
        self._waited_s = 0.0  # by the call that left the queue last
        self.joined = 1.0  # calls in a batch, a fading mean

    @property
    def waiting(self) -> int:
        """Calls in the queue, settled ones included that were not reached yet."""
        return len(self._queue) + sum(map(len, self._parts))

    @property
    def idle(self) -> bool:
        """Whether nothing waits and the engine would take a call now."""
        return not self._queue and not self._parts and self._engine.free > 0

    def expected_wait_s(self) -> float:
        """How long a request that came now would wait before its turn; 0 while nothing is known."""
        row_s = self._curve.row_seconds(self._limits.goal_s, self._limits.rows)
        return self._rows * row_s / max(self._running + self._engine.free, 1)

    @property
    def full(self) -> bool:
        """Whether a request that came now had better be refused."""
        return self.full_for(inf)

    def full_for(self, patience_s: float) -> bool:
        """The same, for a caller who waits so long: half of it may pass in the queue, which is longer than it looks.

        The wait is what the curve says of the rows ahead, or what the call that left the queue last has really waited,
        since a busy machine is slower than its curve.
        """
        if len(self._queue) < 2 * (self._running + 1):
            return False
        longest_s = min(self._limits.wait_s, patience_s * _WAITING)
        return len(self._queue) >= self._limits.calls or max(self.expected_wait_s(), self._waited_s) > longest_s

    def submit(self, call: Call) -> None:
        """Take the call; it is settled later, perhaps at the end of this turn of the loop."""
        call.since = self._clock()
        self._queue.append(call)
        self._rows += call.height
        self._turn_soon()

    def wake(self) -> None:
        """The engine has room again."""
        self._turn_soon()

    def close(self, why: TrimtabError) -> None:
        """Settle everything that waits."""
        while self._queue or self._parts:
            for call in self._parts.popleft() if self._parts else [self._pop()]:
                call.settle(why)

    def _pop(self) -> Call:
        call = self._queue.popleft()
        self._rows -= call.height
        self._waited_s = self._clock() - call.since
        return call

    def _turn_soon(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._soon(self._turn)

    def _turn(self) -> None:
        self._scheduled = False
        while (self._queue or self._parts) and self._engine.free > 0:
            batch = self._next()
            if not batch:
                return
            self._launch(batch)

    def _next(self) -> list[Call]:
        """The next calls to run together; those that nobody waits for any more are dropped here, before they run."""
        while self._parts:
            part = [call for call in self._parts.popleft() if call.waits]
            if part:
                return part
        if len(self._queue) == 1:
            call = self._pop()
            return [call] if call.waits else []
        most = self._curve.best_rows(self._limits.goal_s, self._limits.rows) if self._limits.rows > 1 else 1
        batch: list[Call] = []
        rows = 0
        while self._queue:
            call = self._queue[0]
            if call.waits:
                if batch and (rows + call.height > most or call.alone or batch[0].alone):
                    break
                batch.append(call)
                rows += call.height
            self._pop()
        return batch

    def _launch(self, batch: list[Call]) -> None:
        self.join(len(batch))
        tables = [call.table for call in batch if call.table is not None]
        table = tables[0] if len(tables) == 1 else concat(tables)
        self._running += 1
        if isinstance(batch[0], StreamCall):
            self._stream(batch[0], table)
            return
        self._engine.start(table, self._patience_s(batch, table.height), partial(self._ended, batch, table.height))

    def _stream(self, call: StreamCall, table: Table) -> None:
        def part(outputs: Outputs, word: Callable[[Word], None]) -> None:
            known = outputs.keys() <= (self._outputs or outputs.keys())
            if not known or any(len(array) != call.height for array in outputs.values()):
                call.settle(self._failed(call, Failed("raised", "a part that is no answer for every row")))
            call.part(outputs, word)

        def ended(outcome: Outcome) -> None:
            if isinstance(outcome, Failed):
                self._ended([call], call.height, outcome)
                return
            self._running -= 1
            call.settle({})
            if self._queue or self._parts:
                self._turn_soon()

        self._engine.start(table, min(self._limits.patience_s, call.patience_s), ended, part)

    def _patience_s(self, batch: list[Call], height: int) -> float:
        whole = self._limits.patience_s
        if len(batch) == 1 and not batch[0].again:
            return whole
        return min(max(whole / _PARTS, _SLOWER * self._curve.seconds(height)), whole)

    def _ended(self, batch: list[Call], height: int, outcome: Outcome) -> None:
        self._running -= 1
        if isinstance(outcome, Done):
            self._curve.note(height, outcome.seconds)
            outcome = self._completed(outcome, height)
        if isinstance(outcome, Done):
            _hand_out(batch, outcome.outputs)
        elif len(batch) == 1 and (outcome.how != "crashed" or batch[0].again):
            batch[0].settle(self._failed(batch[0], outcome))
        else:  # also a call alone whose worker died: that may have had another cause, once
            for call in batch:
                call.again = True
            self._parts += _halves(batch) if outcome.how == "raised" else [[call] for call in batch]
        if self._queue or self._parts:
            self._turn_soon()

    def join(self, calls: int) -> None:
        """So many share a call of the model."""
        self.joined += _FADES * (calls - self.joined)

    def complete(self, outputs: Outputs, height: int) -> bool:
        """Whether they are answers for every row."""
        for name in self._outputs or outputs.keys():
            if name not in outputs or len(outputs[name]) != height:
                return False
        return True

    def _completed(self, done: Done, height: int) -> Outcome:
        """The same, or that answers are missing in it."""
        if self.complete(done.outputs, height):
            return done
        names = self._outputs or done.outputs.keys()
        wrong = [name for name in names if name not in done.outputs or len(done.outputs[name]) != height]
        return Failed("raised", f"no answer for every row in {', '.join(sorted(wrong))}")


def _halves(batch: list[Call]) -> list[list[Call]]:
    middle = len(batch) // 2
    return [batch[:middle], batch[middle:]]


def _hand_out(batch: list[Call], outputs: Outputs) -> None:
    if len(batch) == 1:
        batch[0].settle(outputs)
        return
    start = 0
    for call in batch:
        stop = start + call.height
        call.settle({name: array[start:stop] for name, array in outputs.items()})
        start = stop
