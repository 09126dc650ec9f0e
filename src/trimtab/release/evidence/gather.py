"""What the documents beside a bundle are worth to a gate: each is believed once its signer is one who may say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.trust.envelope import Signed, exact_fault, read_signed
from trimtab.bundle.trust.examine import name_of, printable, who_signed
from trimtab.bundle.trust.keys import fingerprint, pem_digest, public_key
from trimtab.bundle.trust.policy import Policy, Signer
from trimtab.bundle.trust.statements import PROVENANCE, WHOLE
from trimtab.core.attestations import Attestation
from trimtab.core.errors import UserError
from trimtab.release.evidence.statements import attestation_of, kind_in

__all__ = ["Fault", "Found", "Vouching", "gather"]

_OTHERS: Final = frozenset({WHOLE, PROVENANCE})  # documents that a trust policy looks at, and no gate


@dataclass(frozen=True, slots=True)
class Vouching:
    """Whose word counts in an environment; names in them are those that a person is known by, without `.pub`.

    findings: who vouches for what was found. approvals: whose yes counts. A name of the one says nothing in the other.
    """

    findings: Policy = field(default_factory=Policy)
    approvals: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class Fault:
    """A document that does not count. document: its name. kind: as it says itself, empty where that cannot be read."""

    document: str
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """What counts, in a steady order, each once; documents: the name of each in turn; and what does not count."""

    attestations: tuple[Attestation, ...] = ()
    documents: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


def gather(documents: Iterable[Evidence], digest: str, policy: Vouching, now: float) -> Found:
    """All that is said of the bundle of that digest; now: seconds since 1970, at which certificates must hold.

    Nothing of a document is believed before its signature was tried. UserError P292 for a key of the policy.
    """
    believed: dict[str, Attestation] = {}
    faults: list[Fault] = []
    for name, document in sorted({name_of(one): one for one in documents}.items()):
        kind = ""
        try:
            signed = read_signed(document)
            if signed.statement.predicate_type in _OTHERS:
                continue
            kind = kind_in(signed.statement.predicate_type) or signed.statement.predicate_type
            believed[name] = _believed(document, signed, digest, policy, datetime.fromtimestamp(now, UTC))
        except ValueError as error:
            faults.append(Fault(name, printable(kind), printable(str(error))))
    return Found(tuple(believed.values()), tuple(believed), tuple(faults))


def _believed(document: Evidence, signed: Signed, digest: str, policy: Vouching, now: datetime) -> Attestation:
    """What it says, with who signed it; ValueError saying why it does not count."""
    kind = kind_in(signed.statement.predicate_type)
    if kind is None:
        raise ValueError("it is no evidence that trimtab knows")
    mine, other = policy.findings, policy.approvals
    if kind == "approval":
        mine, other = other, mine
    try:
        signer = _signer(signed, mine, now)
    except ValueError:
        if may := _may(signed, other, now):
            what = "vouch for what was found" if kind == "approval" else "say yes"
            raise ValueError(f"`{may}` may {what}, and nothing else") from None
        raise
    if fault := exact_fault(document, signed) or _material_fault(signed, signer, mine):
        raise ValueError(fault)
    found = attestation_of(signed.payload)
    if found.digest != digest:
        raise ValueError(f"it is about another bundle, {found.digest[:15]}")
    return replace(found, signer=signer.name, key=signer.key)


def _signer(signed: Signed, policy: Policy, now: datetime) -> Signer:
    """Who signed; with a certificate it is the certificate that counts, and no key beside it."""
    return who_signed(signed, replace(policy, keys=()) if signed.chain else policy, now)


def _may(signed: Signed, policy: Policy, now: datetime) -> str:
    """Who signed it, of those who may say something else; empty for nobody."""
    try:
        return _signer(signed, policy, now).name
    except (ValueError, UserError):
        return ""


def _material_fault(signed: Signed, signer: Signer, policy: Policy) -> str:
    """Why what it says of its signer is not what was found; empty when it is."""
    if signed.chain:
        # the signer's own and those between, as the path had them; the authority's is not carried
        return "" if len(signed.chain) == len(signer.issuers) else "it carries certificates that nobody asked for"
    keys = (public_key(file) for file in policy.keys)
    hints = {pem_digest(key) for key in keys if fingerprint(key) == signer.key}
    return "" if signed.hint in hints else "it says that it is by another key than it is by"
