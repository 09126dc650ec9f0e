"""The engine over worker processes: hands tables to idle ones, replaces those that die, hang or grow too large."""

from __future__ import annotations

from asyncio import AbstractEventLoop, TimerHandle
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec

from trimtab.core.errors import OutsideError, Problem, TrimtabError, UserError
from trimtab.core.table import Table
from trimtab.server.engines import Done, Ended, Failed, Outcome, Part
from trimtab.server.forked import resident
from trimtab.server.logs import Log
from trimtab.server.workers.budget import Budget
from trimtab.server.workers.channel import channel_pair
from trimtab.server.workers.child import PART, READY, outcome_of
from trimtab.server.workers.nursery import Event, Nursery, Ready
from trimtab.server.workers.settings import PoolSettings
from trimtab.server.workers.worker import Turn, Worker

__all__ = ["Pool", "PoolSettings"]

_LOOK_S: Final = 1.0  # between looks at the workers' memory
_WINDOW_S: Final = 10.0
_BUDGET: Final = 20  # deaths in a window that are mended at once; beyond it a replacement waits
_PAUSE_S: Final = 1.0


class Pool:
    """Workers of one model. `loaded` is told once what the first worker found, or why there is none."""

    def __init__(
        self,
        nursery: Nursery,
        settings: PoolSettings,
        loop: AbstractEventLoop,
        loaded: Callable[[Ready | TrimtabError], None],
        wake: Callable[[], None],
        log: Log,
    ) -> None:
        """wake: called when a worker has become free other than by the end of a call."""
        self._nursery = nursery
        self._settings = settings
        self._loop = loop
        self._loaded: Callable[[Ready | TrimtabError], None] | None = loaded
        self._wake = wake
        self._log = log
        self._workers: dict[int, Worker] = {}
        self._idle: deque[Worker] = deque()
        self._budget = Budget(_BUDGET, _WINDOW_S)
        self._next = 0
        self._look: TimerHandle | None = None
        self.deaths, self.outgrown, self.lost = 0, 0, False  # lost: the nursery has gone, none can be mended

    def open(self) -> None:
        """Ask for all workers."""
        self._loop.add_reader(self._nursery, self._hear)
        self._fill()
        if self._settings.memory:
            self._look = self._loop.call_later(_LOOK_S, self._weigh)

    @property
    def free(self) -> int:
        """Workers that have nothing to do."""
        return len(self._idle)

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that are there."""
        return [worker.pid for worker in self._workers.values() if worker.ready]

    def start(self, table: Table, patience_s: float, ended: Ended, part: Part | None = None) -> None:
        """Hand the table to a worker that is idle."""
        worker = self._idle.popleft()
        worker.patience_s = patience_s
        try:
            unsent = worker.ask(table, ended, part)
        except OSError:
            self._died(worker)
            return
        if unsent is None:
            self._watch(worker)
        else:
            self._idle.append(worker)
            ended(unsent)

    def close(self) -> None:
        """Let all workers and the nursery end."""
        if self._look is not None:
            self._look.cancel()
        for worker in self._workers.values():
            self._forget(worker)
        self._workers.clear()
        self._idle.clear()
        self.lost = True  # what a timer still calls asks nothing of the nursery
        self._loop.remove_reader(self._nursery)
        self._nursery.close()

    def _spawn(self) -> None:
        self._next += 1
        channel, ends = channel_pair()
        worker = Worker(self._next, channel)
        self._workers[worker.number] = worker
        self._loop.add_reader(channel, self._read, worker)
        try:
            self._nursery.spawn(worker.number, ends)
        except OSError:
            self._lose()
        finally:
            ends.close()

    def _read(self, worker: Worker) -> None:
        try:
            message = worker.channel.receive()
        except BlockingIOError:
            return
        except (OSError, ValueError):
            message = None
        if message is None:
            self._died(worker)
        elif message[0] == READY:
            self._is_ready(worker, message[1])
        else:
            self._answered(worker, *message)

    def _is_ready(self, worker: Worker, block: bytes) -> None:
        worker.ready = True
        if self._loaded is not None:
            self._tell(msgspec.json.decode(block, type=Ready))
        self._idle.append(worker)
        self._wake()

    def _answered(self, worker: Worker, kind: bytes, block: bytes) -> None:
        try:
            outcome: Outcome = outcome_of(kind, block)
        except ValueError as error:
            outcome = Failed("crashed", f"its worker spoke nonsense: {error}")
            worker.leaving = True
        if kind == PART and worker.part is not None and isinstance(outcome, Done):
            worker.stop_timer()  # until the word comes, the time is the reader's
            worker.part(outcome.outputs, Turn(worker, worker.ended, self._watch, self._died).say)
            return
        ended = worker.release()
        if worker.leaving:
            self._retire(worker)
            self._fill()
        else:
            self._idle.append(worker)
        if ended is not None:
            ended(outcome)

    def _watch(self, worker: Worker) -> None:
        worker.timer = self._loop.call_later(worker.patience_s, self._expire, worker)

    def _expire(self, worker: Worker) -> None:
        """It has had its time: it is killed, and its death ends the call."""
        worker.hung = True
        try:
            self._nursery.kill(worker.number)
        except OSError:
            self._lose()

    def _died(self, worker: Worker) -> None:
        if self._workers.pop(worker.number, None) is None:
            return
        self._forget(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        ended = worker.release()
        self.deaths += 1
        self._mend()
        if ended is not None:
            ended(worker.fate)

    def _mend(self) -> None:
        """Replace the dead: at once, unless they die faster than makes sense."""
        if self._budget.spend(self._loop.time()):
            self._fill()
        else:
            self._loop.call_later(_PAUSE_S, self._fill)

    def _fill(self) -> None:
        """As many workers as there should be, beside those that leave."""
        staying = sum(not worker.leaving for worker in self._workers.values())
        for _ in range(0 if self.lost else self._settings.count - staying):
            self._spawn()

    def _retire(self, worker: Worker) -> None:
        """Close its line; it ends by itself."""
        self._workers.pop(worker.number, None)
        self._forget(worker)

    def _forget(self, worker: Worker) -> None:
        self._loop.remove_reader(worker.channel)
        worker.channel.close()

    def _hear(self) -> None:
        """What the nursery tells."""
        try:
            event = self._nursery.event()
        except BlockingIOError:
            return
        except OSError:
            event = None
        if event is None:
            self._lose()
        else:
            self._learn(event)

    def _learn(self, event: Event) -> None:
        worker = self._workers.get(event.worker)
        match event.what:
            case "started" if worker is not None:
                worker.pid = event.pid
            case "failed":
                self._tell(UserError(*event.problems))
            case "ended" if event.status:
                self._log("worker died", {"level": "error", "pid": event.pid, "status": event.status})

    def _tell(self, what: Ready | TrimtabError) -> None:
        if self._loaded is not None:
            told, self._loaded = self._loaded, None
            told(what)

    def _lose(self) -> None:
        """The nursery has gone; whoever supervises this process must replace it. What it said last still counts."""
        if self.lost:
            return
        self.lost = True
        self._loop.remove_reader(self._nursery)
        with suppress(OSError):
            while (event := self._nursery.event()) is not None:
                self._learn(event)
        self._tell(OutsideError(Problem("P305", "the process that loads the model has ended")))

    def _weigh(self) -> None:
        """Replace workers that have grown too large, after what they run."""
        self._look = self._loop.call_later(_LOOK_S, self._weigh)
        for worker in [*self._workers.values()]:
            if worker.ready and not worker.leaving and resident(worker.pid) > self._settings.memory:
                self._log("worker recycled", {"level": "warning", "pid": worker.pid, "why": "memory"})
                worker.leaving, self.outgrown = True, self.outgrown + 1
                self._fill()
                if worker in self._idle:
                    self._idle.remove(worker)
                    self._retire(worker)
