"""What a registry says about its refusal, as far as it may be repeated."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec

__all__ = ["reasons"]

_LONGEST: Final = 200  # characters
_MOST: Final = 3


class _Error(msgspec.Struct, frozen=True):
    code: str = ""
    message: str | None = ""


class _Errors(msgspec.Struct, frozen=True):
    errors: tuple[_Error, ...] = ()


def reasons(body: bytes, secrets: Collection[str]) -> str:
    """`: DENIED: quota is used up`, or empty; one line of printable text, and nothing in which a secret is."""
    try:
        errors = msgspec.json.decode(body, type=_Errors).errors[:_MOST]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    texts = [": ".join(word for word in (error.code, error.message or "") if word) for error in errors]
    text = "; ".join(text for text in texts if text)
    if not text or any(secret in text for secret in secrets):
        return ""
    return ": " + "".join(letter if letter.isprintable() else " " for letter in text[:_LONGEST])
