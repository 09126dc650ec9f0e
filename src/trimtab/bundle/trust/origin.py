"""Who brought a bundle: `origins/<hex>.json` in the store, beside the bundles and never inside one.

`packaged`: by this store. `received`: from elsewhere. No bundle can say it of itself, since nothing of a bundle is ever
written there. It is no part of the digest.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import msgspec

from trimtab.bundle.incoming import exclusive, write_synced
from trimtab.bundle.trust.policy import Origin
from trimtab.core.errors import Problem, UserError

__all__ = ["Record", "keep_origin", "origin_of", "record_file", "record_of"]


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a bundle came into the store; signers: whose signatures were valid then, for people to read."""

    origin: Literal["packaged", "received"]
    signers: tuple[str, ...] = ()


_READ: Final = msgspec.json.Decoder(Record)


def keep_origin(root: Path, digest: str, record: Record) -> None:
    """Keep it; what was packaged here stays so, whoever brings the same bytes again. root: the store's."""
    path = _path(root, digest)
    with exclusive(root):
        if record.origin == "received" and path.exists() and origin_of(root, digest) == "packaged":
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_synced(path, record_file(digest, record)[1].decode())


def record_file(digest: str, record: Record) -> tuple[str, bytes]:
    """The record as a file: its place in a store, and its content; for who writes a store into an image."""
    return f"origins/{digest.removeprefix('sha256:')}.json", msgspec.json.encode(record)


def origin_of(root: Path, digest: str) -> Origin:
    """`packaged`, `received`, or empty for a bundle that nobody knows the way of."""
    found = record_of(root, digest)
    return found.origin if found else ""


def record_of(root: Path, digest: str) -> Record | None:
    """The record, None where there is none; UserError P296 for one that cannot be read."""
    path = _path(root, digest)
    try:
        return _READ.decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        what = f"the record of where a bundle came from cannot be read: {error}"
        raise UserError(
            Problem("P296", what, str(path), "remove the file; the bundle then counts as received")
        ) from None


def _path(root: Path, digest: str) -> Path:
    return root / record_file(digest, Record("received"))[0]
