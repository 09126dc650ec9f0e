"""Whether a bundle may be taken and run: decided from a policy and from what was found, without looking at anything.

1. A signature counts when it is valid, covers this bundle whole, and is by somebody whom the policy names.
2. Where unsigned bundles are not taken, `at_least` different signers are needed; nothing stands in for them.
3. Code runs from a bundle that is signed so, or was packaged by this store, or where the policy file allows code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from trimtab.core.errors import Problem

__all__ = ["ANYBODY", "Document", "Findings", "Kind", "NamedPem", "Origin", "Policy", "Signer", "judge", "signers"]

Kind: TypeAlias = Literal["signature", "attestation", "other"]
Origin: TypeAlias = Literal["packaged", "received", ""]  # empty: nobody knows
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class NamedPem:
    """What a policy's file holds, as PEM, and its name for messages."""

    name: str
    pem: bytes


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may have signed, and what is taken from whom; where: the file that says so.

    keys: public keys. authorities: certificates below which a signer's certificate stands whose name is in `subjects`.
    """

    keys: tuple[NamedPem, ...] = ()
    authorities: tuple[NamedPem, ...] = ()
    subjects: frozenset[str] = frozenset()
    at_least: int = 1
    unsigned: bool = True
    allow_code: bool = False
    where: str = ""

    @property
    def names_somebody(self) -> bool:
        """Whether there is anybody whose signature counts."""
        return bool(self.keys or (self.authorities and self.subjects))


ANYBODY: Final = Policy()  # where no file says anything: all is taken, and code runs only where it was packaged


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody whom a policy names. key: `sha256:<hex>` of the key's SPKI; issuers: of a certificate, upwards."""

    key: str
    name: str
    issuers: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The name, the authority above it, and enough of the key."""
        below = f" below {self.issuers[-1]}" if self.issuers else ""
        return f"{self.name}{below} ({self.key[:23]})"


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the evidence, looked at with one policy: its signer, or why it does not count.

    says: the predicate type, or the media type where there is none. claims: who signed, as the document itself says.
    """

    kind: Kind
    says: str
    name: str
    signer: Signer | None = None
    fault: str = ""
    claims: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """All that is known of a bundle: its evidence, where it came from, and those of its members that are code."""

    documents: tuple[Document, ...] = ()
    origin: Origin = ""
    code: tuple[str, ...] = ()


def signers(findings: Findings) -> tuple[Signer, ...]:
    """Everybody whose signature counts, once; one key under two names, or one name with two keys, is one signer."""
    found: list[Signer] = []
    for document in findings.documents:
        one = document.signer
        if document.kind != "signature" or document.fault or one is None:
            continue
        if all(one.key != other.key and one.name != other.name for other in found):
            found.append(one)
    return tuple(found)


def judge(policy: Policy, findings: Findings) -> list[Problem]:
    """Why the bundle may not be taken or run; empty when it may. For the taking alone, give findings without code."""
    count = len(signers(findings)) if policy.names_somebody else 0
    signed = 0 < policy.at_least <= count
    problems = []
    if not policy.unsigned and not signed:
        problems.append(Problem("P294", _unsigned(policy, count), policy.where, _SIGN))
    if findings.code and not (signed or findings.origin == "packaged" or policy.allow_code):
        shown = ", ".join(f"`{name}`" for name in findings.code[:_SHOWN])
        more = f" and {len(findings.code) - _SHOWN} more" if len(findings.code) > _SHOWN else ""
        what = f"code from a bundle that nobody trusted signed is not run: {shown}{more}"
        problems.append(Problem("P295", what, policy.where or "no `[trust]` is written", _ALLOW))
    if problems and policy.names_somebody:
        problems += [
            Problem("P293", f"the {document.kind} {document.name} does not count: {document.fault}", policy.where)
            for document in findings.documents
            if document.kind != "attestation" and document.fault
        ]
    return problems


_SIGN: Final = "`trimtab sign BUNDLE --key KEY.pem`, by somebody whom the policy names"
_ALLOW: Final = (
    "name its signer's public key in `[trust] keys`, or say `[trust] allow_code = true`, which trusts every bundle"
)


def _unsigned(policy: Policy, count: int) -> str:
    if not policy.names_somebody:
        return "the policy takes signed bundles only, and names nobody who may sign"
    if not count:
        return "no signature by anybody whom the policy names"
    return f"{count} of the {policy.at_least} signers that the policy wants"
