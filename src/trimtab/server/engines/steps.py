"""A predictor part by part: the same steps in a worker process and in a thread of the serving process."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator

from trimtab.bundle.predictor import Outputs, Predictor, parts_of
from trimtab.core.table import Table
from trimtab.server.engines import Done, Failed, Word
from trimtab.server.logs import describe

__all__ = ["Steps"]


class Steps:
    """One streamed call. A predictor that answers at once has one part."""

    def __init__(self, predictor: Predictor, table: Table, clock: Callable[[], float] = time.perf_counter) -> None:
        """Nothing runs yet."""
        parts = parts_of(predictor)
        self._parts = _at_once(predictor, table) if parts is None else parts(table)
        self._clock = clock
        self.seconds = 0.0  # of the model alone
        self.over = False

    def take(self, word: Word) -> Done | Failed:
        """The next part, or after STOP the end; never raises. `over` says whether this was the last."""
        start = self._clock()
        outputs: Outputs | None = None
        try:
            if word is Word.GO_ON:
                outputs = next(self._parts, None)
            else:
                self._parts.close()
        except BaseException as error:  # noqa: BLE001 - user code may raise anything, SystemExit too
            self.over = True
            said = describe(error)
            return Failed("raised", said["error"], said["traceback"])
        self.seconds += self._clock() - start
        self.over = outputs is None
        return Done({} if outputs is None else outputs, self.seconds)


def _at_once(predictor: Predictor, table: Table) -> Generator[Outputs, None, None]:
    yield predictor(table)
