"""Who uses a stored bundle: a shared kernel lock on its folder, from the moment it was found until nobody has it.

The kernel lets a lock go with the last process that has it, however that one ends. What was forked has it too; a
program that is started anew takes its own.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["Lease", "claimed", "take"]

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class Lease:
    """While this object lives, here or in a process forked since, nothing removes the folder."""

    __slots__ = ("_close", "_handle")

    def __init__(self, folder: Path) -> None:
        """Waits for nobody but who removes the folder; OSError when there is none."""
        self._close = os.close  # still there when the interpreter ends
        self._handle = os.open(folder, _OPEN)
        with suppress(OSError):  # a file system without locks: then nothing can be removed from it either
            fcntl.flock(self._handle, fcntl.LOCK_SH)

    def is_on(self, folder: Path) -> bool:
        """Whether the folder of that name is the one that was locked, and not gone or another."""
        try:
            return os.path.samestat(os.fstat(self._handle), folder.stat())
        except OSError:
            return False

    def __del__(self) -> None:
        """Closed, not unlocked: processes forked meanwhile keep theirs."""
        handle = getattr(self, "_handle", None)
        if handle is not None:
            self._close(handle)


def take(folder: Path) -> Lease | None:
    """A lease on the folder as it is there now; None when there is none (any more)."""
    while True:
        try:
            lease = Lease(folder)
        except OSError:
            return None
        if lease.is_on(folder):
            return lease


@contextmanager
def claimed(folder: Path) -> Iterator[bool]:
    """Whether nobody has a lease on the folder; if so, nobody gets one while the block runs."""
    try:
        handle = os.open(folder, _OPEN)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free = True
        except OSError:  # it is used, or there is no telling
            free = False
        yield free
    finally:
        os.close(handle)
