"""What is said of a bundle, document by document: in which environments each counts, or why in none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from trimtab.bundle.evidence import Evidence, evidence_of
from trimtab.core.attestations import Attestation
from trimtab.ops.evidence.vouching import vouching_in
from trimtab.project.values import Project
from trimtab.release.environments import Environment
from trimtab.release.evidence.gather import Found, gather
from trimtab.release.record.record import Record

__all__ = ["Listed", "documents_of", "gathered", "listed"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One document. found: what it says, with its signer, None where it counts nowhere. counts_in: environments.

    kind: as the document says itself. fault: why it counts in none.
    """

    document: str
    kind: str
    found: Attestation | None = None
    counts_in: tuple[str, ...] = ()
    fault: str = ""


def documents_of(record: Record, root: Path, digest: str) -> tuple[Evidence, ...]:
    """What the record and the store have on that bundle, each once; root: of the store. None is verified."""
    return tuple(dict.fromkeys((*record.documents(digest), *evidence_of(root, digest))))


def gathered(
    project: Project, environment: Environment, root: Path, documents: Iterable[Evidence], digest: str, now: float
) -> Found:
    """What counts in an environment, as its files say; see `vouching_in` and `gather`. now: seconds since 1970."""
    return gather(documents, digest, vouching_in(project, environment, root), now)


def listed(project: Project, root: Path, documents: Iterable[Evidence], digest: str, now: float) -> tuple[Listed, ...]:
    """Every document about the bundle, the oldest first, and those that count nowhere behind them.

    A project without environments has one without a name, in which `[trust]` holds. What `vouching_in` raises.
    """
    documents = tuple(documents)
    rows: dict[str, Listed] = {}
    for place in project.environments.values() or (Environment(""),):
        found = gathered(project, place, root, documents, digest, now)
        for name, one in zip(found.documents, found.attestations, strict=True):
            before = rows.get(name)
            counts_in = before.counts_in if before else ()
            if one.environment in ("", place.name) or one.kind != "approval":
                counts_in = (*counts_in, place.name)
            rows[name] = Listed(name, one.kind, one, counts_in)
        for fault in found.faults:
            rows.setdefault(fault.document, Listed(fault.document, fault.kind, fault=fault.why))
    return tuple(sorted(_explained(rows), key=lambda one: (one.found is None, _made(one), one.document)))


def _explained(rows: Mapping[str, Listed]) -> Iterable[Listed]:
    for one in rows.values():
        if one.found is not None and not one.counts_in:
            yield replace(one, fault=f"there is no environment `{one.found.environment}`, or it asks others")
        else:
            yield replace(one, fault="") if one.found is not None else one


def _made(one: Listed) -> float:
    return one.found.made if one.found is not None else 0.0
