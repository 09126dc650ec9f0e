"""The folder of a journal: its parts, its format, and who may read it, which is its owner.

`journal.json` says the format and is there before anything else; a folder that holds other things and no
`journal.json` is somebody else's and stays as it is.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.replacement import sync_folder

__all__ = ["FORMAT", "ROTATE", "Folder", "open_folder"]

FORMAT: Final = 1
ROTATE: Final = ".rotate"  # among the segments; whoever touches it has all writers begin new ones within a second
_NAME: Final = "journal.json"
_DRAFT: Final = ".journal.json."  # followed by letters of chance
_MODE: Final = 0o700
_PARTS: Final = ("segments", "interactions", "truth", "feedback", "forgotten", "spool")
_LONGEST: Final = 65536  # bytes of a `journal.json`


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the parts of a journal are; all are folders, and there."""

    path: Path

    @property
    def segments(self) -> Path:
        """What was written and is not yet Parquet."""
        return self.path / "segments"

    @property
    def interactions(self) -> Path:
        """Parquet by endpoint and day."""
        return self.path / "interactions"

    @property
    def truth(self) -> Path:
        """Parquet by the day on which it was received."""
        return self.path / "truth"

    @property
    def feedback(self) -> Path:
        """Parquet by the day on which it was received."""
        return self.path / "feedback"

    @property
    def forgotten(self) -> Path:
        """A tombstone for each subject that was forgotten."""
        return self.path / "forgotten"

    @property
    def spool(self) -> Path:
        """What is still to be shipped."""
        return self.path / "spool"


def open_folder(path: Path, *, create: bool = True) -> Folder:
    """The journal in that folder, made when it is not there; any number of processes may make it at once.

    create: without it the journal must be there, and need not be writable. UserError P901 for a newer format, P903
    for a folder that is no journal, P904 for none; OutsideError P902 when the system refuses.
    """
    with _refused(path):
        if not create and not os.path.lexists(path / _NAME):
            hint = "name the folder that `folder` in `[server.log]` names"
            raise UserError(Problem("P904", f"there is no journal in `{path}`", "", hint))
        if create:
            path.mkdir(_MODE, parents=True, exist_ok=True)
        _must_be_folder(path)
        if not os.path.lexists(path / _NAME):
            _begin(path)
        _must_be_readable(path / _NAME)
        if create:
            _complete(path)
    return Folder(path)


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise UserError(Problem("P903", f"`{path}` is not a folder, and cannot hold a journal")) from None
    except OSError as error:
        what = f"no journal can be kept in `{path}`: {error.strerror or error}"
        where = error.filename if isinstance(error.filename, str) else ""
        raise OutsideError(Problem("P902", what, where, "name a folder that this process may write to")) from error


def _must_be_folder(path: Path) -> None:
    kind = path.lstat().st_mode
    if not stat.S_ISDIR(kind):
        what = "a link" if stat.S_ISLNK(kind) else "not a folder"
        raise UserError(Problem("P903", f"`{path}` is {what}, and cannot hold a journal", "", "name the folder itself"))


def _begin(path: Path) -> None:
    """Say the format of a new journal; several may say it at once, as all say the same."""
    if others := sorted(name for name in os.listdir(path) if not name.startswith(_DRAFT)):  # noqa: PTH208 - names
        if _NAME in others:
            return
        what = f"`{path}` is no journal and not empty: it holds `{others[0]}`"
        raise UserError(Problem("P903", what, "", "name a folder that is empty or not there yet"))
    with suppress(PermissionError):  # somebody else's folder, lent to us: its parts are ours
        path.chmod(_MODE)
    handle, draft = tempfile.mkstemp(dir=path, prefix=_DRAFT)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(json.dumps({"format": FORMAT}) + "\n")
            file.flush()
            os.fsync(handle)
        Path(draft).rename(path / _NAME)
    except BaseException:
        with suppress(OSError):
            Path(draft).unlink()
        raise
    sync_folder(path)


def _must_be_readable(path: Path) -> None:
    """That the format is one we know."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        text = file.read(_LONGEST)
    try:
        known = json.loads(text)["format"]
    except (ValueError, TypeError, KeyError, RecursionError):
        known = None
    if type(known) is not int or known < 1:
        raise UserError(Problem("P903", "this file does not say the format of a journal", str(path)))
    if known > FORMAT:
        what = f"the journal has format {known}, and this trimtab reads up to {FORMAT}"
        raise UserError(Problem("P901", what, str(path), "pip install --upgrade trimtab"))


def _complete(path: Path) -> None:
    for part in _PARTS:
        (path / part).mkdir(_MODE, exist_ok=True)
        if not os.access(path / part, os.W_OK | os.X_OK, effective_ids=True):
            what = f"no journal can be kept in `{path}`: its `{part}` may not be written to"
            raise OutsideError(Problem("P902", what, "", "name a folder that this process may write to"))
