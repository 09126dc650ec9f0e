"""Where user code runs when it may take long: one thread beside the event loop, one call at a time.

The loop runs a call itself only while the engine is idle, so user code never runs twice at once in one process.
Batching and worker processes come in here: whoever calls `submit` need not know.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Final, TypeVar

__all__ = ["Engine"]

T = TypeVar("T")
_STOP: Final = None


class Engine:
    """A queue of calls and the thread that works them off; the thread never keeps the process alive."""

    def __init__(self) -> None:
        """No thread is started before the first call."""
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._begun = 0  # written by the submitting thread only
        self._ended = 0  # written by the engine's thread only

    @property
    def waiting(self) -> int:
        """Calls that were submitted and have not ended."""
        return self._begun - self._ended

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """The future result of the call; must be used from one thread only."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="trimtab-engine", daemon=True)
            self._thread.start()
        future: Future[T] = Future()
        self._begun += 1
        self._queue.put((future, call))
        return future

    def close(self) -> None:
        """The thread ends after what was submitted before; nobody waits for it."""
        if self._thread is not None:
            self._queue.put(_STOP)

    def _work(self) -> None:
        while (item := self._queue.get()) is not _STOP:
            future, call = item
            if not future.set_running_or_notify_cancel():
                self._ended += 1
                continue
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001 - user code may raise anything, SystemExit too
                self._ended += 1
                future.set_exception(error)
            else:
                self._ended += 1
                future.set_result(result)
            del item, future, call  # nothing of a finished request is kept while the next one is awaited
