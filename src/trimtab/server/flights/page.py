"""Memory of one flight that all processes share: where its traffic goes, and what each of them has counted.

The supervisor alone says where the traffic goes: it writes the slot that nobody reads, and then the number that says
which slot counts. So it changes for all processes at once, and to look costs one number.

Each process counts in a part of its own, and holds a lock of the kernel on it, which goes when the process ends,
however that happens. Whoever comes later goes on where the part was left: what was counted is never lost.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from typing import Final

import msgspec

from trimtab.core.traffic import Traffic

__all__ = ["Course", "Page"]

_WORD: Final = 8
_SLOT: Final = 2040
_SLOTS: Final = (8, 8 + _SLOT)  # where they begin, behind the number
_PARTS: Final = 4096  # where the parts begin


class Course(msgspec.Struct, frozen=True):
    """Where the traffic goes. until: when that ends, by the monotonic clock, and all goes to the champion again.

    promoted: everything goes to the challenger, for good.
    """

    traffic: Traffic
    until: float = 0.0
    promoted: bool = False


_encode: Final = msgspec.json.Encoder().encode
_read: Final = msgspec.json.Decoder(Course).decode


class Page:
    """Made by the supervisor; every process that is forked later has it too."""

    def __init__(self, course: Course, parts: int, width: int) -> None:
        """parts: processes that may count at once; width: numbers that each of them counts."""
        size = _PARTS + parts * width * _WORD
        self._file = os.memfd_create("trimtab-flight", os.MFD_CLOEXEC)
        os.ftruncate(self._file, size)
        self._map = mmap.mmap(self._file, size)
        self._bytes = memoryview(self._map)
        self.number = self._bytes[:_WORD].cast("Q")  # of the course that counts now
        numbers = self._bytes[_PARTS:].cast("d")
        self.parts = [numbers[at * width : (at + 1) * width] for at in range(parts)]
        self.steer(course)

    def steer(self, course: Course) -> None:
        """This course counts from now on; ValueError for one that is too long to be written."""
        text = _encode(course)
        if len(text) > _SLOT - _WORD:
            raise ValueError("the course is too long")
        number = self.number[0] + 1
        start = _SLOTS[number % 2]
        self._bytes[start : start + _WORD].cast("Q")[0] = len(text)
        self._bytes[start + _WORD : start + _WORD + len(text)] = text
        self.number[0] = number

    def course(self) -> tuple[int, Course]:
        """The course that counts, and its number."""
        while True:
            number = self.number[0]
            start = _SLOTS[number % 2]
            length = self._bytes[start : start + _WORD].cast("Q")[0]
            text = bytes(self._bytes[start + _WORD : start + _WORD + min(length, _SLOT - _WORD)])
            if self.number[0] == number:  # or it was steered meanwhile, and the slot may be the next one's
                return number, _read(text)

    def claim(self) -> memoryview[float]:
        """A part that no other process counts in; in the unlikely case that all are taken, the last one."""
        for at, part in enumerate(self.parts):
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, at)
            except OSError:
                continue
            return part
        return self.parts[-1]

    def close(self) -> None:
        """Of no use any more in this process; processes that have it keep it."""
        os.close(self._file)
