"""A person's yes or no to a bundle in an environment: made, held against what the environment asks for, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.trust.signing import Credentials
from trimtab.core.attestations import Attestation
from trimtab.core.errors import Problem, RefusedError, UserError
from trimtab.ops.evidence.listing import documents_of, gathered
from trimtab.project.values import Project
from trimtab.release.environments import Environment
from trimtab.release.evidence.attest import attest
from trimtab.release.promotion.approved import approved
from trimtab.release.promotion.look import Look
from trimtab.release.promotion.values import Candidate, Finding, Source, Standing
from trimtab.release.record.record import Record

__all__ = ["Asked", "Said", "must_ask", "say_so"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody is asked about. source: of the bundle, whose author's yes does not count. root: of the store."""

    project: Project
    environment: Environment
    record: Record
    root: Path
    digest: str
    source: Source = field(default_factory=Source)


@dataclass(frozen=True, slots=True)
class Said:
    """The word, with its signer, its document, and how the approvals stand with it."""

    word: Attestation
    document: Evidence
    approvals: Finding


def must_ask(environment: Environment) -> None:
    """UserError P443 for an environment that asks nobody."""
    if not environment.approvals:
        what = f"`{environment.name}` asks nobody for an approval"
        hint = 'say who is to be asked: `approvers = ["ann"]`'
        raise UserError(Problem("P443", what, f"[env.{environment.name}]", hint))


def say_so(asked: Asked, by: Credentials, now: float, who: str, facts: Mapping[str, Any], *, yes: bool = True) -> Said:
    """Signed and kept for everybody; who: as they call themselves. now: seconds since 1970.

    RefusedError P444 for somebody whose word does not count there, and then nothing is kept.
    """
    place = asked.environment
    must_ask(place)
    said = Attestation(
        "approval", asked.digest, "PASS" if yes else "FAIL", now, who, environment=place.name, facts=facts
    )
    document = attest(said, by)
    found = gathered(asked.project, place, asked.root, (document,), asked.digest, now)
    if found.faults:
        asks = ", ".join(f"`{one}`" for one in place.approvers)
        what = f"this word would not count in `{place.name}`: {found.faults[0].why}"
        raise RefusedError(Problem("P444", what, f"[env.{place.name}]", f"it asks {asks}"))
    asked.record.keep(asked.digest, (document,))
    documents = documents_of(asked.record, asked.root, asked.digest)
    all_ = gathered(asked.project, place, asked.root, documents, asked.digest, now)
    candidate = Candidate(asked.project.name, asked.digest, source=asked.source)
    (finding,) = approved(Look(place, candidate, all_.attestations, Standing(), now))
    return Said(found.attestations[0], document, finding)
