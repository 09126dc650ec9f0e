"""Whether an API key is one of ours: the keys of a file that may change at any time."""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from trimtab.core.errors import UserError
from trimtab.server.guard.keys.file import Entries, is_open, keys_fault, read_file
from trimtab.server.guard.keys.parse import parse_keys
from trimtab.server.guard.keys.text import hash_of, id_of
from trimtab.server.guard.principal import Known
from trimtab.server.logs import Log

__all__ = ["KeyFault", "KeyRing", "Reason"]

Reason: TypeAlias = Literal["malformed", "unknown", "expired", "revoked"]


@dataclass(frozen=True, slots=True)
class KeyFault:
    """Why a key is not taken; for the log, as whoever tries keys should not learn it."""

    reason: Reason


class _Slot(NamedTuple):
    """What is looked at for each key; `known` is made ahead, since it is the same for every request."""

    hash: str
    known: Known | None
    revoked: bool


_NOBODY: Final = _Slot("-" * 64, None, revoked=False)  # is compared for an id that nobody has
_MALFORMED, _UNKNOWN = KeyFault("malformed"), KeyFault("unknown")
_EXPIRED, _REVOKED = KeyFault("expired"), KeyFault("revoked")


class KeyRing:
    """The keys of a file; `generation` goes up whenever they have changed, and voids what was found before."""

    generation: int

    def __init__(self, path: Path, log: Log, clock: Callable[[], float] = time.time) -> None:
        """Reads the file; UserError P342 with every fault of it. clock: seconds since 1970."""
        self.generation = 0
        self._path, self._log, self._clock = path, log, clock
        self._complaint: object = None
        self._sign: tuple[int, ...] = ()
        try:
            data, about = read_file(path)
        except OSError as error:
            hint = f"`trimtab key add NAME --scope infer --keys {path}`" if isinstance(error, FileNotFoundError) else ""
            what = f"the file of keys cannot be read: {(error.strerror or str(error)).lower()}"
            raise keys_fault(what, path, hint) from None
        self._take(parse_keys(data, path), about)

    def look(self) -> None:
        """Reads the file again if it is another or has changed; a broken one is logged once, and the old keys stay."""
        try:
            if _sign(os.stat(self._path)) == self._sign:  # noqa: PTH116  # called every second; it follows links
                return
            data, about = read_file(self._path)
        except OSError as error:  # it may pass without the file changing: tried again at the next look
            self._complain(error.strerror or str(error))
            return
        try:
            keys = parse_keys(data, self._path)
        except UserError as error:
            self._complain([f"{one.where}: {one.what}" for one in error.problems])
            self._sign = _sign(about)
            return
        self._complaint = None
        if keys == self._keys:
            self._sign = _sign(about)
            return
        self._take(keys, about)
        self.generation += 1
        self._log("keys changed", {"level": "info", "file": str(self._path), "keys": len(keys)})

    def check(self, key: str) -> Known | KeyFault:
        """Who calls with the key, or why nobody does; the time that it takes says nothing of any stored key."""
        id_ = id_of(key)
        if not id_:
            return _MALFORMED
        slot = self._slots.get(id_, _NOBODY)
        if not hmac.compare_digest(hash_of(key), slot.hash) or slot.known is None:
            return _UNKNOWN
        if slot.revoked:
            return _REVOKED
        return slot.known if self._clock() < slot.known.until else _EXPIRED

    def _take(self, keys: Entries, about: os.stat_result) -> None:
        self._keys, self._sign = keys, _sign(about)
        self._slots = {
            key.id: _Slot(
                key.hash, Known(key.principal, inf if key.expires is None else key.expires), key.revoked is not None
            )
            for key in keys
        }
        if is_open(about):
            told = {"file": str(self._path), "mode": f"{about.st_mode & 0o777:04o}", "hint": "chmod 600"}
            self._log("others may read or write the keys", {"level": "warning", **told})

    def _complain(self, why: Any) -> None:
        if why != self._complaint:
            self._complaint = why
            told = {"file": str(self._path), "why": why, "kept": len(self._keys)}
            self._log("keys not read", {"level": "error", **told})


def _sign(about: os.stat_result) -> tuple[int, ...]:
    """Another value where the file is another one or was written to."""
    return about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns
