"""One worker as the server sees it: its line, what it runs, and what is known of it."""

from __future__ import annotations

from asyncio import TimerHandle
from collections.abc import Callable
from dataclasses import dataclass

from trimtab.core.table import Table
from trimtab.server.engines import Ended, Failed, Part, Word
from trimtab.server.logs import describe
from trimtab.server.workers.channel import Channel
from trimtab.server.workers.child import ASK, ASK_PARTS
from trimtab.server.workers.codec import pack_table

__all__ = ["Turn", "Worker"]


@dataclass(slots=True, eq=False)
class Worker:
    """number: the nursery knows it by it. leaving: it ends after what it runs. hung: it was killed for being slow."""

    number: int
    channel: Channel
    pid: int = 0
    ready: bool = False
    leaving: bool = False
    hung: bool = False
    ended: Ended | None = None
    part: Part | None = None
    patience_s: float = 0.0
    timer: TimerHandle | None = None

    def ask(self, table: Table, ended: Ended, part: Part | None = None) -> Failed | None:
        """Send it a table; OSError when it has gone. What comes back: why the table cannot travel; nothing was sent."""
        self.ended, self.part = ended, part
        try:
            self.channel.send(ASK if part is None else ASK_PARTS, pack_table(table))
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a table must not cost the worker
            self.release()
            said = describe(error)
            return Failed("raised", f"the rows cannot reach the model's process: {said['error']}", said["traceback"])
        return None

    @property
    def fate(self) -> Failed:
        """How the call of a worker ends that has died."""
        if self.hung:
            return Failed("hung", f"it took too long, and its worker process {self.pid} was killed")
        return Failed("crashed", f"its worker process {self.pid} died")

    def release(self) -> Ended | None:
        """It runs nothing any more; what was waiting for it."""
        self.stop_timer()
        ended, self.ended, self.part = self.ended, None, None
        return ended

    def stop_timer(self) -> None:
        """It is not the one that takes its time now."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A part of this call was handed over: its worker waits for the word."""

    worker: Worker
    ended: Ended | None
    watch: Callable[[Worker], None]
    died: Callable[[Worker], None]

    def say(self, word: Word) -> None:
        """Pass it on, unless it was said or the call is over."""
        worker = self.worker
        if worker.ended is not self.ended or worker.timer is not None:
            return
        try:
            worker.channel.send(word.value)
        except OSError:
            self.died(worker)
        else:
            self.watch(worker)
