"""The key of a store, which vouches for what was found here where nobody else is named to; never part of a bundle.

`keys/evidence.pem` in the store, made at first use; nobody but its owner may read it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from trimtab.bundle.incoming import exclusive
from trimtab.bundle.trust.keys import new_key, private_key, public_pem
from trimtab.bundle.trust.policy import NamedPem
from trimtab.bundle.trust.signing import Credentials
from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.replacement import sync_folder

__all__ = ["OWN", "own_key", "own_public"]

OWN: Final = "this store"  # the name of its key
_FOLDER: Final = "keys"
_FILE: Final = "evidence.pem"
_LARGEST: Final = 2**16


def own_key(root: Path) -> Credentials:
    """What signs for the store at that root; made where it is not there, and the same for all who ask at once.

    UserError P440 for one that others may read, or that is none; OutsideError P441 where it cannot be made.
    """
    found = _read(root)
    if found is None:
        try:
            with exclusive(root):
                found = _read(root) or _make(root)
        except OSError as error:
            what = f"the key of this store cannot be made: {(error.strerror or str(error)).lower()}"
            raise OutsideError(Problem("P441", what, str(_path(root)), "make room, or sign with `--key`")) from None
    return Credentials(NamedPem(OWN, found))


def own_public(root: Path) -> NamedPem | None:
    """Its public key, by its name; None where there is none yet. UserError P440."""
    found = _read(root)
    return None if found is None else NamedPem(OWN, _public(root, found))


_REMOVE: Final = "remove the file: what it signed counts no more, and the checks are run again"


def _path(root: Path) -> Path:
    return root / _FOLDER / _FILE


def _public(root: Path, private: bytes) -> bytes:
    try:
        return public_pem(private_key(NamedPem(OWN, private)).public_key())
    except UserError as error:
        if error.problems[0].code != "P292":
            raise
        raise _fault(root, error.problems[0].what, _REMOVE) from None


def _read(root: Path) -> bytes | None:
    path = _path(root)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _fault(root, f"it cannot be read: {(error.strerror or str(error)).lower()}", _REMOVE) from None
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise _fault(root, "it is no file", _REMOVE)
        if mode & 0o077:
            raise _fault(root, "others may read or change it", f"`chmod 600 {path}`, or remove it where they did")
        data = os.read(handle, _LARGEST)
    finally:
        os.close(handle)
    _public(root, data)
    return data


def _make(root: Path) -> bytes:
    """The key in its place, or nothing there; the caller holds the store's lock."""
    path = _path(root)
    path.parent.mkdir(0o700, exist_ok=True)
    draft = path.with_name(".draft")
    draft.unlink(missing_ok=True)
    data = new_key()
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(handle)
    draft.rename(path)
    sync_folder(path.parent)
    return data


def _fault(root: Path, what: str, hint: str) -> UserError:
    return UserError(Problem("P440", f"the key of this store: {what}", str(_path(root)), hint))
