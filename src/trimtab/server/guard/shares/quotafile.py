"""The file that counts lie in, and the memory that takes its place where none is named.

A file is made whole before it has its name, and its room is taken at once: a full disk is then an error at the start
and never a signal in the middle of a request. What is no file of ours is put aside, never written over.
"""

from __future__ import annotations

import fcntl
import hashlib
import math
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from trimtab.core.errors import OutsideError, Problem
from trimtab.server.logs import Log

__all__ = ["CLOCK", "HEAD", "SEED", "open_file", "open_memory", "restore"]

HEAD: Final = 4096  # bytes before the counters
SEED: Final = slice(32, 48)  # of the head: makes places in the file impossible to guess
CLOCK: Final = 64  # where in the head the latest time is that anything was counted at, in seconds
_MAGIC: Final = b"trimtab quotas 1"  # the number rises with every change of what lies where
_FIXED: Final = struct.Struct("<16sQ8x16s")  # magic, size of the file, seed
_SUM: Final = slice(48, 64)
_LAST: Final = 253_402_300_800.0  # the year 10000
_OPEN: Final = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW


def open_memory(size: int) -> int:
    """A descriptor of so many bytes that belong to no file; processes that are forked from now on share them."""
    handle = os.memfd_create("trimtab-quotas", os.MFD_CLOEXEC)
    os.ftruncate(handle, size)
    os.pwrite(handle, _head(size), 0)
    return handle


def open_file(path: Path, size: int, log: Log) -> int:
    """A descriptor of the file, mode 0600; begun anew where it is missing or no good. OutsideError P346."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone_in(path.parent):
            handle = _existing(path, size, log)
            if handle is None:
                handle = _made(path, size)
        os.fchmod(handle, 0o600)
        fcntl.lockf(handle, fcntl.LOCK_SH, 1, size)  # a file system without locks says so now
        fcntl.lockf(handle, fcntl.LOCK_UN, 1, size)
    except OSError as error:
        what = f"cannot keep counts in `{path}`: {error.strerror or error}"
        hint = "name a file in a folder that this process may write, on a disk with room"
        raise OutsideError(Problem("P346", what, "", hint)) from None
    return handle


def restore(handle: int, size: int, head: bytes, log: Log) -> None:
    """Make a file whole again that somebody has cut short: to touch what is missing would end the process."""
    if os.fstat(handle).st_size < size:
        os.posix_fallocate(handle, 0, size)
        os.pwrite(handle, head, 0)
        log("quotas restored", {"level": "error", "why": "the file was cut short while it was in use"})


def _head(size: int) -> bytes:
    fixed = _FIXED.pack(_MAGIC, size, os.urandom(16))
    return fixed + hashlib.blake2b(fixed, digest_size=16).digest() + bytes(8)


def _fault(handle: int, size: int) -> str:
    """Why this is not a file of ours, or nothing."""
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode):
        return "it is no regular file"
    head = os.pread(handle, CLOCK + 8, 0)
    if not head.startswith(_MAGIC[:-1]):
        return "it is no file of counts"
    if not head.startswith(_MAGIC):
        return "it is of another version"
    fixed = head[: _FIXED.size]
    if about.st_size != size or head[_SUM] != hashlib.blake2b(fixed, digest_size=16).digest():
        return "it is damaged"
    (clock,) = struct.unpack_from("@d", head, CLOCK)
    return "" if math.isfinite(clock) and 0 <= clock < _LAST else "it is damaged"


def _existing(path: Path, size: int, log: Log) -> int | None:
    try:
        handle = os.open(path, _OPEN)
    except FileNotFoundError:
        return None
    fault = _fault(handle, size)
    if not fault:
        return handle
    os.close(handle)
    aside = path.with_name(f"{path.name}.unread")
    path.replace(aside)
    log("quotas begun anew", {"level": "error", "file": str(path), "why": fault, "kept": str(aside)})
    return None


def _made(path: Path, size: int) -> int:
    new = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        new.unlink()  # of a process that was killed here
    handle = os.open(new, _OPEN | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.posix_fallocate(handle, 0, size)
        os.pwrite(handle, _head(size), 0)
        os.fsync(handle)
        new.rename(path)
    except OSError:
        os.close(handle)
        new.unlink(missing_ok=True)
        raise
    return handle


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two servers that start at once must not both make the file, and count apart."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a file system that locks no folders
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
