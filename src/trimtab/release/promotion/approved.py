"""The rule of a gate about approvals: enough different people said yes to this bundle in this environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from trimtab.core.attestations import Attestation
from trimtab.release.promotion.look import Look, age, short
from trimtab.release.promotion.persons import Persons
from trimtab.release.promotion.required import finding_of
from trimtab.release.promotion.values import Finding

__all__ = ["approved"]


def approved(look: Look) -> Iterator[Finding]:
    """One finding, where approvals are wanted."""
    wanted = look.environment
    if not wanted.approvals:
        return
    persons = Persons(look.attestations)
    said = [one for one in look.attestations if _is_about(one, look)]
    against = {stale for one in said if (stale := _stale(one, look))}
    yes: list[str] = []
    for one in _last((one for one in said if not _stale(one, look)), persons):
        if fault := _fault(one, look, persons):
            against.add(fault)
        else:
            yes.append(one.signer)
    who = f" ({', '.join(sorted(yes))})" if yes else ""
    if len(yes) >= wanted.approvals:
        yield Finding("approvals", "PASS", f"{len(yes)} of {wanted.approvals}{who}")
        return
    why = "; ".join((f"{len(yes)} of {wanted.approvals}{who}", *sorted(against)))
    asked = ", ".join(f"`{name}`" for name in wanted.approvers)
    bundle = short(look.candidate.name, look.candidate.digest)
    yield Finding("approvals", "FAIL", why, f"{asked}: `trimtab approve {wanted.name} {bundle} --key KEY.pem`")


def _is_about(one: Attestation, look: Look) -> bool:
    """Whether it is the word of somebody who is asked, on this bundle in this environment."""
    wanted = look.environment
    is_here = one.environment == wanted.name and one.digest == look.candidate.digest
    return one.kind == "approval" and is_here and one.signer in wanted.approvers


def _last(said: Iterable[Attestation], persons: Persons) -> Iterable[Attestation]:
    """What each person said last; a no goes before a yes of the same moment."""
    order = sorted(said, key=lambda one: (one.made, one.verdict != "PASS", one.signer, one.key))
    return {persons.of(one): one for one in order}.values()


def _stale(one: Attestation, look: Look) -> str:
    """Why the time of this yes is none at which it counts; a no counts whenever it was said."""
    if one.verdict != "PASS":
        return ""
    if look.is_future(one):
        return f"the yes of `{one.signer}` is from the future: a clock is wrong"
    holds = look.environment.approvals_s
    if look.is_older(one, holds):
        return f"the yes of `{one.signer}` is {age(look.now - one.made)} old, and holds for {age(holds)}"
    return ""


def _fault(one: Attestation, look: Look, persons: Persons) -> str:
    """Why this word is no yes that counts; empty where it is one."""
    who = one.signer
    if one.verdict != "PASS":
        return f"`{who}` says no"
    if not look.environment.four_eyes:
        return ""
    if persons.is_called(one, look.candidate.by):
        return f"`{who}` releases it, and another has to look"
    if persons.is_called(one, look.candidate.source.author):
        return f"`{who}` wrote the commit, and another has to look"
    if kinds := _vouched_alone(one, look, persons):
        return f"`{who}` signed its evidence ({', '.join(kinds)}), and another has to look"
    return ""


def _vouched_alone(one: Attestation, look: Look, persons: Persons) -> list[str]:
    """The required kinds of evidence that nobody but this person vouches for."""
    person = persons.of(one)
    others = tuple(other for other in look.attestations if persons.of(other) != person)
    without = replace(look, attestations=others)
    kinds: list[str] = []
    for requirement in look.environment.requires:
        strict = replace(requirement, warn_only=False)
        good = ("PASS", "WARN")
        if finding_of(strict, look).verdict in good and finding_of(strict, without).verdict not in good:
            kinds.append(requirement.kind)
    return kinds
