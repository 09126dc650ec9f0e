"""Sealed files: what they are called, and how they come to be there as a whole or not at all.

`<segment>.parquet`, then `<segment>-1.parquet` and so on: a file counts only when its segment is gone. Until it has its
name it is a draft, `.<name>.draft`, which no reader looks at and the next pass removes.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from trimtab.core.replacement import sync_folder
from trimtab.journal.seal.stock import DAMAGED, STREAMS

__all__ = ["Drafts", "name_of", "sealed_files", "segment_of", "sweep"]

_NAME: Final = re.compile(r"(?P<segment>[^-]+-[^-]+?)(?:-(?P<part>[1-9][0-9]*))?\.parquet")
_DRAFT: Final = ".draft"
_BEGUN: Final = ".new"  # see `segments/growing.py`
_LONG_S: Final = 3600.0


def name_of(segment: str, part: int) -> str:
    """The name of a part, from 0, of what a segment becomes."""
    return f"{segment}-{part}.parquet" if part else f"{segment}.parquet"


def segment_of(name: str) -> str:
    """The segment that a file was sealed from, by the file's name; empty for any other file."""
    match = _NAME.fullmatch(name)
    return match["segment"] if match and not name.startswith(".") else ""


def sealed_files(journal: Path) -> Iterator[Path]:
    """All sealed files, whether they count yet or not."""
    for path in _below(journal):
        if segment_of(path.name):
            yield path


def sweep(journal: Path) -> None:
    """Remove the drafts of those who died; only for whoever is alone there."""
    for path in (*_below(journal), *(journal / "segments" / DAMAGED).glob("*")):
        if path.name.startswith(".") and path.name.endswith(_DRAFT):
            path.unlink(missing_ok=True)
    for path in (journal / "segments").glob(f"*{_BEGUN}"):
        if _is_nobodys(path):
            path.unlink(missing_ok=True)


def _is_nobodys(path: Path) -> bool:
    """Whether a segment was begun long ago and never was one; a writer makes the file a moment before he locks it."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return abs(time.time() - os.fstat(handle).st_mtime) > _LONG_S
    except OSError:
        return False
    finally:
        os.close(handle)


def _below(journal: Path) -> Iterator[Path]:
    for stream in STREAMS:
        for folder, _, names in os.walk(journal / stream):
            yield from (Path(folder, name) for name in sorted(names))


class Drafts:
    """Files that get their names together, one after the other, once all of them are on the disk."""

    def __init__(self, journal: Path) -> None:
        """journal: the folder that all of them lie below."""
        self._journal = journal
        self._made: list[tuple[Path, Path]] = []

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where they are, or will be."""
        return tuple(path for _, path in self._made)

    def add(self, path: Path, fill: Callable[[BinaryIO], int]) -> int:
        """Write a file, put it on the disk, and say what `fill` says; OSError."""
        self._make(path.parent)
        draft = path.with_name(f".{path.name}{_DRAFT}")
        self._made.append((draft, path))
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            said = fill(file)
            file.flush()
            os.fsync(handle)
        return said

    def _make(self, folder: Path) -> None:
        """The folder and those above it, each on the disk before anything is in it."""
        if folder != self._journal and not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(0o700, exist_ok=True)
            sync_folder(folder.parent)

    def place(self) -> None:
        """Give them their names, for good."""
        for draft, path in self._made:
            draft.rename(path)
        for folder in dict.fromkeys(path.parent for path in self.paths):
            sync_folder(folder)

    def drop(self) -> None:
        """Remove what has no name yet."""
        for draft, _ in self._made:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
