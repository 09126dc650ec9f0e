"""Whether a signer's certificate stands below an authority that a policy names; path validation is `cryptography`'s."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trimtab.bundle.trust.keys import certificates, fingerprint
from trimtab.bundle.trust.policy import Policy, Signer

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["names_of", "signer_of"]


def signer_of(chain: Sequence[Certificate], policy: Policy, now: datetime) -> Signer:
    """Who the first certificate of the chain is; ValueError saying why the policy does not take it, now."""
    from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

    roots = [one for file in policy.authorities for one in certificates(file)]
    if not roots:
        raise ValueError("signed with a certificate, and the policy names no authority")
    leaf, *between = chain
    ours, theirs = _extensions()
    builder = PolicyBuilder().store(Store(roots)).time(now).extension_policies(ca_policy=ours, ee_policy=theirs)
    try:
        path = builder.build_client_verifier().verify(leaf, between).chain
    except VerificationError as error:
        raise ValueError(f"the certificate of `{_subject(leaf)}`: {_short(error)}") from None
    if len(path) < 2:  # noqa: PLR2004  # itself and its authority
        raise ValueError(f"the certificate of `{_subject(leaf)}` is itself one of an authority")
    if not _signs(leaf):
        raise ValueError(f"the certificate of `{_subject(leaf)}` is not for signing")
    named = [name for name in names_of(leaf) if name in policy.subjects]
    if not named:
        raise ValueError(f"the policy does not name `{_subject(leaf)}`")
    return Signer(fingerprint(leaf.public_key()), named[0], tuple(_subject(one) for one in path[1:]))  # type: ignore[arg-type]


def names_of(certificate: Certificate) -> tuple[str, ...]:
    """The subject (RFC 4514), and the mail addresses, host names and URIs among its alternative names."""
    from cryptography import x509

    try:
        other = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return (_subject(certificate),)
    kinds = (x509.RFC822Name, x509.DNSName, x509.UniformResourceIdentifier)
    return (_subject(certificate), *(name for kind in kinds for name in other.get_values_for_type(kind)))


def _extensions() -> tuple[Any, Any]:
    """An authority must say that it is one, and may sign certificates; what signs a model needs no host name."""
    from cryptography import x509
    from cryptography.x509.verification import Criticality, ExtensionPolicy

    def usage(_policy: Any, _certificate: Any, found: x509.KeyUsage | None) -> None:
        if found is not None and not found.key_cert_sign:
            raise ValueError("an authority that may not sign certificates")

    any_of = Criticality.AGNOSTIC
    authority = ExtensionPolicy.permit_all().require_present(x509.BasicConstraints, any_of, None)
    return authority.may_be_present(x509.KeyUsage, any_of, usage), ExtensionPolicy.permit_all()


def _signs(certificate: Certificate) -> bool:
    """Key usage or extended key usage, as model signing asks for them."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    for kind in (x509.KeyUsage, x509.ExtendedKeyUsage):
        try:
            value: Any = certificate.extensions.get_extension_for_class(kind).value
        except (x509.ExtensionNotFound, ValueError):
            continue
        if value.digital_signature if kind is x509.KeyUsage else ExtendedKeyUsageOID.CODE_SIGNING in value:
            return True
    return False


def _subject(certificate: Certificate) -> str:
    return certificate.subject.rfc4514_string()


def _short(error: Exception) -> str:
    return str(error).removeprefix("validation failed: ").partition(" (encountered")[0]
