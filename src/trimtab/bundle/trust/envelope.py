"""A signed statement as it travels: in-toto in a DSSE envelope in a Sigstore bundle, as OpenSSF model signing has it.

Sources: DSSE 1.0 (pre-authentication encoding), in-toto Statement v1, Sigstore bundle 0.3, OpenSSF model signing 1.0.
Reading believes nothing: whoever signed is a claim until a key has been tried.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from trimtab.bundle.evidence import LARGEST, Evidence
from trimtab.bundle.manifest import canonical
from trimtab.bundle.trust.keys import as_der, pem_digest, sign

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

__all__ = ["INTOTO", "SIGNED", "STATEMENT", "Signed", "Statement", "exact_fault", "read_signed", "signed"]

SIGNED: Final = "application/vnd.dev.sigstore.bundle.v0.3+json"  # the media type of both kinds of evidence
INTOTO: Final = "application/vnd.in-toto+json"
STATEMENT: Final = "https://in-toto.io/Statement/v1"


class _Subject(msgspec.Struct, frozen=True):
    name: str = ""
    digest: dict[str, str] = {}


class Statement(msgspec.Struct, frozen=True, rename="camel"):
    """An in-toto statement: of what it speaks, and what it says of it, still undecoded."""

    type_: str = msgspec.field(name="_type")
    subject: tuple[_Subject, ...]
    predicate_type: str
    predicate: msgspec.Raw = msgspec.Raw(b"{}")


class _Signature(msgspec.Struct, frozen=True):
    sig: str


class _Envelope(msgspec.Struct, frozen=True, rename="camel"):
    payload: str
    payload_type: str
    signatures: tuple[_Signature, ...]


class _Der(msgspec.Struct, frozen=True, rename="camel"):
    raw_bytes: str


class _Chain(msgspec.Struct, frozen=True):
    certificates: tuple[_Der, ...] = ()


class _Hint(msgspec.Struct, frozen=True):
    hint: str = ""


class _Material(msgspec.Struct, frozen=True, rename="camel"):
    public_key: _Hint | None = None
    x509_certificate_chain: _Chain | None = None


class _Bundle(msgspec.Struct, frozen=True, rename="camel"):
    media_type: str
    verification_material: _Material
    dsse_envelope: _Envelope


_BUNDLES: Final = msgspec.json.Decoder(_Bundle)
_STATEMENTS: Final = msgspec.json.Decoder(Statement)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a document says, the bytes that were signed, and by which signatures; chain: certificates as DER."""

    statement: Statement
    message: bytes
    signatures: tuple[bytes, ...]
    chain: tuple[bytes, ...] = ()
    hint: str = ""
    payload: bytes = b""


def read_signed(evidence: Evidence) -> Signed:
    """The document taken apart; ValueError saying why it cannot be."""
    if evidence.media_type != SIGNED:
        raise ValueError(f"the media type `{evidence.media_type[:100]}` is none of a signed statement")
    if len(evidence.data) > LARGEST:
        raise ValueError(f"{len(evidence.data)} bytes, at most {LARGEST} are read")
    try:
        bundle = _BUNDLES.decode(evidence.data)
        envelope = bundle.dsse_envelope
        payload = base64.b64decode(envelope.payload, validate=True)
        signatures = tuple(base64.b64decode(one.sig, validate=True) for one in envelope.signatures)
        found = bundle.verification_material.x509_certificate_chain or _Chain()
        chain = tuple(base64.b64decode(one.raw_bytes, validate=True) for one in found.certificates)
        statement = _STATEMENTS.decode(payload)
    except (msgspec.DecodeError, binascii.Error, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ValueError(f"it cannot be read: {error}") from None
    if (bundle.media_type, envelope.payload_type, statement.type_) != (SIGNED, INTOTO, STATEMENT):
        raise ValueError("it is no in-toto statement in a Sigstore bundle 0.3")
    hint = bundle.verification_material.public_key
    return Signed(statement, _encoded(payload), signatures, chain, hint.hint if hint else "", payload)


def signed(statement: dict[str, Any], key: EllipticCurvePrivateKey, chain: tuple[Any, ...] = ()) -> Evidence:
    """The statement, signed; chain: the signer's certificate and those between it and its authority."""
    payload = canonical(statement)
    ders = tuple(as_der(one) for one in chain)
    hint = "" if chain else pem_digest(key.public_key())
    return Evidence(SIGNED, _written(payload, sign(key, _encoded(payload)), ders, hint))


def exact_fault(evidence: Evidence, found: Signed) -> str:
    """Why the bytes are not the very ones that `signed` writes for what was found in them; empty when they are.

    What no signature covers has one form then, so that nothing of a document can be changed without showing.
    """
    try:
        is_plain = canonical(json.loads(found.payload)) == found.payload
    except (ValueError, RecursionError):
        is_plain = False
    if len(found.signatures) != 1 or not is_plain:
        return "it is not written as such documents are: one signature of a statement in canonical form"
    if _written(found.payload, found.signatures[0], found.chain, found.hint) != evidence.data:
        return "something in it that no signature covers was added or changed"
    return ""


def _written(payload: bytes, signature: bytes, chain: tuple[bytes, ...], hint: str) -> bytes:
    """The document; with certificates, else with the hint of a key."""
    if chain:
        ders = [{"rawBytes": base64.b64encode(one).decode()} for one in chain]
        material: dict[str, Any] = {"x509CertificateChain": {"certificates": ders}}
    else:
        material = {"publicKey": {"hint": hint}}
    plain = {
        "mediaType": SIGNED,
        "verificationMaterial": {**material, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": INTOTO,
            "signatures": [{"sig": base64.b64encode(signature).decode(), "keyid": ""}],
        },
    }
    return canonical(plain)


def _encoded(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding; the type is always the one, so that nothing else is ever taken for it."""
    return b"DSSEv1 %d %s %d %s" % (len(INTOTO), INTOTO.encode(), len(payload), payload)
