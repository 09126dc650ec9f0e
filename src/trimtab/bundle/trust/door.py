"""The one door: before a bundle's code or model is loaded, every policy that holds has to agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from trimtab.bundle.evidence import Evidence, evidence_of
from trimtab.bundle.read import Bundle
from trimtab.bundle.trust.examine import claimed, examine, verify_attestation
from trimtab.bundle.trust.formats import code_of
from trimtab.bundle.trust.origin import origin_of
from trimtab.bundle.trust.policy import Document, Findings, Origin, Policy, Signer, judge, signers
from trimtab.core.errors import Problem, RefusedError

__all__ = ["Taken", "find", "require_image", "require_taking", "require_trust", "seen"]


def find(bundle: Bundle, evidence: Sequence[Evidence], origin: Origin, policy: Policy, now: datetime) -> Findings:
    """All that a policy decides upon. Where it names nobody, no signature is tried, since none would count."""
    documents = examine(bundle, evidence, policy, now) if policy.names_somebody else ()
    return Findings(documents, origin, code_of(bundle))


def seen(
    bundle: Bundle, evidence: Sequence[Evidence], policies: Sequence[Policy], now: datetime
) -> tuple[Document, ...]:
    """The documents for people to read: as the first policy sees them that names anybody, or as they say themselves."""
    named = [policy for policy in policies if policy.names_somebody]
    return examine(bundle, evidence, named[0], now) if named else claimed(bundle, evidence)


def require_image(
    digest: str, evidence: Sequence[Evidence], policies: Sequence[Policy], now: datetime
) -> tuple[str, ...]:
    """Let an image pass, by the digest of its manifest; the signers that count. RefusedError P294 with P293."""
    problems: list[Problem] = []
    names: list[str] = []
    for policy in policies:
        signed: set[Signer] = set()
        faults: list[Problem] = []
        for one in evidence if policy.names_somebody else ():
            try:
                signed.add(verify_attestation(one, digest, policy, now)[2])
            except RefusedError as error:
                faults += error.problems
        names += sorted(map(str, signed))
        if not policy.unsigned and not 0 < policy.at_least <= len(signed):
            what = (
                f"the image {digest} is signed by {len(signed)} of the {policy.at_least} signers that the policy wants"
            )
            problems += [Problem("P294", what, policy.where, "`trimtab image ... --key KEY.pem`"), *faults]
    if problems:
        raise RefusedError(*dict.fromkeys(problems))
    return tuple(dict.fromkeys(names))


def require_trust(root: Path, bundle: Bundle, policies: Sequence[Policy], now: datetime) -> None:
    """Let a bundle of the store at `root` run; RefusedError P294, P295 with P293 for what did not count."""
    evidence = evidence_of(root, bundle.digest)
    origin = origin_of(root, bundle.digest)
    problems: list[Problem] = []
    for policy in policies:
        problems += judge(policy, find(bundle, evidence, origin, policy, now))
    if problems:
        raise RefusedError(*dict.fromkeys(problems))


@dataclass(frozen=True, slots=True)
class Taken:
    """What policies say of a bundle that they let into the store: who signed it, and whether its code may run now."""

    signers: tuple[str, ...] = ()
    runs: bool = False


def require_taking(bundle: Bundle, evidence: Sequence[Evidence], policies: Sequence[Policy], now: datetime) -> Taken:
    """Let a bundle from elsewhere into the store; RefusedError P294 where a policy does not take it unsigned."""
    problems: list[Problem] = []
    names: list[str] = []
    runs = True
    for policy in policies:
        findings = find(bundle, evidence, "received", policy, now)
        problems += judge(policy, replace(findings, code=()))
        names += [str(one) for one in signers(findings)]
        runs = runs and not judge(policy, findings)
    if problems:
        raise RefusedError(*dict.fromkeys(problems))
    return Taken(tuple(dict.fromkeys(names)), runs)
