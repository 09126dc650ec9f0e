"""What is known of a bundle before it is released: statements about its digest, each of one kind; gates read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

from trimtab.core.verdicts import Verdict

__all__ = ["KINDS", "Attestation", "EvidenceKind", "Measure"]

# golden: golden rows replayed. tests: the project's own, of its data preparation too. model: shapes, nulls, outliers,
# invariances, weak groups. contract: a server of this bundle keeps to the protocol. baseline, champion: compared on
# held data. load: under load, against the limits. compatible: what may be asked of the live revision may be asked of
# this one. scan: secrets and known faults. sbom: the policy for its parts. replay: the journal's requests. flight: how
# it came out. smoke: the deployed endpoint. source: commit and pull request. approval: a person said yes
EvidenceKind: TypeAlias = Literal[
    "golden", "tests", "model", "contract", "baseline", "champion", "load", "compatible", "scan", "sbom", "replay",
    "flight", "smoke", "source", "approval",
]  # fmt: skip
KINDS: Final[tuple[EvidenceKind, ...]] = get_args(EvidenceKind)


@dataclass(frozen=True, slots=True)
class Measure:
    """One number that was looked at, and its limit. unit: as `s`, `rows`, empty for a share or a count.

    says: what a person reads of it, such as the group that is weak, or the fields that differ.
    """

    name: str
    value: float | None
    verdict: Verdict
    limit: float | None = None
    unit: str = ""
    count: int = 0
    says: str = ""


@dataclass(frozen=True, slots=True)
class Attestation:
    """What was found of a bundle.

    digest: of the bundle. made: seconds since 1970. against: digest of the bundle that it was compared with, empty for
    none. environment: where it holds, empty for everywhere; of an approval, what it is for. by: who found it, as they
    say themselves. facts: whatever else belongs to it, as plain JSON. signer: who vouches for it, which only whoever
    verifies the signature fills in: the name of a key or certificate that a policy names, and the key's fingerprint.
    """

    kind: EvidenceKind
    digest: str
    verdict: Verdict
    made: float
    by: str = ""
    against: str = ""
    environment: str = ""
    measures: tuple[Measure, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    signer: str = ""
    key: str = ""
