"""The file with a journal's secrets: made once, by whoever comes first; rewritten only when a salt comes or goes.

Whoever rewrites it holds a lock of the kernel on the file that is there; it is replaced whole.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.replacement import sync_folder

__all__ = ["NAME", "SECRET", "Stored", "change", "fault", "read", "secret_in", "store_first"]

NAME: Final = "keys.json"
SECRET: Final = 32  # bytes
_FORMAT: Final = 1
_LARGEST: Final = 1 << 16
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Stored:
    """What the file holds. secret: none where it is given from outside; check: tells whether that is the same one.

    salts: by the number of their period.
    """

    secret: bytes | None
    check: bytes
    salts: Mapping[int, bytes]


def fault(what: str, path: Path, hint: str = "") -> UserError:
    """Secrets that cannot be used."""
    return UserError(Problem("P950", what, str(path), hint))


def read(path: Path) -> Stored | None:
    """What is stored, None where there is no file yet; UserError P950 for one that is not ours or is damaged."""
    try:
        handle = os.open(path, _READ)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise fault(f"the journal's keys cannot be read: {error.strerror}", path) from None
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise fault("the journal's keys are no regular file", path)
        if about.st_mode & 0o077:
            raise fault(
                "the journal's keys may be read or written by others than their owner", path, f"chmod 600 {path}"
            )
        return _parsed(os.read(handle, _LARGEST), path)
    finally:
        os.close(handle)


def secret_in(path: Path) -> bytes:
    """The shared secret in a file, without blanks and line ends around it; UserError P950 where there is none."""
    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise fault(f"the shared secret cannot be read: {error.strerror}", path) from None


def store_first(path: Path, stored: Stored) -> None:
    """Make the file, unless somebody has: then his stays. OutsideError P951 where it cannot be kept."""
    new = path.with_name(f".keys-{secrets.token_hex(8)}.new")
    try:
        _write(new, stored)
        with suppress(FileExistsError, FileNotFoundError):  # the latter: swept away by the one who was first
            os.link(new, path)
        new.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        what = f"the journal's keys cannot be kept: {error.strerror or error}"
        hint = "name a folder on a local disk that this process may write to"
        raise OutsideError(Problem("P951", what, str(path), hint)) from None


def change(path: Path, changed: Callable[[Stored], Stored]) -> Stored:
    """Replace what is stored, one process at a time; nothing is written if it stays the same. OSError if it cannot."""
    with _locked(path):
        before = read(path)
        if before is None:
            raise fault("the journal's keys were taken away", path)
        for left in path.parent.glob(".keys-*.new"):  # of processes that were killed: it may hold salts that must go
            left.unlink(missing_ok=True)
        after = changed(before)
        if after != before:
            new = path.with_name(f".keys-{secrets.token_hex(8)}.new")
            _write(new, after)
            new.replace(path)
            sync_folder(path.parent)
        return after


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """The lock on the file that has this name, not on one that was replaced while we waited."""
    while True:
        handle = os.open(path, _READ)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_ino == path.lstat().st_ino:
                yield
                return
        finally:
            os.close(handle)


def _write(path: Path, stored: Stored) -> None:
    secret = None if stored.secret is None else stored.secret.hex()
    salts = {str(period): salt.hex() for period, salt in sorted(stored.salts.items())}
    plain = {"format": _FORMAT, "secret": secret, "check": stored.check.hex(), "salts": salts}
    with os.fdopen(os.open(path, _NEW, 0o600), "wb") as file:
        file.write(json.dumps(plain, indent=1).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _parsed(data: bytes, path: Path) -> Stored:
    hint = "put back the file from a backup; without it, what the journal names cannot be found again"
    try:
        plain: Any = json.loads(data)
        version = plain["format"]
        if version != _FORMAT:
            what = f"the journal's keys are of format {version!r:.20}, this trimtab knows {_FORMAT}"
            raise fault(what, path, "use the trimtab that wrote them, or a newer one")
        secret = None if plain["secret"] is None else _bytes(plain["secret"])
        salts = {int(period): _bytes(salt) for period, salt in plain["salts"].items()}
        return Stored(secret, _bytes(plain["check"]), salts)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise fault("the journal's keys are damaged", path, hint) from None


def _bytes(text: str) -> bytes:
    value = bytes.fromhex(text)
    if len(value) != SECRET:
        raise ValueError("of another length")
    return value
