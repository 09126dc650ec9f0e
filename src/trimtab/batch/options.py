"""How a file is scored, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from trimtab.core.nulls import CSV_NULLS

__all__ = ["ScoreOptions", "ScoreReport"]


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """keep: input columns copied before the outputs, by name, or "all".

    refused: a JSON-lines file for the rows that the signature or the model refuses; they get null outputs. Without it,
    the first batch with such a row stops the run. batch_rows and batch_bytes bound a batch; wide rows make it smaller.
    nulls: the CSV cells that mean null, by default those of pandas' `read_csv`, as in a sample. progress: called with
    rows done and, where known beforehand, rows in all.
    """

    keep: tuple[str, ...] | Literal["all"] = ()
    refused: Path | None = None
    overwrite: bool = False
    batch_rows: int = 8192
    batch_bytes: int = 16 * 2**20
    nulls: tuple[str, ...] = CSV_NULLS
    progress: Callable[[int, int | None], None] | None = None


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What came of it: rows read and written, how many of them were refused, seconds of wall time."""

    rows: int
    refused: int
    seconds: float
    target: Path

    @property
    def rows_per_s(self) -> float:
        """Rows a second of wall time."""
        return self.rows / self.seconds if self.seconds else 0.0
