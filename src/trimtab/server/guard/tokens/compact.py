"""The text of a token taken apart (RFC 7515, section 7.1), with one reading only; nothing in it is believed yet."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Final

from trimtab.server.guard.tokens.unfit import UnfitError

__all__ = ["LONGEST_NAME", "Compact", "decode_part", "parse_object", "take_apart"]

LONGEST_NAME: Final = 256  # characters of a key's name, and of a subject
_PARTS: Final = 3
# each of these lets a token bring its own key, or its own rules of reading it (RFC 7515, 4.1.2 to 4.1.11; RFC 7797)
_NEVER: Final = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64"})
_TYPES: Final = frozenset({"jwt", "at+jwt"})


@dataclass(frozen=True, slots=True)
class Compact:
    """A token's parts; key: the name of the key that it says it is signed with. signed: what the signature is of."""

    algorithm: object
    key: str | None
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def take_apart(token: str) -> Compact:
    """The parts of a token; UnfitError `malformed`, or `header` for a header that is never taken."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise UnfitError("malformed")
    try:
        first, second, signature = map(decode_part, parts)
        header, claims = parse_object(first), parse_object(second)
    except ValueError:
        raise UnfitError("malformed") from None
    key = header.get("kid")
    if not _NEVER.isdisjoint(header) or not _is_token(header) or not _is_name(key, header):
        raise UnfitError("header")
    return Compact(header.get("alg"), key, claims, token[: token.rindex(".")].encode(), signature)


def decode_part(text: str) -> bytes:
    """The bytes of base64url without padding; ValueError for any text that is not the one way to write them."""
    given = text.encode("ascii")
    raw = urlsafe_b64decode(given + b"=" * (-len(given) % 4))
    # the library passes over foreign characters, padding and unused bits, so what it read is written again
    if urlsafe_b64encode(raw).rstrip(b"=") != given:
        raise ValueError("not base64url")
    return raw


def parse_object(raw: bytes) -> dict[str, Any]:
    """A JSON object in UTF-8; ValueError for anything else: a member given twice, a NaN, nesting without end."""
    try:
        found = _STRICT.decode(raw.decode())
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


def _is_token(header: dict[str, Any]) -> bool:
    kind = header.get("typ", "JWT")
    return isinstance(kind, str) and kind.lower().removeprefix("application/") in _TYPES


def _is_name(key: object, header: dict[str, Any]) -> bool:
    return (isinstance(key, str) and len(key) <= LONGEST_NAME) or "kid" not in header


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member is given twice")
    return found


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


_STRICT: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse)
