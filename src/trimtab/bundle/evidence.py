"""What is said of a bundle by its digest, beside it: signatures and attestations; data until somebody verifies it.

`evidence/<hex of the bundle>/<hex of the document>.json` in the store; a document holds its media type and its content.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from trimtab.bundle.incoming import exclusive, write_synced
from trimtab.bundle.reference import DIGEST
from trimtab.bundle.store import on_disk
from trimtab.core.errors import Problem, UserError

__all__ = ["LARGEST", "Evidence", "evidence_of", "keep_evidence"]

LARGEST: Final = 16 * 2**20  # bytes of one document


class Evidence(msgspec.Struct, frozen=True):
    """One document about a bundle: what kind it is, by media type, and its bytes."""

    media_type: str
    data: bytes


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    media_type: str
    data: str


_READ: Final = msgspec.json.Decoder(_Kept)


def keep_evidence(root: Path, digest: str, evidence: Iterable[Evidence]) -> None:
    """Keep documents about the bundle of that digest; one that is there already stays as it is. root: the store's.

    UserError P219 for a document of more than `LARGEST` bytes, and then none is kept; OutsideError P236 on a full disk.
    """
    folder = _folder(root, digest)
    evidence = tuple(evidence)
    if any(len(one.data) > LARGEST for one in evidence):
        raise UserError(Problem("P219", f"a document has more than {LARGEST} bytes", digest))
    if not evidence:
        return
    with on_disk(root), exclusive(root):
        folder.mkdir(parents=True, exist_ok=True)
        for one in evidence:
            path = folder / f"{hashlib.sha256(one.media_type.encode() + b' ' + one.data).hexdigest()}.json"
            if not path.exists():
                kept = _Kept(one.media_type, base64.b64encode(one.data).decode())
                write_synced(path, msgspec.json.encode(kept).decode())


def evidence_of(root: Path, digest: str) -> tuple[Evidence, ...]:
    """All documents about the bundle of that digest, in a steady order; none is verified."""
    found = []
    for path in sorted(_folder(root, digest).glob("*.json")):
        try:
            kept = _READ.decode(path.read_bytes())
            found.append(Evidence(kept.media_type, base64.b64decode(kept.data, validate=True)))
        except (msgspec.DecodeError, ValueError) as error:
            raise UserError(
                Problem("P219", f"evidence cannot be read: {error}", str(path), "remove the file")
            ) from None
    return tuple(found)


def _folder(root: Path, digest: str) -> Path:
    if not DIGEST.fullmatch(digest):
        raise UserError(Problem("P231", f"`{digest[:100]}` is no digest", str(root)))
    return root / "evidence" / digest.removeprefix("sha256:")
