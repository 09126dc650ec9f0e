"""Requests that are answered where they arrive: so quick that a place in the queue costs more than a batch saves.

Where many arrive in one turn of the loop a batch does save: each step's code is still in the caches for the next
request. One request in a few goes into the queue anyway, and those behind it with it, which shows how many there are.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Final

from trimtab.bundle.predictor import Outputs, Predictor
from trimtab.core.table import Table
from trimtab.server.batching.batcher import Batcher, BatchLimits
from trimtab.server.batching.curve import Curve

__all__ = ["AtOnce"]

_QUEUE_S: Final = 40e-6  # what one call alone costs more through queue, batch and engine; measured
_JOINED: Final = 3.0  # requests that share a batch, from which on batches are cheaper; measured
_PROBE: Final = 17  # one request in so many goes into the queue; prime, so as not to be always the last of a turn
_NOTED: Final = 8  # one call in so many is timed
_STEADY: Final = 1024  # calls after which it is looked again for which heights this is worth it


class AtOnce:
    """Native code, on the loop's thread, ahead of a queue that is empty."""

    def __init__(
        self,
        predictor: Predictor,
        batcher: Batcher,
        curve: Curve,
        limits: BatchLimits,
        longest_s: float,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        """longest_s: what is expected to take longer would hold up the loop."""
        self._predictor = predictor
        self._batcher = batcher
        self._curve = curve
        self._limits = limits
        self._longest_s = longest_s
        self._clock = clock
        self._worth: dict[int, bool] = {}  # by rows
        self._calls = 0

    def __call__(self, table: Table) -> Outputs | None:
        """The answers; None when the queue is to have the rows, which also tells what is wrong with those that fail."""
        height = table.height
        worth = self._worth.get(height)
        if worth is None:
            worth = self._worth[height] = self.worth(height)
        batcher = self._batcher
        self._calls += 1
        if not worth or batcher.joined >= _JOINED or self._calls % _PROBE == 0 or not batcher.idle:
            return None
        noted = self._calls % _NOTED == 1
        start = self._clock() if noted else 0.0
        try:
            outputs = self._predictor(table)
        except BaseException:  # noqa: BLE001 - whatever it is, it is raised again behind the queue, and told there
            return None
        if noted:
            self._note(height, self._clock() - start)
        return outputs if batcher.complete(outputs, height) else None

    @property
    def crowded(self) -> bool:
        """Whether requests wait in the queue: how long it may become is decided there."""
        return self._batcher.waiting > 0

    def worth(self, height: int) -> bool:
        """Whether the rows are quick alone, and hardly quicker among others."""
        alone_s = self._curve.seconds(height)
        if alone_s > self._longest_s:
            return False
        joined_s = height * self._curve.row_seconds(self._limits.goal_s, self._limits.rows)
        return self._limits.rows == 1 or alone_s - joined_s <= _QUEUE_S

    def _note(self, height: int, seconds: float) -> None:
        self._curve.note(height, seconds)
        if self._calls % _STEADY < _NOTED:
            self._worth.clear()
