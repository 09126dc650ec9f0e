"""What an API key looks like: `tt_`, eight characters to name it by, `_`, 32 random bytes and a checksum.

The id may be shown anywhere. The fixed beginning lets scanners find a key that leaked, and the checksum tells a key
that was cut or mistyped from one that is not (or no longer) known. Both are public and take nothing from the 256 bits.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import zlib
from collections.abc import Callable
from typing import Final

__all__ = ["ID", "PREFIX", "hash_of", "id_in", "id_of", "new_id", "new_key"]

PREFIX: Final = "tt_"
_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: none of them is taken for another
_LENGTH: Final = 8
ID: Final = re.compile(rf"[{_LETTERS}]{{{_LENGTH}}}")
_RANDOM_BYTES: Final = 32
_CHECKED: Final = -8  # where the checksum begins: a CRC-32 in hexadecimal
_HEAD: Final = re.compile(rf"{PREFIX}({ID.pattern})")
_FORM: Final = re.compile(rf"{_HEAD.pattern}_[A-Za-z0-9_-]{{43}}[0-9a-f]{{8}}")


def new_id(draw: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """A random id; not a secret."""
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in draw(_LENGTH))


def new_key(id_: str, draw: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """A new key of that id, from the system's source of chance."""
    secret = base64.urlsafe_b64encode(draw(_RANDOM_BYTES)).decode().rstrip("=")
    head = f"{PREFIX}{id_}_{secret}"
    return head + _checksum(head)


def id_of(key: str) -> str:
    """The id of a well-formed key; empty for anything else, whatever its length."""
    found = _FORM.fullmatch(key)
    return found[1] if found and key[_CHECKED:] == _checksum(key[:_CHECKED]) else ""


def id_in(text: str) -> str:
    """The id that a key, or the beginning of one, starts with; any other text is taken for the id itself."""
    found = _HEAD.match(text)
    return found[1] if found else text


def hash_of(key: str) -> str:
    """What is stored of a key: the SHA-256 of all of it, in hexadecimal.

    A slow hash as for passwords would add nothing: nobody guesses 256 random bits, however quick a guess is, and it
    would be paid for at every request.
    """
    return hashlib.sha256(key.encode()).hexdigest()


def _checksum(head: str) -> str:
    return f"{zlib.crc32(head.encode()):08x}"
