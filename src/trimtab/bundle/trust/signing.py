"""Signing a bundle: the two documents that say that these are its files, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.read import Bundle
from trimtab.bundle.trust.chain import names_of
from trimtab.bundle.trust.envelope import signed
from trimtab.bundle.trust.keys import certificates, fingerprint, private_key
from trimtab.bundle.trust.policy import NamedPem
from trimtab.bundle.trust.statements import provenance_of, whole
from trimtab.core.errors import Problem, UserError

__all__ = ["Credentials", "sign_bundle"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signs: a private key; with a certificate for it, also those between that and its authority."""

    key: NamedPem
    password: str = ""
    certificate: NamedPem | None = None
    chain: tuple[NamedPem, ...] = ()


def sign_bundle(bundle: Bundle, by: Credentials) -> tuple[tuple[Evidence, Evidence], str, str]:
    """Signature and provenance, the fingerprint of the key, and the subject of the certificate if there is one.

    The same bundle, key and trimtab give the same bytes. UserError P292 for keys or certificates that do not fit.
    """
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
    documents = (signed(whole(bundle), key, chain), signed(provenance_of(bundle), key, chain))
    return documents, fingerprint(key.public_key()), subject
