"""The thread that waits for the disk, so that the loop need not."""

from __future__ import annotations

import threading
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Final, Literal, Protocol, TypeAlias

__all__ = ["BUSY", "Hand", "Outcome", "Pen", "Waiting"]

Outcome: TypeAlias = Literal["kept", "lost", "refused"]
_SYNC_S: Final = 1.0  # what was written is on the disk after so long, where the disk keeps up
_FAREWELL_S: Final = 10.0
BUSY: Final = OSError("the pen is in use")


class Pen(Protocol):
    """Writes segments; see `Writer`. Used by one thread at a time, but for `flush`."""

    def write(self, frames: Sequence[tuple[int, bytes]]) -> None:
        """All of them are safe from the death of this process, or OSError and none is there."""

    def sync(self) -> None:
        """What was written is safe from a power cut; OSError."""

    def flush(self) -> None:
        """Ask for what was written to go to the disk, beside whoever writes; OSError."""

    def turn(self) -> None:
        """End a segment that is old; OSError."""

    def close(self) -> None:
        """No more; OSError."""


class Waiting:
    """Frames that are to be written, and who waits for that; since: on the clock of `monotonic`."""

    __slots__ = ("frames", "given_up", "interactions", "later", "since")

    def __init__(
        self, frames: Sequence[tuple[int, bytes]], later: Callable[[Outcome], None] | None = None, interactions: int = 0
    ) -> None:
        """later: None where nobody waits. interactions: how many of the frames are counted as such."""
        self.frames = frames
        self.later = later
        self.interactions = interactions
        self.since = monotonic()
        self.given_up = False  # it was waited for too long; it may still be written

    @property
    def size(self) -> int:
        """Bytes of all payloads."""
        return sum(len(frame[1]) for frame in self.frames)


class Hand:
    """Takes what waits, writes it in as few calls as possible, and says on the loop what became of it."""

    def __init__(
        self,
        pen: Pen,
        loop: AbstractEventLoop,
        done: Callable[[Sequence[Waiting], OSError | None], None],
        *,
        sync: bool,
    ) -> None:
        """sync: each time, before it says so."""
        self._pen, self._loop, self._done = pen, loop, done
        self._sync = sync
        self._lock = threading.Lock()  # of the pen
        self._queue: deque[Waiting] = deque()
        self._taken = self._finished = 0  # bytes; the first is the loop's to count, the second the thread's
        self._writing: list[Waiting] = []
        self.waits = 0  # how many, as far as the loop has heard; what comes next belongs behind them
        self._wake = threading.Event()
        self._ending = False
        self._fresh = False  # written and not synced
        self._synced_at = monotonic()
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> list[Waiting]:
        """All that is not done."""
        return [*self._writing, *list(self._queue)]

    def take(self, one: Waiting, room: int) -> bool:
        """Queue it; False where more than `room` bytes wait already."""
        size = one.size
        if self._taken - self._finished + size > room:
            return False
        self._taken += size
        self.waits += 1
        self._queue.append(one)
        self.look()
        return True

    def write(self, frames: Sequence[tuple[int, bytes]]) -> OSError | None:
        """Write now, on the loop, which has seen that nothing waits; BUSY where the thread has the pen."""
        if not self._lock.acquire(blocking=False):
            return BUSY
        try:
            self._pen.write(frames)
        except OSError as error:
            return error
        finally:
            self._lock.release()
        self._fresh = True
        return None

    def look(self) -> None:
        """There is, or may be, something to do: old segments end, what was written is synced, away from the loop."""
        if self._thread is None and not self._ending:
            self._thread = threading.Thread(target=self._run, name="trimtab-journal", daemon=True)
            self._thread.start()
        self._wake.set()

    def _run(self) -> None:
        while not self._ending:
            self._wake.wait()
            self._wake.clear()
            self._work()
            self._upkeep()

    def _work(self) -> None:
        while self._queue:
            batch = self._writing = [self._queue.popleft() for _ in range(len(self._queue))]
            frames = [frame for one in batch for frame in one.frames]
            error = self._tried(partial(self._pen.write, frames))
            self._fresh = True
            if error is None and self._sync:
                error = self._tried(self._pen.sync)
            self._finished += sum(one.size for one in batch)
            self._writing = []
            self._tell(batch, error)

    def _upkeep(self) -> None:
        error = self._tried(self._pen.turn)
        if error is None and self._fresh and not self._sync and monotonic() - self._synced_at >= _SYNC_S:
            self._fresh = False
            self._synced_at = monotonic()
            try:
                self._pen.flush()
            except OSError as failed:
                error = failed
        if error is not None:
            self._tell((), error)

    def _tell(self, waiting: Sequence[Waiting], error: OSError | None) -> None:
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(self._heard, waiting, error)

    def _heard(self, done: Sequence[Waiting], error: OSError | None) -> None:
        self.waits -= len(done)
        self._done(done, error)

    def _tried(self, do: Callable[[], None]) -> OSError | None:
        try:
            with self._lock:
                do()
        except OSError as error:
            return error
        return None

    def close(self, patience_s: float = _FAREWELL_S) -> OSError | None:
        """Write what waits, sync, and end: from now on nothing is taken. patience_s: for what the thread is at."""
        self._ending = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(patience_s)
            if self._thread.is_alive():
                return OSError("the disk does not answer")
        self._work()
        return self._tried(self._pen.sync) or self._tried(self._pen.close)
