"""A temporary folder that only its owner may enter, and that goes with who made it.

What is there may be private, or large. So a process that was killed must not leave it for ever: whoever makes one next
removes the folders that no process holds the lock of.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["OwnFolder"]

_LOCK: Final = ".lock"


class OwnFolder:
    """A folder of this process, and of those that are forked from it; `path`."""

    def __init__(self, prefix: str) -> None:
        """Made, after those of that prefix that were left behind are gone; OSError where none can be made."""
        _sweep(Path(tempfile.gettempdir()), prefix)
        self.path, self._lock = _locked(prefix)
        while not self.path.is_dir():  # somebody who sweeps had its lock first
            os.close(self._lock)
            self.path, self._lock = _locked(prefix)

    def remove(self) -> None:
        """With all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _locked(prefix: str) -> tuple[Path, int]:
    path = Path(tempfile.mkdtemp(prefix=prefix))
    lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return path, lock


def _sweep(folder: Path, prefix: str) -> None:
    for left in folder.glob(f"{prefix}*"):
        with suppress(OSError):  # somebody else's, or going away now
            lock = os.open(left / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(lock)
