"""Signing: the documents that say of a bundle that these are its files, and of it and its image how they were made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.read import Bundle
from trimtab.bundle.trust.chain import names_of
from trimtab.bundle.trust.envelope import signed
from trimtab.bundle.trust.keys import certificates, fingerprint, private_key
from trimtab.bundle.trust.policy import NamedPem
from trimtab.bundle.trust.statements import provenance_of, provenance_of_image, whole
from trimtab.core.errors import Problem, UserError

__all__ = ["Credentials", "Signature", "sign_bundle", "sign_image", "sign_statements"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signs: a private key; with a certificate for it, also those between that and its authority."""

    key: NamedPem
    password: str = ""
    certificate: NamedPem | None = None
    chain: tuple[NamedPem, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """Signed documents, the fingerprint of the key, and the subject of the certificate if there is one."""

    documents: tuple[Evidence, ...]
    fingerprint: str
    subject: str = ""


def sign_bundle(bundle: Bundle, by: Credentials) -> Signature:
    """Signature and provenance of a bundle.

    The same bundle, key and trimtab give the same bytes. UserError P292 for keys or certificates that do not fit.
    """
    return sign_statements(by, whole(bundle), provenance_of(bundle))


def sign_image(bundle: Bundle, digest: str, base: str, by: Credentials) -> Signature:
    """Provenance of the bundle's image, by the digests of its manifest and of its base's; else as `sign_bundle`."""
    return sign_statements(by, provenance_of_image(bundle, digest, base))


def sign_statements(by: Credentials, *statements: dict[str, Any]) -> Signature:
    """Each of them signed; else as `sign_bundle`."""
    key = private_key(by.key, by.password)
    chain = tuple(one for file in (by.certificate, *by.chain) if file is not None for one in certificates(file))
    subject = ""
    if by.certificate is not None:
        if chain[0].public_key() != key.public_key():
            hint = "the signer's own certificate comes first; those above it are `--chain`"
            raise UserError(Problem("P292", "the certificate is of another key", by.certificate.name, hint))
        subject = names_of(chain[0])[0]
    elif chain:
        what = "a chain of certificates without the signer's own"
        raise UserError(Problem("P292", what, by.chain[0].name, "say `--certificate` too"))
    return Signature(tuple(signed(one, key, chain) for one in statements), fingerprint(key.public_key()), subject)
