"""Requests that came in one turn of the loop: read into one matrix, and answered by one call of a model that is quick.

Nothing waits for a place, and nothing is copied for it. What is not as it mostly is goes into the queue, one by one:
a call that fails, which the queue takes apart, an answer that is not plain, a caller that has gone meanwhile. So does
what comes while others wait there, or in a turn that has taken long enough.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np

from trimtab.bundle.predictor import Outputs, Predictor
from trimtab.core.table import Numbers, Table, side_by_side
from trimtab.server.batching.batcher import Batcher, BatchLimits
from trimtab.server.dialects.oip_answer import texts_of
from trimtab.server.endpoint import Endpoint
from trimtab.server.engines import Done
from trimtab.server.engines.inline import attempt
from trimtab.server.express.kernel import Kernel
from trimtab.server.express.reading import Reading, kernel_of
from trimtab.server.express.waiting import Waiting

__all__ = ["Together", "open_together"]


class Together(Reading):
    """As `Reading`, with the model at hand; on the loop's thread."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it is wired to; made in one place
        self,
        endpoint: Endpoint,
        kernel: Kernel,
        predictor: Predictor,
        batcher: Batcher,
        limits: BatchLimits,
        longest_s: float,
        soon: Callable[[Callable[[], None]], object],
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        """kernel: with room for others. longest_s: of a call, and of the calls of one turn."""
        super().__init__(endpoint, kernel)
        self._predictor, self._batcher, self._limits = predictor, batcher, limits
        self._curve, self._texts = endpoint.curve, texts_of(endpoint)
        self._longest_s, self._soon, self._clock = longest_s, soon, clock
        self._come: list[Waiting] = []
        self._rows = 0  # of those
        self._enough = self._find_enough()  # rows of a call that is not to have more
        self._spent_s = 0.0  # in this turn
        self._due = False

    @property
    def open(self) -> bool:
        """Whether a request may come in here: nobody waits in the queue, and there is time in this turn."""
        return self._spent_s < self._longest_s and (self._rows > 0 or self._batcher.idle)

    def take(self, data: bytes, begin: int) -> int:
        """The rows of the body that begins there, behind those that are here; 0 where it has to be read in full."""
        at = self._kernel.run(self._kernel.address, data, begin, len(data))
        return 0 if at < 0 else self._frames[at].rows

    def add(self, one: Waiting) -> None:
        """Its rows are those that were taken last."""
        one.begin = self._rows
        self._come.append(one)
        self._rows += one.rows
        if not self._due:
            self._due = True
            self._soon(self._turn)
        if self._rows >= self._enough:
            self._call()
        else:
            self._kernel.begin_at(self._rows)

    def _find_enough(self) -> int:
        most = self._limits.rows
        return min(self._curve.best_rows(self._limits.goal_s, most) if most > 1 else 1, self._kernel.most)

    def _turn(self) -> None:
        """The turn of the loop ends."""
        self._due = False
        try:
            if self._come:
                self._call()
        finally:
            self._spent_s = 0.0

    def _call(self) -> None:
        start = self._clock()
        come, rows = self._come, self._rows
        self._come, self._rows = [], 0
        self._kernel.begin_at(0)
        outputs = self._outputs(rows) if all(one.waits for one in come) else None
        try:
            if outputs is not None:
                self._batcher.join(len(come))
                self._tell(come, outputs)
        finally:
            for one in come:
                if one.waits:
                    one.queue(self.part(one.begin, one.rows))
        self._spent_s += self._clock() - start

    def _outputs(self, rows: int) -> Outputs | None:
        """The model's answers to the first rows of the matrix; None where the queue had better ask it."""
        if self._curve.seconds(rows) > self._longest_s:
            return None
        outcome = attempt(self._predictor, self._view(rows), self._clock)
        if not isinstance(outcome, Done) or not self._batcher.complete(outcome.outputs, rows):
            return None
        self._curve.note(rows, outcome.seconds)
        self._enough = self._find_enough()
        matrix = self._kernel.matrix  # the next rows come into it: what a model answers with its own rows is copied
        return {
            name: values.copy() if np.may_share_memory(values, matrix) else values
            for name, values in outcome.outputs.items()
        }

    def _view(self, rows: int) -> Table:
        """The first rows of the matrix, which is not to be changed until the model has answered."""
        matrix = self._kernel.matrix[:rows]
        if self._matrix:
            (name,) = self._fields
            return Table({name: Numbers(matrix)}, rows)
        return side_by_side(self._fields, matrix.T.copy())

    def _tell(self, come: list[Waiting], outputs: Outputs) -> None:
        """Each has its part of the answers."""
        said = self._texts.each(outputs, [one.rows for one in come]) if len(outputs) == 1 else None
        matrix = self._kernel.matrix
        for at, one in enumerate(come):
            where = slice(one.begin, one.begin + one.rows)
            if said is not None:
                (answers,) = outputs.values()
                if one.said(said[at], matrix[where], answers[where]):
                    continue
            one.table = self.part(one.begin, one.rows)
            one.told({name: values[where] for name, values in outputs.items()})
        if (scribe := come[0].scribe) is not None:
            scribe.hurry()


def open_together(  # noqa: PLR0913, PLR0917 - as above
    endpoint: Endpoint,
    predictor: Predictor,
    batcher: Batcher,
    limits: BatchLimits,
    longest_s: float,
    soon: Callable[[Callable[[], None]], object],
    most: int,
) -> Together | None:
    """The endpoint's, for so many rows; None where they are more than numbers, or the kernels were not built."""
    kernel = kernel_of(endpoint, most, others=True)
    return None if kernel is None else Together(endpoint, kernel, predictor, batcher, limits, longest_s, soon)
