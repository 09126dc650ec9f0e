"""The rule of a gate about evidence: each required kind is there, about this bundle, young enough, and says PASS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from trimtab.core.attestations import Attestation, EvidenceKind
from trimtab.core.verdicts import Verdict
from trimtab.release.environments import Requirement
from trimtab.release.promotion.look import Look, age, short
from trimtab.release.promotion.values import Finding

__all__ = ["COMPARED", "finding_of", "required"]

COMPARED: Final[frozenset[EvidenceKind]] = frozenset({"compatible", "champion", "replay"})  # with what is live here
_DECIDE: Final[tuple[Verdict, ...]] = ("FAIL", "WARN", "PASS")  # the worst first; UNKNOWN decides nothing
_SHOWN: Final = 3  # measures of a finding


def required(look: Look) -> Iterator[Finding]:
    """One finding for each required kind, in the order of the file."""
    for requirement in look.environment.requires:
        yield finding_of(requirement, look)


def finding_of(requirement: Requirement, look: Look) -> Finding:
    """What the evidence of a kind comes to. The newest verdict counts, the worst of those of one moment.

    Evidence that was made in the future passes nothing, and still says no.
    """
    kind = requirement.kind
    if kind in COMPARED and look.standing.live in ("", look.candidate.digest):
        why = "it is what is live here" if look.standing.live else "nothing is live here to compare with"
        return Finding(kind, "PASS", why)
    about = [one for one in look.attestations if one.kind == kind and _is_about(one, look)]
    usable = [one for one in about if not _fault(one, requirement, look)]
    decided = [one for one in usable if one.verdict in _DECIDE]
    if decided:
        newest = min(decided, key=lambda one: (-one.made, _DECIDE.index(one.verdict), one.signer, one.key))
        return _said(newest, requirement, look)
    hint = f"`trimtab check {short(look.candidate.name, look.candidate.digest)} --for {look.environment.name}`"
    if usable:
        newest = max(usable, key=lambda one: (one.made, one.signer, one.key))
        return _softened(requirement, "UNKNOWN", f"it came to no verdict{_measures(newest, 'UNKNOWN')}", hint)
    faults = sorted({_fault(one, requirement, look) for one in about})
    return _softened(requirement, "UNKNOWN", "; ".join(faults) or "there is none of this bundle", hint)


def _is_about(one: Attestation, look: Look) -> bool:
    places = ("", look.environment.name, look.environment.after)
    return one.digest == look.candidate.digest and one.environment in places


def _fault(one: Attestation, requirement: Requirement, look: Look) -> str:
    """Why it does not count; empty where it does."""
    if look.is_future(one) and one.verdict != "FAIL":
        return f"it is {age(one.made - look.now)} from the future: the clock here or of `{one.signer}` is wrong"
    if look.is_older(one, requirement.within_s):
        return f"it is {age(look.now - one.made)} old, and at most {age(requirement.within_s)} are taken"
    if requirement.kind in COMPARED and one.against != look.standing.live:
        other = one.against[:15] or "nothing"
        return f"it was compared with {other}, and {look.standing.live[:15]} is live here now"
    return ""


def _said(one: Attestation, requirement: Requirement, look: Look) -> Finding:
    when = f"{age(look.now - one.made)} ago by {one.signer}"
    if one.verdict == "PASS":
        return Finding(requirement.kind, "PASS", when)
    why = f"{when}{_measures(one, one.verdict)}"
    hint = f"`trimtab evidence show {short(look.candidate.name, look.candidate.digest)} --kind {one.kind}`"
    return _softened(requirement, one.verdict, why, hint)


def _softened(requirement: Requirement, verdict: Verdict, why: str, hint: str) -> Finding:
    return Finding(requirement.kind, "WARN" if requirement.warn_only else verdict, why, hint)


def _measures(one: Attestation, verdict: Verdict) -> str:
    """The measures that it rests on, as `: errors 0.02 (at most 0.005)`."""
    texts = []
    for measure in one.measures:
        if measure.verdict == verdict:
            limit = "" if measure.limit is None else f" (limit {measure.limit:g}{measure.unit})"
            value = "" if measure.value is None else f" {measure.value:g}{measure.unit}"
            texts.append(f"{measure.name}{value}{limit}{f' {measure.says}' if measure.says else ''}")
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return f": {', '.join(texts[:_SHOWN])}{more}" if texts else ""
