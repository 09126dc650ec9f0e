"""The engine for predictors that are native code all through: on the event loop when quick, in a thread when not.

Native code drops Python's lock, so a long call in a thread leaves the loop free. User Python has no place here: it may
hang, leak or crash, and belongs into worker processes.
"""

from __future__ import annotations

import time
from asyncio import AbstractEventLoop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from trimtab.bundle.predictor import Predictor
from trimtab.core.table import Table
from trimtab.server.batching.curve import Curve
from trimtab.server.engines import Done, Ended, Failed, Outcome, Part, Word
from trimtab.server.engines.steps import Steps
from trimtab.server.logs import describe

__all__ = ["Inline", "attempt"]


class Inline:
    """Runs a predictor in this process; at most `threads` long calls at once."""

    def __init__(
        self, predictor: Predictor, curve: Curve, loop: AbstractEventLoop, on_loop_s: float, threads: int = 1
    ) -> None:
        """A call expected to take at most `on_loop_s` seconds runs on the loop itself."""
        self._predictor = predictor
        self._curve = curve
        self._loop = loop
        self._on_loop_s = on_loop_s
        self._threads = threads
        self._busy = 0
        self._pool: ThreadPoolExecutor | None = None

    @property
    def free(self) -> int:
        """Threads that have nothing to do."""
        return self._threads - self._busy

    def start(
        self,
        table: Table,
        patience_s: float,  # noqa: ARG002 - native code is not stopped
        ended: Ended,
        part: Part | None = None,
    ) -> None:
        """Predict here and now, or in a thread; part by part always there."""
        if part is not None:
            self._busy += 1
            self._step(Steps(self._predictor, table), Word.GO_ON, ended, part)
            return
        if self._curve.seconds(table.height) <= self._on_loop_s:
            ended(attempt(self._predictor, table))
            return
        self._busy += 1
        self._threaded().submit(self._in_thread, table, ended)

    def _threaded(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, "trimtab-engine")
        return self._pool

    def _in_thread(self, table: Table, ended: Ended) -> None:
        outcome = attempt(self._predictor, table)
        self._loop.call_soon_threadsafe(self._return, ended, outcome)

    def _return(self, ended: Ended, outcome: Outcome) -> None:
        self._busy -= 1
        ended(outcome)

    def _step(self, steps: Steps, word: Word, ended: Ended, part: Part) -> None:
        def arrived(outcome: Done | Failed) -> None:
            if steps.over:
                self._return(ended, outcome)
            elif isinstance(outcome, Done):
                part(outcome.outputs, lambda word: self._step(steps, word, ended, part))

        self._threaded().submit(lambda: self._loop.call_soon_threadsafe(arrived, steps.take(word)))

    def close(self) -> None:
        """The threads end after what they run."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


def attempt(predictor: Predictor, table: Table, clock: Callable[[], float] = time.perf_counter) -> Outcome:
    """What calling the predictor gives; never raises."""
    start = clock()
    try:
        outputs = predictor(table)
    except BaseException as error:  # noqa: BLE001 - user code may raise anything, SystemExit too
        said = describe(error)
        return Failed("raised", said["error"], said["traceback"])
    return Done(outputs, clock() - start)
