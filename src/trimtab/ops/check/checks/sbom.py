"""`sbom`: the bundle's list of parts keeps to `[check.sbom]`."""

from __future__ import annotations

from typing import Final

from packaging.utils import canonicalize_name

from trimtab.bundle.sbom.document import Bom, Component
from trimtab.bundle.sbom.write import read_sbom
from trimtab.core.attestations import Measure
from trimtab.core.verdicts import Verdict
from trimtab.ops.check.found import Found, held_to
from trimtab.ops.check.licences import denied, text_of
from trimtab.ops.check.subject import Bench, CannotError, Subject
from trimtab.project.check import SbomPart

__all__ = ["check", "held_against"]

_SHOWN: Final = 8
_UNKNOWN: Final[dict[str, Verdict]] = {"allow": "PASS", "warn": "WARN", "deny": "FAIL"}


def check(subject: Subject, bench: Bench) -> Found:  # noqa: ARG001  # every check has this form
    """One measure a rule."""
    bom = read_sbom(subject.bundle)
    if bom is None:
        raise CannotError("the bundle has no list of parts", "package the model again")
    return Found(tuple(held_against(bom, subject.wanted.sbom)), {"parts": len(bom.components)})


def held_against(bom: Bom, policy: SbomPart) -> list[Measure]:
    """Denied packages, denied licences, missing hashes, unknown licences."""
    parts = [part for part in bom.components if part.type == "library"]
    refused = {canonicalize_name(name) for name in policy.deny_packages}
    packages = [_called(part) for part in parts if canonicalize_name(part.name) in refused]
    licences = [f"{_called(part)}: {word}" for part in parts
                if (word := denied(text_of(part.licenses), policy.deny_licences))]  # fmt: skip
    bare = [_called(part) for part in parts if not any(one.hashes for one in part.external_references)]
    unknown = [_called(part) for part in parts if not text_of(part.licenses)]
    found = [_none("denied packages", packages, len(parts)), _none("denied licences", licences, len(parts))]
    if policy.require_hashes:
        found.append(_none("without a hash", bare, len(parts)))
    verdict = _UNKNOWN[policy.unknown] if unknown else "PASS"
    found.append(
        Measure("no licence known", float(len(unknown)), verdict, 0.0, count=len(parts), says=_listed(unknown))
    )
    if not parts:
        says = "nothing was locked: the list names no distribution"
        found.append(Measure("parts", 0.0, "UNKNOWN", says=says))
    return found


def _none(name: str, faults: list[str], count: int) -> Measure:
    return held_to(name, float(len(faults)), 0.0, count=count, says=_listed(faults))


def _listed(words: list[str]) -> str:
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return ", ".join(words[:_SHOWN]) + more


def _called(part: Component) -> str:
    return f"{part.name} {part.version}".strip()
