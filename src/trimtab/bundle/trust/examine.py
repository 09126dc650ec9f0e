"""What the evidence beside a bundle is worth: each document is read, its signature tried, its content compared.

Nothing of the bundle is opened: its digests were checked before, and the manifest has them all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import msgspec

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.read import Bundle
from trimtab.bundle.trust.chain import names_of, signer_of
from trimtab.bundle.trust.envelope import SIGNED, Signed, read_signed
from trimtab.bundle.trust.keys import fingerprint, from_der, public_key, verify
from trimtab.bundle.trust.policy import Document, Kind, Policy, Signer
from trimtab.bundle.trust.statements import WHOLE, whole_fault
from trimtab.core.errors import Problem, RefusedError, UserError

__all__ = ["claimed", "examine", "name_of", "printable", "verify_attestation", "who_signed"]

_LONGEST: Final = 300  # characters
_KINDS: Final = {"signature": 0, "attestation": 1, "other": 2}


def examine(bundle: Bundle, evidence: Iterable[Evidence], policy: Policy, now: datetime) -> tuple[Document, ...]:
    """Every document with its signer, or with why it does not count; UserError P292 for a key of the policy."""
    return _ordered(_looked_at(bundle, one, policy, now) for one in evidence)


def verify_attestation(
    evidence: Evidence, digest: str, policy: Policy, now: datetime
) -> tuple[str, dict[str, Any], Signer]:
    """Predicate type, predicate and signer of an attestation about that bundle; RefusedError P293 for any other."""
    try:
        found = read_signed(evidence)
        signer = who_signed(found, policy, now)
        predicate = msgspec.json.decode(found.statement.predicate, type=dict[str, Any])
        fault = _about_fault(found, digest)
    except ValueError as error:
        fault = str(error)
    if fault:
        what = f"the attestation {name_of(evidence)[:12]} does not count: {fault}"
        raise RefusedError(Problem("P293", what, policy.where))
    return found.statement.predicate_type, predicate, signer


def claimed(bundle: Bundle, evidence: Iterable[Evidence]) -> tuple[Document, ...]:
    """Every document with what it says itself of who signed; no signature is tried."""
    return _ordered(_read(bundle, one)[0] for one in evidence)


def _ordered(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Signatures first, those that count ahead of the others; a steady order, whatever their digests are."""
    return tuple(sorted(documents, key=lambda one: (_KINDS[one.kind], bool(one.fault), str(one.signer), one.name)))


def _looked_at(bundle: Bundle, evidence: Evidence, policy: Policy, now: datetime) -> Document:
    document, found = _read(bundle, evidence)
    if found is None:
        return document
    try:
        return replace(document, signer=who_signed(found, policy, now))
    except ValueError as error:
        return replace(document, fault=printable(str(error)))


def _read(bundle: Bundle, evidence: Evidence) -> tuple[Document, Signed | None]:
    """The document as it says itself; what is signed, where it is about this bundle and a signature is worth trying."""
    name = name_of(evidence)[:12]
    if evidence.media_type != SIGNED:
        return Document("other", printable(evidence.media_type), name, fault="it is no signed statement"), None
    try:
        found = read_signed(evidence)
    except ValueError as error:
        return Document("other", evidence.media_type, name, fault=printable(str(error))), None
    says = found.statement.predicate_type
    kind: Kind = "signature" if says == WHOLE else "attestation"
    fault = whole_fault(found.statement, bundle) if kind == "signature" else _about_fault(found, bundle.digest)
    return Document(
        kind, printable(says), name, fault=printable(fault), claims=_claims(found)
    ), None if fault else found


def _about_fault(found: Signed, digest: str) -> str:
    """An attestation is about what its subject says, and nothing else."""
    wanted = digest.removeprefix("sha256:")
    if len(found.statement.subject) == 1 and found.statement.subject[0].digest.get("sha256") == wanted:
        return ""
    return "it is about another bundle"


def who_signed(found: Signed, policy: Policy, now: datetime) -> Signer:
    """Who signed, if the policy names them; ValueError for anybody else."""
    for file in policy.keys:
        key = public_key(file)
        if verify(key, found.signatures, found.message):
            return Signer(fingerprint(key), file.name)
    if not found.chain:
        raise ValueError("it is by no key that the policy names, or was changed")
    try:
        chain = [from_der(one) for one in found.chain]
        signer = signer_of(chain, policy, now)
        if verify(chain[0].public_key(), found.signatures, found.message):
            return signer
    except (ValueError, UserError):
        raise
    except Exception as error:  # noqa: BLE001  # what a strange certificate makes the library say has no end
        raise ValueError(f"its certificate cannot be used: {error}") from None
    raise ValueError(f"the signature is not by the key of `{signer.name}`, or was changed")


def _claims(found: Signed) -> str:
    """Who signed, as the document says itself."""
    try:
        if found.chain:
            certificate = from_der(found.chain[0])
            return f"{printable(names_of(certificate)[0])} ({fingerprint(certificate.public_key())[:23]})"  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001  # only a word about it; whoever verifies says what is wrong
        return "a certificate that cannot be read"
    return f"a key with the hint {printable(found.hint[:16])}" if found.hint else "a key"


def printable(text: str) -> str:
    """The text, short, without what a terminal would obey: what documents say comes from anybody."""
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in shown)


def name_of(evidence: Evidence) -> str:
    """The document's name in the store: SHA-256 in hex of its media type and its bytes."""
    return hashlib.sha256(evidence.media_type.encode() + b" " + evidence.data).hexdigest()
