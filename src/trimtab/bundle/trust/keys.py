"""Keys and certificates as PEM files: reading, naming, signing and checking; the only module that knows `cryptography`.

The keys of OpenSSF model signing: elliptic curves P-256, P-384 and P-521, ECDSA with the hash of that size. Signatures
are deterministic (RFC 6979): the same key and content give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trimtab.bundle.trust.policy import NamedPem
from trimtab.core.errors import Problem, UserError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey as PrivateKey
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey as PublicKey
    from cryptography.x509 import Certificate

__all__ = [
    "as_der",
    "certificates",
    "fingerprint",
    "from_der",
    "new_key",
    "pem_digest",
    "pem_file",
    "private_key",
    "public_key",
    "public_pem",
    "sign",
    "verify",
]  # fmt: skip

_LARGEST: Final = 2**20  # bytes of a file
_HASHES: Final = {"secp256r1": "SHA256", "secp384r1": "SHA384", "secp521r1": "SHA512"}
_MAKE: Final = "`openssl ecparam -name prime256v1 -genkey -noout -out key.pem` makes one"


def pem_file(path: Path) -> NamedPem:
    """The content of a file of keys or certificates, by its name; UserError P292."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UserError(Problem("P292", f"it cannot be read: {error.strerror}", str(path))) from None
    if len(data) > _LARGEST:
        raise UserError(Problem("P292", "it is too large for keys or certificates", str(path)))
    return NamedPem(path.name, data)


def _library() -> Any:
    try:
        from cryptography.hazmat.primitives import serialization
    except ModuleNotFoundError:
        what = "the package `cryptography` is not installed, without which no signature is made or checked"
        raise UserError(Problem("P297", what, hint='`pip install "trimtab[sign]"`')) from None
    return serialization


def private_key(file: NamedPem, password: str = "") -> PrivateKey:
    """The private key of a file; UserError P292 for one that is none, of another kind, or of another password."""
    serialization = _library()
    try:
        key = serialization.load_pem_private_key(file.pem, password.encode() or None)
    except TypeError:
        what = "the key has a password, and none was given" if not password else "the key has no password"
        hint = "set `TRIMTAB_KEY_PASSWORD`, or type it at a terminal" if not password else "unset TRIMTAB_KEY_PASSWORD"
        raise UserError(Problem("P292", what, file.name, hint)) from None
    except Exception:  # noqa: BLE001  # the library has many words for it, some of them with content of the file
        what = "this is no private key as PEM" + (", or its password is another" if password else "")
        raise UserError(Problem("P292", what, file.name, _MAKE)) from None
    _known(key, file.name)
    found: PrivateKey = key
    return found


def public_key(file: NamedPem) -> PublicKey:
    """The public key of a file; UserError P292 for one that is none, or of another kind."""
    serialization = _library()
    try:
        key = serialization.load_pem_public_key(file.pem)
    except Exception:  # noqa: BLE001  # as above
        hint = "`openssl ec -in key.pem -pubout -out key.pub` writes it"
        raise UserError(Problem("P292", "this is no public key as PEM", file.name, hint)) from None
    _known(key, file.name)
    found: PublicKey = key
    return found


def certificates(file: NamedPem) -> tuple[Certificate, ...]:
    """The certificates of a file, one at least; UserError P292."""
    _library()
    from cryptography import x509

    try:
        return tuple(x509.load_pem_x509_certificates(file.pem))
    except Exception:  # noqa: BLE001  # as above
        raise UserError(Problem("P292", "there is no certificate as PEM", file.name)) from None


def from_der(data: bytes) -> Certificate:
    """The certificate of DER bytes; ValueError.

    Whose signature is not said to be of whole bytes is refused: that number stands outside of what is signed, and
    others than zero would be read the same.
    """
    _library()
    from cryptography import x509

    found = x509.load_der_x509_certificate(data)
    if not data.endswith(b"\0" + found.signature):
        raise ValueError("the certificate's signature is not of whole bytes")
    return found


def new_key() -> bytes:
    """A private key of its own, P-256, as PEM without a password."""
    form = _library()
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    pem: bytes = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    return pem


def public_pem(key: PublicKey) -> bytes:
    """A public key as PEM."""
    form = _library()
    pem: bytes = key.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    return pem


def as_der(certificate: Certificate) -> bytes:
    """A certificate's DER bytes."""
    found: bytes = certificate.public_bytes(_library().Encoding.DER)
    return found


def fingerprint(key: PublicKey) -> str:
    """`sha256:<hex>` of the key's SubjectPublicKeyInfo as DER."""
    form = _library()
    data = key.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def pem_digest(key: PublicKey) -> str:
    """SHA-256 in hex of the key as PEM: how a signature document hints at its key."""
    return hashlib.sha256(public_pem(key)).hexdigest()


def sign(key: PrivateKey, message: bytes) -> bytes:
    """The signature, DER."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return key.sign(message, ec.ECDSA(_hash_of(key), deterministic_signing=True))


def verify(key: Any, signatures: Sequence[bytes], message: bytes) -> bool:
    """Whether one of the signatures is that key's of the message; False for a key of another kind."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec

    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in _HASHES:
        return False
    for one in signatures:
        try:
            key.verify(one, message, ec.ECDSA(_hash_of(key)))
        except InvalidSignature:
            continue
        return True
    return False


def _hash_of(key: Any) -> Any:
    from cryptography.hazmat.primitives import hashes

    return getattr(hashes, _HASHES[key.curve.name])()


def _known(key: Any, where: str) -> None:
    curve = getattr(getattr(key, "curve", None), "name", "")
    if curve not in _HASHES:
        what = f"a key of the kind `{curve or type(key).__name__}`; model signing knows P-256, P-384 and P-521"
        raise UserError(Problem("P292", what, where, _MAKE))
