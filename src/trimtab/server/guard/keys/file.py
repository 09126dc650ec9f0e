"""The file of API keys: JSON that holds a hash of each, never a key.

`{"format": 1, "keys": [{"id", "name", "hash", "grants": ["infer:churn-*"], "created", "expires", "revoked"}]}`;
times are UTC, as `2030-01-31T12:00:00Z`, and the last two null where there is none.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, TypeAlias

from trimtab.core.errors import Problem, UserError
from trimtab.server.guard.principal import Grant, Principal

__all__ = ["FORMAT", "LARGEST", "Entries", "KeyEntry", "as_time", "encode_keys", "is_open", "keys_fault", "read_file"]

LARGEST: Final = 16 << 20  # bytes
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One key as it is stored; times are seconds since 1970."""

    id: str
    name: str
    hash: str = field(repr=False)
    grants: tuple[Grant, ...]
    created: int
    expires: int | None = None
    revoked: int | None = None

    @property
    def principal(self) -> Principal:
        """Who calls with the key."""
        return Principal(f"key:{self.name}", self.grants)

    def state(self, now: float) -> Literal["active", "expired", "revoked"]:
        """What becomes of it at that time; one that was revoked stays so, whatever the clock says."""
        if self.revoked is not None:
            return "revoked"
        return "active" if self.expires is None or now < self.expires else "expired"


Entries: TypeAlias = tuple[KeyEntry, ...]


def read_file(path: Path) -> tuple[bytes, os.stat_result]:
    """The file's bytes, at most one more than it may have, and what the file system says of it; OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe in its place must not hold us up
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise OSError(0, "it is no regular file")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(LARGEST + 1), about
    finally:
        os.close(handle)


def is_open(about: os.stat_result) -> bool:
    """Whether others than the owner may read or write it."""
    return bool(about.st_mode & 0o077)


def keys_fault(what: str, where: object, hint: str = "") -> UserError:
    """P342: a file of keys that is of no use."""
    return UserError(Problem("P342", what, str(where), hint))


def as_time(seconds: float) -> str:
    """UTC, as the file has it."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def encode_keys(keys: Entries) -> bytes:
    """The file's text."""
    plain = [
        {
            "id": key.id,
            "name": key.name,
            "hash": key.hash,
            "grants": [str(grant) for grant in key.grants],
            "created": as_time(key.created),
            "expires": None if key.expires is None else as_time(key.expires),
            "revoked": None if key.revoked is None else as_time(key.revoked),
        }
        for key in keys
    ]
    return (json.dumps({"format": FORMAT, "keys": plain}, indent=2) + "\n").encode()
