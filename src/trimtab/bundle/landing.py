"""Files that come from elsewhere are written into one folder and nowhere else: every step is taken from its handle."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from trimtab.bundle.files import name_fault
from trimtab.core.closing import Closing
from trimtab.core.errors import Problem, UserError

__all__ = ["Landing"]

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Landing(Closing):
    """An open, empty folder. No path is looked up twice, so that a link put there meanwhile leads nowhere."""

    def __init__(self, folder: Path) -> None:
        """UserError P205 where the folder is not empty."""
        self._folder = os.open(folder, _FOLDER)
        if os.listdir(self._folder):  # noqa: PTH208 - of the open folder, not of its path
            self.close()
            raise UserError(Problem("P205", "files can only land in an empty folder", str(folder)))

    def close(self) -> None:
        """Nothing can land any more."""
        os.close(self._folder)

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a new file under a relative name; UserError P205 for a name that is unsafe, or there already.

        When the pieces raise, what was written stays: the folder is to be thrown away.
        """
        if fault := name_fault(name):
            raise UserError(Problem("P205", f"file name {name[:200]!r} {fault}"))
        *folders, last = name.split("/")
        at = os.dup(self._folder)
        try:
            for part in folders:
                at = _into(at, part)
            file = os.open(last, _NEW_FILE, 0o644, dir_fd=at)
        except (FileExistsError, NotADirectoryError):
            what = f"file name {name[:200]!r} is there already, or has a file in the place of a folder"
            raise UserError(Problem("P205", what)) from None
        finally:
            os.close(at)
        with os.fdopen(file, "wb") as opened:
            opened.writelines(pieces)


def _into(parent: int, name: str) -> int:
    """The handle of a folder below, made where it is missing, in exchange for its parent's."""
    with suppress(FileExistsError):
        os.mkdir(name, 0o755, dir_fd=parent)
    below = os.open(name, _FOLDER, dir_fd=parent)
    os.close(parent)
    return below
