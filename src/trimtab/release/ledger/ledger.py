"""The file of a ledger: appended to by one process at a time, on the disk before `append` comes back."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.replacement import sync_folder
from trimtab.release.ledger.lines import FORMAT, OPENING, BrokenError, Entry, follow, line_of, read_lines
from trimtab.release.record.record import moved

__all__ = ["FILE", "RECOVERED", "Ledger", "verify"]

FILE: Final = "ledger.jsonl"
RECOVERED: Final = "recovered"  # kind of an entry that says that a line before it was never finished
_FLAGS: Final = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


class Ledger:
    """One folder's; any number of processes may have it, and each sees what the others append."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.time,
        write: Callable[[int, bytes], int] = os.write,
        sync: Callable[[int], None] = os.fdatasync,
    ) -> None:
        """clock: seconds since 1970. write, sync: those of the system. Nothing is read or made yet."""
        self.folder = folder
        self.path = folder / FILE
        self._clock, self._write, self._sync = clock, write, sync
        self._entries: list[Entry] = []
        self._size = 0
        self.torn = 0  # bytes at the end that are no entry, when it was last looked at

    def entries(self, about: str = "") -> list[Entry]:
        """All of them, or those about that; none where there is no ledger yet."""
        with self._faults():
            try:
                file = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                file = -1
            if file >= 0:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH)
                    self._catch_up(file)
                finally:
                    os.close(file)
        return [entry for entry in self._entries if not about or entry.about == about]

    def append(self, kind: str, about: str, body: Mapping[str, Any], after: str | None = None) -> Entry:
        """The entry, which survives a power cut from now on; or an error, and then it is not there.

        after: digest of the entry that must be the last, empty for none: MovedError P480 where it is not.
        """
        with self._faults(), self._locked() as file:
            self._catch_up(file)
            now, last = self._clock(), self._entries[-1] if self._entries else None
            if after is not None and after != (last.digest if last else ""):
                raise moved(str(self.path))
            new: list[Entry] = []
            if last is None:
                new.append(last := follow(None, now, OPENING, "", {"format": FORMAT}))
            if self.torn:
                os.ftruncate(file, self._size)
                new.append(last := follow(last, now, RECOVERED, "", {"bytes": self.torn}))
            new.append(follow(last, now, kind, about, body))
            self._put(file, b"".join(map(line_of, new)))
            self._entries += new
            return new[-1]

    def _put(self, file: int, data: bytes) -> None:
        """All of it or nothing."""
        try:
            done = 0
            while done < len(data):
                done += self._write(file, data[done:])
            self._sync(file)
        except BaseException:
            with suppress(OSError):  # what is left is torn, and whoever comes next takes it away
                os.ftruncate(file, self._size)
            raise
        self._size += len(data)
        self.torn = 0

    def _catch_up(self, file: int) -> None:
        """What was appended since it was last looked at; P421 where it no longer follows from what it was."""
        size = os.fstat(file).st_size
        if size < self._size:
            raise BrokenError(len(self._entries), "is missing: the file is shorter than it was")
        data = os.pread(file, size - self._size, self._size)
        found = read_lines(data, self._entries[-1] if self._entries else None)
        if not self._entries and found.entries:
            _must_be_known(found.entries[0], self.path)
        self._entries += found.entries
        self._size += found.size
        self.torn = found.torn

    @contextmanager
    def _locked(self) -> Iterator[int]:
        self.folder.mkdir(0o700, parents=True, exist_ok=True)
        try:
            file = os.open(self.path, _FLAGS)
        except FileNotFoundError:
            file = os.open(self.path, _FLAGS | os.O_CREAT, 0o600)
            sync_folder(self.folder)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except BrokenError as error:
            hint = "bring it back from a copy, or move it away: a new one begins"
            raise UserError(Problem("P421", f"the ledger was changed: {error}", str(self.path), hint)) from None
        except OSError as error:
            what = f"the ledger cannot be kept: {(error.strerror or str(error)).lower()}"
            hint = "make room, or name another folder: `--ledger DIR`"
            raise OutsideError(Problem("P422", what, str(self.path), hint)) from error


def verify(folder: Path) -> list[Entry]:
    """Every entry, each held against the one before it. UserError P421 for the first that does not follow."""
    return Ledger(folder).entries()


def _must_be_known(first: Entry, path: Path) -> None:
    known = first.body.get("format")
    if not isinstance(known, int) or known > FORMAT:
        what = f"the ledger has format {known}, and this trimtab reads up to {FORMAT}"
        raise UserError(Problem("P423", what, str(path), "pip install --upgrade trimtab"))
