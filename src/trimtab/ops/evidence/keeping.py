"""Signs what was found, and keeps it beside the bundle in the store, from where it travels with it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from trimtab.bundle.evidence import Evidence, keep_evidence
from trimtab.bundle.trust.signing import Credentials
from trimtab.core.attestations import Attestation
from trimtab.release.evidence.attest import attest
from trimtab.release.evidence.own import own_key

__all__ = ["keep_found"]


def keep_found(root: Path, found: Iterable[Attestation], by: Credentials | None = None) -> tuple[Evidence, ...]:
    """The documents, signed and kept for good. root: of the store, whose own key signs where nobody else does.

    All are made before the first is kept. What `attest`, `own_key` and `keep_evidence` raise.
    """
    found = tuple(found)
    if not found:
        return ()
    by = by or own_key(root)
    made = tuple((one.digest, attest(one, by)) for one in found)
    for digest in dict.fromkeys(digest for digest, _ in made):
        keep_evidence(root, digest, [document for other, document in made if other == digest])
    return tuple(document for _, document in made)
