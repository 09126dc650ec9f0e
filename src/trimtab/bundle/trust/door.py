"""The one door: before a bundle's code or model is loaded, every policy that holds has to agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from trimtab.bundle.evidence import Evidence, evidence_of
from trimtab.bundle.read import Bundle
from trimtab.bundle.trust.examine import claimed, examine
from trimtab.bundle.trust.formats import code_of
from trimtab.bundle.trust.origin import origin_of
from trimtab.bundle.trust.policy import Document, Findings, Origin, Policy, judge, signers
from trimtab.core.errors import Problem, RefusedError

__all__ = ["find", "require_taking", "require_trust", "seen"]


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


def require_trust(root: Path, bundle: Bundle, policies: Sequence[Policy], now: datetime) -> None:
    """Let a bundle of the store at `root` run; RefusedError P294, P295 with P293 for what did not count."""
    evidence = evidence_of(root, bundle.digest)
    origin = origin_of(root, bundle.digest)
    problems: list[Problem] = []
    for policy in policies:
        problems += judge(policy, find(bundle, evidence, origin, policy, now))
    if problems:
        raise RefusedError(*dict.fromkeys(problems))


def require_taking(
    bundle: Bundle, evidence: Sequence[Evidence], policies: Sequence[Policy], now: datetime
) -> tuple[str, ...]:
    """Let a bundle from elsewhere into the store, where its code still does not run; the signers that count."""
    problems: list[Problem] = []
    names: list[str] = []
    for policy in policies:
        findings = replace(find(bundle, evidence, "received", policy, now), code=())
        problems += judge(policy, findings)
        names += [str(one) for one in signers(findings)]
    if problems:
        raise RefusedError(*dict.fromkeys(problems))
    return tuple(dict.fromkeys(names))
