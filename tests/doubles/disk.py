"""A disk that fails at a chosen call, and knows what a power cut would leave of what was written to it.

The files are real; which of their bytes had reached the disk is kept beside. A sync that fails loses what it was to
make safe, as Linux does: the bytes can still be read, the next sync says that all is well, and they are not there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

from trimtab.journal.segments.files import OS

__all__ = ["Disk", "Fails", "Luck", "at", "never"]

Fails: TypeAlias = Callable[[int, str], int]
Luck: TypeAlias = Literal["synced", "written", "uncut"]


def never(number: int, call: str) -> int:  # noqa: ARG001 - as `Fails` has it
    """A disk that is well."""
    return 0


def at(wanted: int, code: int, lasting: int = 1) -> Fails:
    """The call of that number fails, and those after it, so many in all."""
    return lambda number, call: code if wanted <= number < wanted + lasting else 0  # noqa: ARG005 - as `Fails` has it


class Disk:
    """`Files` that may fail. `calls`: what was called, by name; `watch` is called before each of them.

    fails: the error number for a call, given how many there were before it and its name; 0 for none. short: a write
    that is to fail takes half of its bytes, and fails when it is asked for the rest.
    """

    def __init__(self, fails: Fails = never, *, short: bool = False) -> None:
        self.fails, self.short = fails, short
        self.calls: list[str] = []
        self.watch: Callable[[], None] = lambda: None
        self._torn = 0
        self._eyes: dict[int, int] = {}  # of a file that is written, one that reads it
        self._safe: dict[int, bytes] = {}  # by inode
        self._lost: dict[int, list[range]] = {}
        self._uncut: dict[int, bytes] = {}  # what a file was before it was cut, as long as nothing else happens to it
        self._names: dict[str, int] = {}  # those that a power cut leaves

    def _fault(self, call: str) -> int:
        self.watch()
        self.calls.append(call)
        return self.fails(len(self.calls) - 1, call)

    def _ask(self, call: str, path: object = None) -> None:
        if code := self._fault(call):
            raise OSError(code, os.strerror(code), path)

    def create(self, path: Path, /) -> int:
        self._ask("create", path)
        file = OS.create(path)
        self._eyes[file] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        return file

    def write(self, file: int, data: bytes, /) -> int:
        code, self._torn = self._torn or self._fault("write"), 0
        self._uncut.pop(self._look(file)[0], None)
        if not code:
            return OS.write(file, data)
        if self.short and len(data) > 1:
            self._torn = code
            return OS.write(file, data[: len(data) // 2])
        raise OSError(code, os.strerror(code))

    def sync(self, file: int, /) -> None:
        inode, now = self._look(file)
        if code := self._fault("sync"):
            self._lost.setdefault(inode, []).append(range(len(self._safe.get(inode, b"")), len(now)))
            raise OSError(code, os.strerror(code))
        self._safe[inode] = self._without_lost(inode, now)
        self._uncut.pop(inode, None)

    def truncate(self, file: int, size: int, /) -> None:
        self._ask("truncate")
        inode, now = self._look(file)
        self._uncut[inode] = now
        OS.truncate(file, size)

    def rename(self, old: Path, new: Path, /) -> None:
        self._ask("rename", old)
        OS.rename(old, new)

    def remove(self, path: Path, /) -> None:
        self._ask("remove", path)
        OS.remove(path)

    def sync_folder(self, path: Path, /) -> None:
        self._ask("sync_folder", path)
        self._names = {entry.name: entry.inode() for entry in os.scandir(path)}

    def close(self, file: int, /) -> None:
        os.close(self._eyes.pop(file))
        OS.close(file)
        self._ask("close")

    def after_a_power_cut(self, folder: Path, into: Path, luck: Luck) -> None:
        """Into another folder, what is left of that one.

        luck: only what was synced had been written; or all that could be; or all, but no file had been cut yet.
        """
        into.mkdir(parents=True, exist_ok=True)
        if luck == "synced":
            left = {name: self._safe.get(inode, b"") for name, inode in self._names.items()}
        else:
            now = {entry.name: (entry.inode(), Path(entry).read_bytes()) for entry in os.scandir(folder)}
            if luck == "uncut":
                now = {name: (inode, self._uncut.get(inode, data)) for name, (inode, data) in now.items()}
            left = {name: self._without_lost(*found) for name, found in now.items()}
        for name, data in left.items():
            (into / name).write_bytes(data)

    def _look(self, file: int) -> tuple[int, bytes]:
        eye = self._eyes[file]
        found = os.fstat(eye)
        return found.st_ino, os.pread(eye, found.st_size, 0)

    def _without_lost(self, inode: int, data: bytes) -> bytes:
        left = bytearray(data)
        for lost in self._lost.get(inode, ()):
            end = min(lost.stop, len(left))
            if lost.start < end:
                left[lost.start : end] = bytes(end - lost.start)
        return bytes(left)
