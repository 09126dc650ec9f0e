"""Licences against a policy: an SPDX expression is taken where one of its choices is, none of whose parts is denied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

from trimtab.bundle.sbom.document import LicenseChoice

__all__ = ["denied", "text_of"]

_TOKEN: Final = re.compile(r"\(|\)|[^\s()]+")


def text_of(choices: Sequence[LicenseChoice]) -> str:
    """What is declared, as text; empty where nothing is."""
    words = [one.expression or (one.license.name if one.license else "") for one in choices]
    return " AND ".join(f"({word})" if len(words) > 1 else word for word in words if word)


def denied(text: str, patterns: Sequence[str]) -> str:
    """The licence that is denied; empty where the expression leaves a choice that is not.

    A text that is no expression is one name. Source: SPDX 2.3, annex D: AND binds more than OR, WITH more than both.
    """
    words = _TOKEN.findall(text)
    try:
        faults, rest = _either(words, patterns)
    except IndexError:
        rest = ["?"]
    if rest:
        return text if _matches(text, patterns) else ""
    return faults


def _either(words: list[str], patterns: Sequence[str]) -> tuple[str, list[str]]:
    found, rest = _both(words, patterns)
    while rest and rest[0].upper() == "OR":
        other, rest = _both(rest[1:], patterns)
        found = "" if not other else found
    return found, rest


def _both(words: list[str], patterns: Sequence[str]) -> tuple[str, list[str]]:
    found, rest = _one(words, patterns)
    while rest and rest[0].upper() == "AND":
        other, rest = _one(rest[1:], patterns)
        found = found or other
    return found, rest


def _one(words: list[str], patterns: Sequence[str]) -> tuple[str, list[str]]:
    if words[0] == "(":
        found, rest = _either(words[1:], patterns)
        if rest[0] != ")":
            raise IndexError
        return found, rest[1:]
    name, rest = words[0], words[1:]
    if rest and rest[0].upper() == "WITH":
        name, rest = f"{name} WITH {rest[1]}", rest[2:]
    return (name if _matches(name, patterns) else ""), rest


def _matches(name: str, patterns: Sequence[str]) -> bool:
    """`GPL-3.0-only` denies it with any exception too; letters may be of either case."""
    bare = name.partition(" WITH ")[0]
    names = {name.lower(), bare.lower()} if " WITH " in name else {name.lower()}
    return any(fnmatchcase(one, pattern.lower()) for one in names for pattern in patterns)
