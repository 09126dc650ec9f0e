"""What of the journal is at one destination: `spool/<name>.log`, a line for each thing that happened.

A line is appended and synced after what it tells is so, never before. A line that a kill tore, or a disk spoiled, is
passed over: then a file is shipped again, and none is left out. When most lines are history the file is written anew.
"""

from __future__ import annotations

import json
import os
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from trimtab.core.errors import OutsideError, Problem
from trimtab.journal.ship.disk import make_folders, put_whole, unkept, write_all
from trimtab.journal.ship.state import FORMAT, State

__all__ = ["Logbook", "read_logbook"]

_HISTORY: Final = 200  # lines more than are needed, from which on the file is written anew
_APPEND: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
_MODE: Final = 0o600


def read_logbook(path: Path) -> tuple[State, int]:
    """The state that the file leads to, and how many lines it has; OutsideError P967 for one of a later trimtab."""
    state = State()
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return state, 0
    except OSError as error:
        raise unkept(path, "cannot be read", error) from None
    for line in lines:
        said = _said(line)
        if said.get("format", FORMAT) != FORMAT:
            what = f"`{path.name}` is of format {said['format']}, this trimtab knows {FORMAT}"
            raise OutsideError(Problem("P967", what, str(path), "use the trimtab that wrote it, or a later one"))
        state.take(said)
    return state, len(lines)


class Logbook:
    """The logbook of one destination; `state` is always what the file says. One process writes, any of its threads."""

    def __init__(self, path: Path, place: str, streams: tuple[str, ...]) -> None:
        """Reads what is there; nothing is made before the first note. OutsideError P967."""
        self._path = path
        self._lock = threading.Lock()
        self.state, self._lines = read_logbook(path)
        self.state.place, self.state.streams = place, streams

    def note(self, what: str, **more: Any) -> None:
        """One more line, which survives a power cut when this returns; OutsideError P967 where it cannot be kept."""
        said = {"what": what, **more}
        with self._lock:
            try:
                if not self._lines:
                    self._rewrite(lambda _: True)
                self._append(_line(said))
            except OSError as error:
                raise unkept(self._path, "cannot be written", error) from None
            self.state.take(said)
            self._lines += 1

    def tidy(self, there: Callable[[str], bool]) -> None:
        """Leave out history, and names that are no longer there, when that is most of it. OutsideError P967."""
        with self._lock:
            if self._lines <= 2 * sum(1 for _ in self.state.lines(there)) + _HISTORY:
                return
            try:
                self._rewrite(there)
            except OSError as error:
                raise unkept(self._path, "cannot be written", error) from None

    def _append(self, data: bytes) -> None:
        handle = os.open(self._path, _APPEND, _MODE)
        try:
            size = os.fstat(handle).st_size
            torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            write_all(handle, b"\n" + data if torn else data)
            os.fsync(handle)
        finally:
            os.close(handle)

    def _rewrite(self, there: Callable[[str], bool]) -> None:
        lines = [_line(said) for said in self.state.lines(there)]
        make_folders(self._path.parent, self._path.parent.parent)
        put_whole(self._path, lambda file: file.writelines(lines))
        for name in [name for name in self.state.names() if not there(name)]:
            self.state.forget(name)
        self._lines = len(lines)


def _line(said: dict[str, Any]) -> bytes:
    text = json.dumps(said, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _said(line: bytes) -> dict[str, Any]:
    """What a line tells; nothing for one that is torn or spoiled."""
    checksum, _, text = line.partition(b" ")
    try:
        if int(checksum, 16) == zlib.crc32(text):
            said = json.loads(text)
            return said if isinstance(said, dict) else {}
    except ValueError:
        pass
    return {}
