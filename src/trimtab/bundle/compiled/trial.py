"""What the original answers to made-up rows, kept for the process that holds the compiled form against it."""

from __future__ import annotations

import pickle
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np

from trimtab.bundle.compiled.pools import Pools
from trimtab.bundle.predictor import Outputs
from trimtab.core.dtypes import Array
from trimtab.core.table import Table

__all__ = [
    "CHUNK",
    "Of",
    "Probe",
    "TooLongError",
    "Trial",
    "one_thread",
    "quietly",
    "read_trials",
    "record",
    "write_trials",
]

CHUNK: Final = 5_000  # rows that are asked at once; a part of what makes the rows, so never to be varied
_MOST_REFUSED: Final = 2_000

Of: TypeAlias = Literal["bundle", "model"]
Answer: TypeAlias = Callable[[Table], Outputs]


class TooLongError(Exception):
    """The time was up; what was done until then."""


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """One row with one unusual value, and its answer; None: the original raised."""

    table: Table
    outputs: Outputs | None


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Rows, as the pools that make them, and what the original answered.

    of: the whole bundle, or the model alone, asked with prepared rows. refused: of each chunk, the rows that the
    original raised for. answers: of each chunk, those to the other rows.
    """

    of: Of
    pools: Pools
    rows: int
    probes: tuple[Probe, ...]
    refused: tuple[Array, ...]
    answers: tuple[Outputs, ...]

    @property
    def tried(self) -> int:
        """Rows in all."""
        return self.rows + len(self.probes)

    def chunks(self) -> Iterator[tuple[Table, Array, Outputs]]:
        """Each table of rows with the places of the refused ones and the answers to the others."""
        return zip(self.pools.chunks(self.rows, CHUNK), self.refused, self.answers, strict=True)


def record(of: Of, answer: Answer, pools: Pools, rows: int, until: float) -> Trial:
    """Ask the original; TooLongError when the clock (`time.perf_counter`) passes `until`, or when it refuses too much.

    What one value alone makes it refuse is kept out of the many rows, which would otherwise mostly be refused.
    """
    probes: list[Probe] = []
    bad: list[tuple[int, int]] = []
    with quietly():
        for pool, places, table in pools.probes():
            found = _each(answer, table)
            probes += [Probe(table.rows(slice(row, row + 1)), outputs) for row, outputs in enumerate(found)]
            bad += [(pool, place) for place, outputs in zip(places, found, strict=True) if outputs is None]
            _check_time(until, f"{len(probes)} rows")
        pools = pools.spared(bad)
        refused, answers, total = [], [], 0
        for number, table in enumerate(pools.chunks(rows, CHUNK)):
            gone = _refused(answer, table, 0, _MOST_REFUSED - total)
            total += len(gone)
            keep = np.setdiff1d(np.arange(table.height), gone)
            refused.append(keep[:0] if not len(gone) else np.array(gone))
            answers.append(answer(table.rows(keep)))
            _check_time(until, f"{number * CHUNK} rows")
    return Trial(of, pools, rows, tuple(probes), tuple(refused), tuple(answers))


def _each(answer: Answer, table: Table) -> list[Outputs | None]:
    """What each row is answered, None where it is refused; asked together as far as none is, which is much cheaper."""
    if not table.height:
        return []
    outputs = _tried(answer, table)
    if outputs is not None:
        return [{name: values[row : row + 1] for name, values in outputs.items()} for row in range(table.height)]
    if table.height == 1:
        return [None]
    half = table.height // 2
    return [*_each(answer, table.rows(slice(0, half))), *_each(answer, table.rows(slice(half, None)))]


def _check_time(until: float, done: str) -> None:
    if time.perf_counter() > until:
        raise TooLongError(f"the time for the comparison was up after {done}")


def _tried(answer: Answer, table: Table) -> Outputs | None:
    try:
        return answer(table)
    except Exception:  # noqa: BLE001  # user code may raise anything; that it does is what is asked
        return None


def _refused(answer: Answer, table: Table, first: int, most: int) -> list[int]:
    """The rows that the original raises for, found by halving."""
    if _tried(answer, table) is not None:
        return []
    if table.height == 1:
        return [first]
    half = table.height // 2
    found = _refused(answer, table.rows(slice(0, half)), first, most)
    found += _refused(answer, table.rows(slice(half, None)), first + half, most - len(found))
    if len(found) > most:
        raise TooLongError("the model refuses too many of the rows that were made up")
    return found


@contextmanager
def one_thread() -> Iterator[None]:
    """One native thread a call where threadpoolctl is installed, as it is beside scikit-learn.

    Threads that wait for each other over one row cost a busy machine a thousand times what the row does.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ModuleNotFoundError:
        yield
        return
    with threadpool_limits(1):
        yield


@contextmanager
def quietly() -> Iterator[None]:
    """Without the warnings that strange numbers cause."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def write_trials(trials: list[Trial], path: Path) -> None:
    """For `read_trials` in another process of this packaging; the file is never part of a bundle."""
    path.write_bytes(pickle.dumps(trials, protocol=5))


def read_trials(path: Path) -> list[Trial]:
    """What `write_trials` wrote."""
    trials: list[Trial] = pickle.loads(path.read_bytes())  # noqa: S301  # our own file in a folder of our own
    return trials
