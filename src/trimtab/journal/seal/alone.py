"""One process at a time changes what is sealed: a kernel lock on `lock` in the journal's folder.

The kernel lets it go when its process ends, however that happens. Readers and writers never ask for it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trimtab.core.errors import OutsideError, Problem

__all__ = ["alone"]


@contextmanager
def alone(journal: Path, *, wait: bool = False) -> Iterator[bool]:
    """Whether nobody else does it now; with `wait` after waiting for the others. OutsideError P921 without a lock."""
    path = journal / "lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        what = f"the journal cannot be locked: {error.strerror or error}"
        raise OutsideError(Problem("P921", what, str(path))) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
