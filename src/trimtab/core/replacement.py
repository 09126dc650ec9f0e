"""A file that is whole or not there at all."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

__all__ = ["Replacement", "sync_folder"]


class Replacement:
    """A file that appears under its name only once it is complete and on the disk."""

    def __init__(self, target: Path, mode: int = 0o666) -> None:
        """Opens a hidden file beside the target; OSError if the folder may not be written.

        mode: what the file's permissions are at most; the process's mask takes off what it takes off.
        """
        self._target = target
        self._part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        self.file: BinaryIO = os.fdopen(os.open(self._part, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode), "w+b")

    def __enter__(self) -> Self:
        """Itself, to write to its `file`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Without `commit`, nothing stays."""
        try:
            self.file.close()
        except OSError:
            if kind is None:
                raise
        finally:
            self._part.unlink(missing_ok=True)

    def commit(self, *, overwrite: bool) -> None:
        """Everything to the disk, then the name; FileExistsError if it is taken meanwhile and not to be overwritten."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        if overwrite:
            self._part.replace(self._target)
        else:
            self._link()
        sync_folder(self._target.parent)

    def _link(self) -> None:
        """A link refuses a name that is taken, also when another process took it a moment ago."""
        try:
            self._target.hardlink_to(self._part)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if self._target.exists():
                raise FileExistsError(errno.EEXIST, "File exists", str(self._target)) from None
            self._part.replace(self._target)


def sync_folder(path: Path) -> None:
    """The names in the folder, on the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
