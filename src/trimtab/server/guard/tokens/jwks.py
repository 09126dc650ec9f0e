"""Sets of public keys as issuers publish them (RFC 7517): which keys of one count, and where it is to be found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from trimtab.server.guard.settings import Algorithm
from trimtab.server.guard.tokens.compact import LONGEST_NAME, decode_part, parse_object

__all__ = ["NOTHING", "Key", "KeySet", "address_of", "discovery_of", "read_keys", "require_https"]

_KEYS: Final = 100
_RSA_BITS: Final = range(2048, 8192 + 1)  # below: broken; above: a signature takes milliseconds to check
_CURVES: Final[Mapping[str, tuple[str, ...]]] = {
    "ES256": ("P-256",),
    "ES384": ("P-384",),
    "ES512": ("P-521",),
    "EdDSA": ("Ed25519", "Ed448"),
}
# nothing else of a published key reaches the library: no certificate, no address, no private half
_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "RSA": ("kty", "n", "e"),
    "EC": ("kty", "crv", "x", "y"),
    "OKP": ("kty", "crv", "x"),
}


@dataclass(frozen=True, slots=True)
class Key:
    """A public key for the one algorithm of its issuer; two are equal when they are the same key by the same name."""

    name: str | None
    members: tuple[str, ...]
    verify: Callable[[bytes, bytes], bool] = field(compare=False, repr=False)
    """Whether the second is a signature of the first."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys that count, by name; `only` is the one there is, if there is one. left_out: how many do not count."""

    named: Mapping[str, Key]
    only: Key | None = None
    left_out: int = field(default=0, compare=False)

    def find(self, name: str | None) -> Key | None:
        """The key by that name; for a token that names none, the only one there is."""
        return self.only if name is None else self.named.get(name)


NOTHING: Final = KeySet({})


def read_keys(body: bytes, algorithm: Algorithm) -> KeySet:
    """The keys of a set that count for the algorithm; ValueError for what is no set, or one of too many keys.

    Two keys by one name do not count: a token could not say which of them it means.
    """
    listed = parse_object(body).get("keys")
    if not isinstance(listed, list):
        raise ValueError("no list of keys")
    if len(listed) > _KEYS:
        raise ValueError(f"more than {_KEYS} keys")
    keys = list(dict.fromkeys(key for one in listed if (key := _key(one, algorithm)) is not None))
    names = [key.name for key in keys]
    keys = [key for key in keys if key.name is None or names.count(key.name) == 1]
    named = {key.name: key for key in keys if key.name is not None}
    return KeySet(named, keys[0] if len(keys) == 1 else None, len(listed) - len(keys))


def _key(one: Any, algorithm: Algorithm) -> Key | None:
    """The key, or None where it does not count."""
    kind = "RSA" if algorithm[:2] in ("RS", "PS") else "EC" if algorithm[:2] == "ES" else "OKP"
    if not isinstance(one, dict) or one.get("kty") != kind or not _is_meant(one, algorithm):
        return None
    name = one.get("kid")
    members = {member: value for member in _MEMBERS[kind] if isinstance(value := one.get(member), str)}
    if len(members) < len(_MEMBERS[kind]):
        return None
    if kind == "RSA" and not _is_long_enough(members["n"]):
        return None
    if kind != "RSA" and members["crv"] not in _CURVES[algorithm]:
        return None
    verify = _verifier(members, algorithm)
    return None if verify is None else Key(name, tuple(members.values()), verify)


def _is_meant(one: dict[str, Any], algorithm: Algorithm) -> bool:
    """Whether its issuer means it for such signatures, by a name that can be told, and has kept its other half."""
    name, uses = one.get("kid"), one.get("key_ops", ["verify"])
    return (
        (name is None or (isinstance(name, str) and len(name) <= LONGEST_NAME))
        and one.get("use", "sig") == "sig"
        and one.get("alg", algorithm) == algorithm
        and isinstance(uses, list)
        and "verify" in uses
        and "d" not in one
    )


def _is_long_enough(modulus: str) -> bool:
    try:
        return int.from_bytes(decode_part(modulus)).bit_length() in _RSA_BITS
    except ValueError:
        return False


def _verifier(members: dict[str, str], algorithm: Algorithm) -> Callable[[bytes, bytes], bool] | None:
    """What checks signatures by that key; None where it is no key."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from joserfc.errors import JoseError
    from joserfc.jwa import JWS_ALGORITHMS
    from joserfc.jwk import import_key

    model = next(one for one in JWS_ALGORITHMS if one.name == algorithm)
    try:
        bare: dict[str, str | list[str]] = {**members}
        key = import_key(bare)
        model.check_key(key)
    except (ValueError, JoseError, UnsupportedAlgorithm):
        return None
    return lambda signed, signature: model.verify(signed, signature, key)


def discovery_of(issuer: str) -> str:
    """Where an issuer says where its keys are (OpenID Connect Discovery 1.0, section 4)."""
    return issuer.rstrip("/") + "/.well-known/openid-configuration"


def address_of(body: bytes, issuer: str) -> str:
    """Where the key set is, as a discovery document has it; ValueError unless it is that issuer's own."""
    said = parse_object(body)
    if said.get("issuer") != issuer:
        raise ValueError("the discovery document is of another issuer")
    address = said.get("jwks_uri")
    if not isinstance(address, str):
        raise ValueError("the discovery document names no key set")
    require_https(address)
    return address


def require_https(address: str) -> None:
    """ValueError unless the address is a plain one of https: no other scheme, no password in it."""
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or not address.isprintable():
        raise ValueError("the address is not one of https")
