"""Authorities, and certificates for servers and their callers, made by `cryptography` when a test wants them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PURPOSES = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
SANS = {"uri": x509.UniformResourceIdentifier, "dns": x509.DNSName, "email": x509.RFC822Name}


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)] if common else [])


@dataclass(frozen=True)
class Identity:
    """A key and its certificate; `chain` vouches for it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def crt(self) -> bytes:
        """As PEM, with those that vouch for it."""
        return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (self.certificate, *self.chain))

    def private(self, password: bytes = b"") -> bytes:
        """The key as PEM."""
        form = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, form)

    def write(self, folder: Path, stem: str) -> tuple[str, str]:
        """Paths of the files of the certificate and of the key."""
        crt, key = folder / f"{stem}.crt", folder / f"{stem}.key"
        crt.write_bytes(self.crt)
        key.write_bytes(self.private())
        return str(crt), str(key)


@dataclass(frozen=True)
class Authority:
    """Issues certificates; one below another has an issuer."""

    common: str
    above: Authority | None = None
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    certificate: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        by = self.above
        issuer, key = (name(self.common), self.key) if by is None else (by.certificate.subject, by.key)
        made = (
            begun(name(self.common), issuer, self.key, (-1, 30))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        object.__setattr__(self, "certificate", made)

    @property
    def crt(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def write(self, folder: Path) -> Path:
        """The file of its certificate."""
        path = folder / f"{self.common}.pem"
        path.write_bytes(self.crt)
        return path

    def issues(
        self, common: str, *purposes: str, days: tuple[float, float] = (-1, 2), seconds: float = 0, **names: str
    ) -> Identity:
        """A certificate with these names, of `SANS` by kind; purposes: of PURPOSES, none for any of them.

        days: from when to when, from now on; seconds: until so long from now instead.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        builder = begun(
            name(common), self.certificate.subject, key, (days[0], seconds / 86_400 if seconds else days[1])
        )
        if purposes:
            usages = [PURPOSES[purpose] for purpose in purposes]
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        given = [SANS[kind](value) for kind, values in names.items() for value in values.split()]
        if "server" in purposes:
            given += [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        if given:
            builder = builder.add_extension(x509.SubjectAlternativeName(given), critical=not common)
        chain = () if self.above is None else (self.certificate,)
        return Identity(builder.sign(self.key, hashes.SHA256()), key, chain)


def begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: tuple[float, float]
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
    )


def alone(common: str) -> Identity:
    """A certificate that only its own key vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Identity(begun(name(common), name(common), key, (-1, 2)).sign(key, hashes.SHA256()), key)
