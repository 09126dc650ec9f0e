"""Whether a value that stands where a secret would stand is one, or a placeholder, a name or a word."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from typing import Final

__all__ = ["entropy", "is_key", "is_login", "is_password"]

_SHORT: Final = 30  # bytes; a longer value may hold the word `example` by being one of a cloud's own documentation
_LEAST_BITS: Final = 2.5
_STANDS_FOR: Final = re.compile(
    rb"example|change.?me|placeholder|your|dummy|redacted|insert|replace|x{4}|\*{3}|\.{3}|todo|enter", re.IGNORECASE
)
_FILLED_IN: Final = re.compile(
    rb"[{}<>]|\$\(|\$[A-Z_]+|^\$|%\(|%[sdr]|^env[:.]|^[./~]|://|^vault:|^secretref", re.IGNORECASE
)
_WORDS: Final = frozenset(
    b"password passwd pass pwd pw passw mypassword testpassword secret mysecret token mytoken apikey key user username "
    b"admin root guest test none null true false string tiger postgres mysql redis foo bar foobar basic bearer".split()
)
_NAME: Final = re.compile(
    rb"[a-z_]+(?:[._:/-][a-z_]+)*[._-]?v?\d{0,3}|[A-Z_]+\d{0,3}|[A-Za-z_][a-z_]+(?:[.:][A-Za-z_]+)+"
)
_ODD: Final = re.compile(rb"[0-9!@#$%^&*+=?~]")
_LETTER: Final = re.compile(rb"[A-Za-z]")


def entropy(value: bytes) -> float:
    """Bits a byte, by how often each byte occurs in the value itself (Shannon)."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def is_password(value: bytes) -> bool:
    """Whether it may be a real one: anything that stands for nothing else."""
    if _FILLED_IN.search(value) or (len(value) < _SHORT and _STANDS_FOR.search(value)):
        return False
    return re.sub(rb"[^a-z]", b"", value.lower()) not in _WORDS and len(set(value)) > 2  # noqa: PLR2004  # `xxx`, `*-*-`


def is_key(value: bytes) -> bool:
    """Whether it may be a real password and looks like no word: letters and digits or signs, well mixed."""
    mixed = _ODD.search(value) and _LETTER.search(value) and entropy(value) >= _LEAST_BITS
    return bool(mixed) and is_password(value) and not _NAME.fullmatch(value)


def is_login(value: bytes) -> bool:
    """Whether it is the base64 of `name:password`."""
    try:
        name, colon, word = base64.b64decode(value + b"=" * (-len(value) % 4)).partition(b":")
    except binascii.Error:
        return False
    return bool(colon) and name.isascii() and len(word) > 2 and is_password(word)  # noqa: PLR2004  # no empty one
