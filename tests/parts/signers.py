"""Real keys and certificates of people who sign bundles, made by `cryptography`; the tests' fixture `signers`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from trimtab.bundle.trust.policy import NamedPem

NOW = datetime(2030, 6, 1, tzinfo=UTC)  # when the tests take place


@dataclass(frozen=True)
class Person:
    """Somebody with a key."""

    name: str
    key: ec.EllipticCurvePrivateKey

    def private(self, password=b""):
        form = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        data = self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, form)
        return NamedPem(f"{self.name}.pem", data)

    @property
    def public(self):
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        data = self.key.public_key().public_bytes(serialization.Encoding.PEM, form)
        return NamedPem(f"{self.name}.pub", data)


def person(name, curve=None):
    return Person(name, ec.generate_private_key(curve or ec.SECP256R1()))


def named(common):
    return x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"), x509.NameAttribute(NameOID.COMMON_NAME, common),
    ])  # fmt: skip


def certificate(subject, issuer=None, *, authority=False, days=(-1, 365), mail="", signs=True):
    """The certificate of somebody, by somebody, as PEM: for certificates, or for signing."""
    by = issuer or subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(subject.name))
        .issuer_name(named(by.name))
        .public_key(subject.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign", "encipher_only",
         "decipher_only"), False,
    )  # fmt: skip
    usage |= {"digital_signature": signs and not authority, "key_cert_sign": authority}
    builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
    if not authority and signs:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
    if mail:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(mail)]), critical=False)
    made = builder.sign(by.key, hashes.SHA256())
    return NamedPem(f"{subject.name}.crt", made.public_bytes(serialization.Encoding.PEM))


def people():
    """Ann and Bob, whom policies name; Eve, whom none does; an authority, one between, and a foreign one."""
    curves = {"bob": ec.SECP384R1(), "root": ec.SECP521R1()}
    return {name: person(name, curves.get(name)) for name in ("ann", "bob", "eve", "root", "between", "foreign")}
