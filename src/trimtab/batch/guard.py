"""A row that user code fails at never hurts its neighbours: a failing batch is halved until the row stands alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trimtab.bundle.predictor import Outputs, Predictor
from trimtab.core.dtypes import Array
from trimtab.core.errors import TrimtabError
from trimtab.core.table import Table

__all__ = ["Answers", "RowError", "answer"]


class RowError(Exception):
    """User code fails at a row, also when the row stands alone; `place` is its place in the table."""

    def __init__(self, place: int, cause: Exception) -> None:
        """The cause is what user code raised."""
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.place = place


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Outputs for some rows of a table, by their places, in parts; and the rows that user code failed at."""

    parts: tuple[tuple[Array, Outputs], ...]
    failed: tuple[RowError, ...] = ()


def answer(predictor: Predictor, table: Table, *, first_only: bool) -> Answers:
    """The predictor's answers; raises RowError for the first bad row if `first_only`, or if every row is bad.

    What trimtab itself refuses (TrimtabError) is about the model, not about a row, and passes through.
    """
    parts: list[tuple[Array, Outputs]] = []
    failed: list[RowError] = []
    # a stack of ranges, the leftmost on top: rows stay in order
    ranges = [(0, table.height)]
    while ranges:
        start, end = ranges.pop()
        part = table if end - start == table.height else table.rows(slice(start, end))
        try:
            parts.append((np.arange(start, end), predictor(part)))
        except TrimtabError:
            raise
        except Exception as error:
            if end - start > 1:
                middle = (start + end) // 2
                ranges += [(middle, end), (start, middle)]
                continue
            failed.append(RowError(start, error))
            if first_only or len(failed) == table.height > 1:
                raise failed[0] from error
    return Answers(tuple(parts), tuple(failed))
