"""Records in files, one line of JSON each, that any number of processes append to.

A line is written by one call under a lock of the kernel on the folder; nothing is kept open, so that forks, rotation
and a folder that comes back are no special cases. A line that was torn by a kill or a full disk is closed before the
next one, and passed over when records are read.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from trimtab.core.errors import OutsideError, Problem
from trimtab.server.logs import Log, to_stderr

__all__ = ["LONGEST", "ROTATED_AT", "FileJournal"]

LONGEST: Final = 8192  # bytes of a line: one that is written whole or, when the disk is full, not at all
ROTATED_AT: Final = 64 * 1024 * 1024
_STREAM: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")
_ASIDE: Final = re.compile(r"([a-z0-9_]+)-([0-9]{8}T[0-9]{6}\.[0-9]{6}Z)(?:-([0-9]{1,9}))?\.jsonl", re.ASCII)
_TEXTS: Final = (1024, 256, 64, 16)  # characters that are left of each text in a record that is too long
_FIELDS: Final = 32
_APPEND: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class FileJournal:
    """A `Journal` in a folder: `{stream}.jsonl`, and `{stream}-{time of its first record}.jsonl` for what is full."""

    def __init__(self, folder: Path, log: Log = to_stderr, rotated_at: int = ROTATED_AT) -> None:
        """The folder is made, for its owner only. OutsideError P347 where nothing can be kept in it."""
        self._folder = folder
        self._log = log
        self._rotated_at = rotated_at
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._locked():
                pass
        except OSError as error:
            what = f"cannot keep records in `{folder}`: {error.strerror or error}"
            raise OutsideError(Problem("P347", what, "", "name a folder that this process may write to")) from None
        if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
            what = f"cannot keep records in `{folder}`: it may not be written to"
            raise OutsideError(Problem("P347", what, "", "name a folder that this process may write to"))

    def append(self, stream: str, record: Mapping[str, Any]) -> None:
        """See `Journal`. Texts in a record of more than 8 kB are cut, and `cut` says so."""
        line, name = _line(record), _named(stream)
        with self._locked() as folder:
            with _opened(name, folder) as handle:
                size = os.fstat(handle).st_size
                full = size > 0 and size + len(line) > self._rotated_at
                if full:
                    _put_aside(stream, handle, folder)
                else:
                    _write(handle, line, size)
            if full:
                with _opened(name, folder) as handle:
                    _write(handle, line, 0)
            if full or not size:
                os.fsync(folder)  # the names; what the file holds is there after `sync`

    def sync(self, stream: str) -> None:
        """What was appended survives a power cut from now on."""
        with ExitStack() as stack:
            with self._locked() as folder:
                handle = stack.enter_context(_opened(_named(stream), folder))
            os.fsync(
                handle
            )  # without the lock: others may append meanwhile; a full file was synced when it was put aside

    def scan(self, stream: str) -> Iterator[Mapping[str, Any]]:
        """See `Journal`. Lines that are damaged are passed over; the log says how many."""
        damaged = 0
        with ExitStack() as stack:
            for file in self._files(stream, stack):
                for line in _lines(file):
                    record = _record(line)
                    if record is None:
                        damaged += 1
                    else:
                        yield record
        if damaged:
            self._log("journal damaged", {"level": "error", "stream": stream, "lines": damaged})

    def _files(self, stream: str, stack: ExitStack) -> list[BinaryIO]:
        """All files of the stream, the oldest first; opened at one time, so that none is renamed in between."""
        name = _named(stream)
        with self._locked() as folder:
            there = (name,) if name in os.listdir(folder) else ()  # noqa: PTH208 - of the open folder, not of its path
            handles = [
                os.open(one, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
                for one in (*(aside for _, _, aside in _aside(stream, folder)), *there)
            ]
        return [stack.enter_context(os.fdopen(handle, "rb")) for handle in handles]

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The open folder; nobody else appends meanwhile, in this process or another."""
        handle = os.open(self._folder, _FOLDER)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)


def _named(stream: str) -> str:
    if not _STREAM.fullmatch(stream):
        raise ValueError(f"`{stream[:50]}` is no name of a stream")
    return f"{stream}.jsonl"


@contextmanager
def _opened(name: str, folder: int) -> Iterator[int]:
    handle = os.open(name, _APPEND, 0o600, dir_fd=folder)
    try:
        yield handle
    finally:
        os.close(handle)


def _write(handle: int, line: bytes, size: int) -> None:
    """One call. Of a line that did not fit nothing stays, or a torn line that the next one closes."""
    if size and os.pread(handle, 1, size - 1) != b"\n":
        line = b"\n" + line
    written = os.write(handle, line)
    if written < len(line):
        with suppress(OSError):
            os.ftruncate(handle, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _put_aside(stream: str, handle: int, folder: int) -> None:
    """Rename the full file after its first record; whatever is to be on the disk is there first."""
    os.fsync(handle)
    first = _record(os.pread(handle, LONGEST, 0).partition(b"\n")[0]) or {}
    try:
        began = datetime.fromisoformat(str(first.get("time", ""))).astimezone(UTC)
    except ValueError:
        began = datetime.fromtimestamp(os.fstat(handle).st_mtime, UTC)
    when, number = f"{began:%Y%m%dT%H%M%S.%f}Z", 0
    for last, count, _ in _aside(stream, folder)[-1:]:
        if when <= last:  # the same time, or a clock that was set back: the order of the names is that of the records
            when, number = last, count + 1
    name = f"{stream}-{when}{f'-{number}' if number else ''}.jsonl"
    os.rename(_named(stream), name, src_dir_fd=folder, dst_dir_fd=folder)


def _aside(stream: str, folder: int) -> list[tuple[str, int, str]]:
    """Time, number and name of the files that were put aside, the oldest first."""
    names = ((_ASIDE.fullmatch(name), name) for name in os.listdir(folder))
    return sorted((found[2], int(found[3] or 0), name) for found, name in names if found and found[1] == stream)


def _line(record: Mapping[str, Any]) -> bytes:
    line = _encoded(record)
    for longest in _TEXTS:
        if len(line) <= LONGEST:
            return line
        line = _encoded({**_cut(record, longest), "cut": True})
    if len(line) > LONGEST:
        flat = {key: value for key, value in record.items() if isinstance(value, str | int | float | bool | None)}
        line = _encoded({**_cut(dict(list(flat.items())[:_FIELDS]), _TEXTS[-1]), "cut": True})
    return line


def _encoded(record: Mapping[str, Any]) -> bytes:
    text = json.dumps(record, separators=(",", ":"), allow_nan=False)
    return text.replace("\x7f", "\\u007f").encode() + b"\n"


def _cut(value: Any, longest: int) -> Any:
    if isinstance(value, str):
        return value[:longest]
    if isinstance(value, Mapping):
        return {str(key)[:longest]: _cut(one, longest) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_cut(one, longest) for one in value]
    return value


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; of one that is longer than any record, nothing."""
    while line := file.readline(LONGEST + 1):
        rest = line
        while len(rest) > LONGEST and not rest.endswith(b"\n"):
            line, rest = b"", file.readline(LONGEST + 1)
        yield line


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None
