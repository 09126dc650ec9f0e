"""How tokens are forged: by what is changed in a good one, and by what signs it."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any, Final

from tests.doubles.oidc import Provider, Realm, SigningKey, b64, compact

Forge = Callable[[Provider], str]
STRANGERS: Final = {name: SigningKey(name, f"{name}-1".lower()) for name in ("RS256", "ES256")}


def signed(**claims: object) -> Forge:
    """Truly signed, with claims that are changed."""
    return lambda at: at.main.token(**claims)


def headed(**header: object) -> Forge:
    """Truly signed, with a header that is changed."""
    return lambda at: at.main.token(header)


def spelled(**claims: str) -> Forge:
    """Truly signed, with claims that no JSON library would write that way: each value is JSON as it stands."""

    def forge(at: Provider) -> str:
        good = {name: json.dumps(value) for name, value in at.main.claims().items()}
        text = ", ".join(f'"{name}": {value}' for name, value in {**good, **claims}.items())
        return compact(at.main.header(), f"{{{text}}}".encode(), at.main.key.sign)

    return forge


def unsigned(alg: object) -> Forge:
    """Signed by nobody."""
    return lambda at: compact(at.main.header(alg=alg), at.main.claims(), lambda _data: b"")


def shared(secret: Callable[[SigningKey], bytes], kind: str = "sha256") -> Forge:
    """The public key taken for a secret that both sides share."""

    def forge(at: Provider) -> str:
        key = secret(at.main.key)
        header = at.main.header(alg=f"HS{kind[3:]}")
        return compact(header, at.main.claims(), lambda data: hmac.digest(key, data, kind))

    return forge


def strange(**header: object) -> Forge:
    """Signed by a stranger's key, with a header that talks us into taking it."""
    return lambda at: at.main.token({"kid": at.main.key.name, **header}, STRANGERS["RS256"])


def bent(bend: Callable[[str, str, str], str]) -> Forge:
    """A good token, bent: its three parts as another text."""
    return lambda at: bend(*at.main.token().split("."))


def at_edge(sign: Callable[[Realm, bytes], bytes]) -> Forge:
    """A token for the issuer of elliptic curves, signed like that."""
    return lambda at: compact(at.edge.header(), at.edge.claims(), lambda data: sign(at.edge, data))


def alike(alg: str, pad: Any, digest: Any) -> Forge:
    """Signed by the right key with an algorithm that is not the pinned one."""

    def forge(at: Provider) -> str:
        return compact(at.main.header(alg=alg), at.main.claims(), lambda it: at.main.key.private.sign(it, pad, digest))

    return forge


def unencoded(at: Provider) -> str:
    """RFC 7797: the payload is signed as it is, and not as base64url."""
    header = at.main.header(b64=False, crit=["b64"])
    first, claims = b64(json.dumps(header).encode()), json.dumps(at.main.claims()).encode()
    return f"{first}.{b64(claims)}.{b64(at.main.key.sign(first.encode() + b'.' + claims))}"


def doubled(at: Provider) -> str:
    header = json.dumps(at.main.header()).replace('{"alg"', '{"alg": "none", "alg"').encode()
    return compact(header, at.main.claims(), at.main.key.sign)


def nested(at: Provider) -> str:
    return compact(at.main.header(cty="JWT"), at.main.token().encode(), at.main.key.sign)


def flipped(text: str, at: int = 0) -> str:
    raw = bytearray(base64.urlsafe_b64decode(text + "=="))
    raw[at] ^= 1
    return b64(bytes(raw))


def next_bit(text: str) -> str:
    """Other unused bits in the last letter: many readers decode both to the same bytes."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + letters[letters.index(text[-1]) ^ 1]
