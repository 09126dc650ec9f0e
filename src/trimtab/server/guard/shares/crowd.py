"""How many requests of one caller are being answered at once, in all serving processes.

Every process counts in a column of its own, which is its own as long as it holds the kernel's lock on it: the counts of
a process that died are found by that and cleared when the next one comes. Nobody else writes the column, so that no
decrement is lost; the sum over the columns is looked at under the lock of the caller's bucket.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from dataclasses import dataclass
from typing import Final

from trimtab.server.logs import Log

__all__ = ["Crowd", "Seat"]

_SLOTS: Final = 8  # of a bucket: callers that are answered at once, of thousands of buckets
_KEY: Final = 16
_CELL: Final = 4
_GENERATIONS: Final = 4  # of one process at a time: those before it may still finish what they took


@dataclass(slots=True)
class Seat:
    """Where one caller is counted: its bucket, its key of 16 bytes, and the slot that it was last found in."""

    bucket: int
    key: bytes
    slot: int = 0


class Crowd:
    """The counts. Made before the fork; every call but `attach` is made under the lock of the seat's bucket."""

    def __init__(self, buckets: int, processes: int, log: Log) -> None:
        """Nobody is there yet."""
        self._log = log
        self._columns = processes * _GENERATIONS
        self._rows = buckets * _SLOTS
        self._keys = -(-self._columns // _KEY) * _KEY  # before them: a byte for each column that was ever in use
        cells = self._keys + self._rows * _KEY
        size = cells + self._columns * self._rows * _CELL
        self._handle = os.memfd_create("trimtab-crowd", os.MFD_CLOEXEC)
        os.ftruncate(self._handle, size)
        self._map = mmap.mmap(self._handle, size)
        self._cells = memoryview(self._map)[cells:].cast("I")
        self._own = 0

    def attach(self, process: int) -> None:
        """This process, of that number, gets a column; those of processes that have ended are cleared."""
        first = process * _GENERATIONS
        own = -1
        for column in (*range(first, self._columns), *range(first)):
            try:
                fcntl.lockf(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, column)
            except OSError:
                continue  # whoever has it lives
            self._clear(column)
            if own < 0:
                own = column
            else:
                fcntl.lockf(self._handle, fcntl.LOCK_UN, 1, column)
        if own < 0:  # so many processes on their way out: wait for one
            self._log("waiting for a process to end", {"level": "warning", "process": process})
            own = first
            fcntl.lockf(self._handle, fcntl.LOCK_EX, 1, own)
            self._clear(own)
        self._own = own * self._rows
        self._map[own] = 1

    def _clear(self, column: int) -> None:
        if self._map[column]:  # only then: pages that were never touched take no memory
            start = column * self._rows
            self._cells[start : start + self._rows] = memoryview(bytes(self._rows * _CELL)).cast("I")
            self._map[column] = 0

    def enter(self, seat: Seat, limit: int) -> bool:
        """One more, if fewer than the limit are there."""
        row = self._row(seat)
        if row < 0:
            row = self._free(seat)
        if row < 0 or sum(self._cells[row :: self._rows].tolist()) >= limit:
            return False
        self._cells[self._own + row] += 1
        return True

    def leave(self, seat: Seat) -> None:
        """One less of this process; without one that entered nothing happens."""
        row = self._row(seat)
        if row >= 0 and (count := self._cells[self._own + row]):
            self._cells[self._own + row] = count - 1

    def _row(self, seat: Seat) -> int:
        """Where the caller is counted; -1 for nowhere."""
        first = seat.bucket * _SLOTS
        page = self._keys + first * _KEY
        at = page + seat.slot * _KEY
        if self._map[at : at + _KEY] != seat.key:
            for slot in range(_SLOTS):
                at = page + slot * _KEY
                if self._map[at : at + _KEY] == seat.key:
                    seat.slot = slot
                    break
            else:
                return -1
        return first + seat.slot

    def _free(self, seat: Seat) -> int:
        """A row in which nobody is; -1 where all are taken, by thousands of callers at once."""
        first = seat.bucket * _SLOTS
        for slot in range(_SLOTS):
            if not any(self._cells[first + slot :: self._rows].tolist()):
                at = self._keys + (first + slot) * _KEY
                self._map[at : at + _KEY] = seat.key
                seat.slot = slot
                return first + slot
        return -1
