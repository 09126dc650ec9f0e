"""What a writer asks of the operating system, and no more: the seam at which tests let a disk fail."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from trimtab.core.replacement import sync_folder

__all__ = ["OS", "Files"]

_NEW: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_TRIES: Final = 100  # each would have to meet a sweep within microseconds


class Files(Protocol):
    """Each may raise OSError, and has then done nothing, or for `write` less."""

    def create(self, path: Path, /) -> int:
        """A new, empty file of mode 0600, opened for appending, with this process's exclusive lock on it."""

    def write(self, file: int, data: bytes, /) -> int:
        """Append; returns how many of the bytes were."""

    def sync(self, file: int, /) -> None:
        """What was written survives a power cut from now on."""

    def truncate(self, file: int, size: int, /) -> None:
        """Leave only so many bytes from the beginning."""

    def rename(self, old: Path, new: Path, /) -> None:
        """Give a file another name in its folder."""

    def remove(self, path: Path, /) -> None:
        """Take a file's name away."""

    def sync_folder(self, path: Path, /) -> None:
        """The names in the folder survive a power cut from now on."""

    def close(self, file: int, /) -> None:
        """Let the file go, and with it the lock, unless a forked process has it too."""


class _OS:
    """The real ones; what is called for every request is the system's own function."""

    write = staticmethod(os.write)
    sync = staticmethod(os.fdatasync)
    truncate = staticmethod(os.ftruncate)
    rename = staticmethod(os.rename)
    remove = staticmethod(os.unlink)
    sync_folder = staticmethod(sync_folder)
    close = staticmethod(os.close)

    @staticmethod
    def create(path: Path, /) -> int:
        """See `Files`. Whoever sweeps drafts away may have it between two calls of ours; then another one is made."""
        for _ in range(_TRIES):
            file = os.open(path, _NEW, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(file).st_nlink:
                    return file
            except BlockingIOError:
                pass
            except BaseException:
                _drop(file, path)
                raise
            _drop(file, path)
        raise BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK), str(path))


def _drop(file: int, path: Path) -> None:
    os.close(file)
    with suppress(OSError):
        path.unlink()


OS: Final[Files] = _OS()
