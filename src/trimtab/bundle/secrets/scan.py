"""Finds secrets in bytes: for every rule the places of its anchors, and there its form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from trimtab.bundle.secrets.tokens import ASSIGNED, BARE, GUESSED, KEYWORDS, NOT_SECRET, QUOTED, TOKENS, Token
from trimtab.bundle.secrets.weigh import is_key, is_login, is_password

__all__ = ["Hit", "is_text", "scan"]

_MOST: Final = 100  # places in one piece; whoever has more sees the rest when these are mended
_LINE: Final = 2000  # bytes before and behind a secret within which a line must end for its marker to count
_MARKER: Final = re.compile(rb"pragma:[ ]?allowlist[ ]?secret", re.IGNORECASE)
_PROBE: Final = 8192
_WEIGHT: Final = {"": lambda _value: True, "password": is_password, "key": is_key, "login": is_login}


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A secret at a byte of a piece: what kind, and the beginning that all of its kind share."""

    at: int
    kind: str
    shown: str


def is_text(data: bytes) -> bool:
    """Whether a file that begins so is text: one byte of zero makes it another thing."""
    return b"\0" not in data[:_PROBE]


def scan(data: bytes, *, text: bool = True, bare: bool = False) -> list[Hit]:
    """The secrets in a piece of a file, at most one a line, in their order; time is linear in its length.

    text: guess by names and places too, and obey the marker `pragma: allowlist secret` on a line. bare: values of
    assignments may stand without quotes, as in YAML and INI files. Otherwise only the fixed forms are looked for.
    """
    found: dict[int, Hit] = {}
    finders = [_tokens(data, data, TOKENS, loose=not text)]
    if text:
        lowered = data.lower()
        finders += [_tokens(data, lowered, GUESSED, loose=False), _assigned(data, lowered, bare=bare)]
    for finder in finders:
        for hit in finder:
            line = data.rfind(b"\n", 0, hit.at) if text else hit.at
            if line not in found and not (text and _is_allowed(data, hit.at)):
                found[line] = hit
                if len(found) == _MOST:
                    return sorted(found.values())
    return sorted(found.values())


def _tokens(data: bytes, anchored: bytes, tokens: tuple[Token, ...], *, loose: bool) -> Iterator[Hit]:
    for token in tokens:
        form = token.loose if loose and token.loose else token.form
        for anchor in token.anchors:
            for at in _places(anchored, anchor):
                match = form.match(data, max(0, at - token.back))
                if match and _WEIGHT[token.weighed](match[1] if form.groups else b""):
                    yield Hit(at, token.kind, anchor.decode().strip())


def _assigned(data: bytes, lowered: bytes, *, bare: bool) -> Iterator[Hit]:
    for word in KEYWORDS:
        for at in _places(lowered, word):
            name = ASSIGNED.match(data, at + len(word))
            if name is None or name[1].lower().endswith(NOT_SECRET):
                continue
            value = QUOTED.match(data, name.end()) or (BARE.match(data, name.end()) if bare else None)
            if value and is_key(value[1]):
                kind = "password" if word.startswith((b"pass", b"_p", b"db_")) else "key or token"
                yield Hit(at, kind, data[at : at + len(word)].decode())


def _places(data: bytes, anchor: bytes) -> Iterator[int]:
    at = data.find(anchor)
    while at >= 0:
        yield at
        at = data.find(anchor, at + len(anchor))


def _is_allowed(data: bytes, at: int) -> bool:
    """Whether the line says that this is no secret; a line too long to be read by a person says nothing."""
    begin = data.rfind(b"\n", max(0, at - _LINE), at) + 1
    end = data.find(b"\n", at, at + _LINE)
    if end < 0 and len(data) - at <= _LINE:
        end = len(data)
    return end >= 0 and (begin > 0 or at <= _LINE) and _MARKER.search(data, begin, end) is not None
