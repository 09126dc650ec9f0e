"""What a head shows of its sender: an API key or a token, in `authorization` or `x-api-key`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["LONGEST", "MalformedError", "credential"]

LONGEST: Final = 16 * 2**10  # characters
_SCHEME: Final = b"bearer"


class MalformedError(ValueError):
    """There is a credential, and it is none that this server reads."""


def credential(headers: Mapping[bytes, bytes]) -> str:
    """The key or token; empty for none. Never reads it from anywhere else: an address ends up in logs."""
    authorization, key = headers.get(b"authorization"), headers.get(b"x-api-key")
    if authorization is None and key is None:
        return ""
    if authorization is not None and key is not None:
        raise MalformedError("both `authorization` and `x-api-key`")
    if key is not None:
        return _text(key)
    scheme, _, value = (authorization or b"").partition(b" ")
    if scheme.lower() != _SCHEME:
        raise MalformedError("the scheme of `authorization` is not `Bearer`")
    return _text(value.strip(b" "))


def _text(value: bytes) -> str:
    if not 0 < len(value) <= LONGEST or not value.isascii():
        raise MalformedError("empty, too long, or not ASCII")
    text = value.decode("ascii")
    if not text.isprintable() or " " in text or "," in text:
        raise MalformedError("more than one, or characters that no credential has")
    return text
