"""Evidence for the verbs of releases: of the record and of the store, believed by the project's rules; and made."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trimtab.cli.releasing import Yard
    from trimtab.core.attestations import Attestation
    from trimtab.ops.release.means import Evidenced
    from trimtab.release.environments import Environment

__all__ = ["evidence_of", "share", "vouch"]


def evidence_of(yard: Yard, environment: Environment, digest: str) -> Evidenced:
    """What is proved of a bundle, for that environment."""
    from trimtab.bundle.evidence import evidence_of as kept
    from trimtab.ops.evidence.vouching import vouching_in
    from trimtab.ops.release.means import Evidenced
    from trimtab.release.evidence.gather import gather

    documents = (*yard.record.documents(digest), *kept(yard.store.root, digest))
    policy = vouching_in(yard.project, environment, yard.store.root)
    found = gather(documents, digest, policy, time.time())
    faults = tuple(
        f"{one.document[:12]} {one.kind or 'a document'} does not count: {one.why}"
        for one in found.faults
        if one.kind != "approval" or environment.approvals  # where nobody is asked, nobody's word is missing
    )
    return Evidenced(found.attestations, found.documents, faults)


def share(yard: Yard, digest: str) -> None:
    """What the store has of a bundle is in the record as well, where others see what a gate has read."""
    from trimtab.bundle.evidence import evidence_of as kept

    yard.record.keep(digest, kept(yard.store.root, digest))


def vouch(yard: Yard, attestation: Attestation) -> None:
    """Keeps it in the record, signed by the store's own key."""
    from trimtab.release.evidence.attest import attest
    from trimtab.release.evidence.own import own_key

    yard.record.keep(attestation.digest, [attest(attestation, own_key(yard.store.root))])
