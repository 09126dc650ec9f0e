"""Puts what was found of a bundle into a signed document."""

from __future__ import annotations

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.trust.signing import Credentials, sign_statements
from trimtab.core.attestations import Attestation
from trimtab.release.evidence.statements import statement_of

__all__ = ["attest"]


def attest(found: Attestation, by: Credentials) -> Evidence:
    """The document; whom it is signed by is known from the key alone, whatever `found` says of a signer.

    UserError P292 for keys or certificates that do not fit, ValueError for what is no evidence.
    """
    return sign_statements(by, statement_of(found)).documents[0]
