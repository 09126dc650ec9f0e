"""Changes of the file of API keys: under a lock, whole or not at all; what changes is decided by pure functions."""

from __future__ import annotations

import fcntl
import glob
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from trimtab.bundle.incoming import whole_file
from trimtab.core.errors import OutsideError, Problem, UserError, did_you_mean
from trimtab.core.secrets import masked
from trimtab.server.guard.keys.file import Entries, KeyEntry, encode_keys, is_open, keys_fault, read_file
from trimtab.server.guard.keys.parse import parse_keys
from trimtab.server.guard.keys.text import ID, id_in

__all__ = ["added", "change_keys", "load_keys", "newest", "revoked"]

_MODE: Final = 0o600


def load_keys(path: Path) -> Entries:
    """The keys of the file, none where there is no file; UserError P342 for one that is of no use."""
    return _read(path)[0]


def change_keys(path: Path, change: Callable[[Entries], Entries]) -> Entries:
    """Write what `change` makes of the keys, one process after the other; what it raises leaves all as it was.

    UserError P342 for a file that others may read or write, OutsideError P342 for one that cannot be written.
    """
    try:
        path = path.resolve()
        path.parent.mkdir(exist_ok=True)
        with _alone(path):
            before, about = _read(path)
            if about is not None and is_open(about):
                what = f"others may read or write the file of keys: its mode is {about.st_mode & 0o777:04o}"
                raise keys_fault(what, path, f"`chmod 600 {path}`")
            after = change(before)
            if after != before:
                _write(path, encode_keys(after), about)
    except OSError as error:
        what = f"the file of keys cannot be written: {(error.strerror or str(error)).lower()}"
        raise OutsideError(Problem("P342", what, str(path))) from None
    return after


def newest(keys: Entries, name: str) -> KeyEntry | None:
    """The key of that name that was added last and is not revoked."""
    return next((key for key in reversed(keys) if key.name == name and key.revoked is None), None)


def added(keys: Entries, entry: KeyEntry, ends: int | None = None) -> Entries:
    """The keys with one more; ends: when those of its name end at the latest that are there already."""
    return (*(_until(key, ends) if key.name == entry.name else key for key in keys), entry)


def revoked(keys: Entries, word: str, now: int) -> tuple[Entries, Entries]:
    """The keys after those of that name or id were revoked, and those; UserError P343 where there is none.

    A whole key stands for its id, so that one that leaked can be pasted; it is not shown.
    """
    meant = {key.id for key in keys if key.name == word or key.id == id_in(word)}
    if not meant:
        known = {key.name for key in keys} | ({key.id for key in keys} if ID.fullmatch(word) else set())
        what = f"there is no key of the name or id `{masked(word)}`"
        raise UserError(Problem("P343", what, "", did_you_mean(id_in(word), known)))
    after = tuple(replace(key, revoked=now) if key.id in meant and key.revoked is None else key for key in keys)
    return after, tuple(key for key in after if key.id in meant)


def _until(key: KeyEntry, ends: int | None) -> KeyEntry:
    if ends is None or key.revoked is not None or (key.expires is not None and key.expires <= ends):
        return key
    return replace(key, expires=ends)


def _read(path: Path) -> tuple[Entries, os.stat_result | None]:
    try:
        data, about = read_file(path)
    except FileNotFoundError:
        return (), None
    except OSError as error:
        raise keys_fault(f"the file of keys cannot be read: {(error.strerror or str(error)).lower()}", path) from None
    return parse_keys(data, path), about


def _write(path: Path, data: bytes, about: os.stat_result | None) -> None:
    for left in path.parent.glob(f".{glob.escape(path.name)}.????????"):  # drafts of those who were killed
        left.unlink()
    with whole_file(path, _MODE) as file:
        file.write(data)
        _give(file.fileno(), about)


def _give(handle: int, about: os.stat_result | None) -> None:
    """Leave a file to whom the keys belong: root changes those of a server that runs as somebody else."""
    if about is not None and os.geteuid() == 0:
        os.fchown(handle, about.st_uid, about.st_gid)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """The only one, over all processes, that changes the file; the kernel ends the lock of a process that dies."""
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
    try:
        with suppress(FileNotFoundError):
            _give(handle, path.stat())
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
