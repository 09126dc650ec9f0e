"""What a column holds, as its name has it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, cast

from trimtab.bundle.privacy.kinds import Kind
from trimtab.bundle.privacy.words import AFTER, AGED, AGES, BARE_NAMES, BEFORE, NUMBERS, PEOPLE, PHRASES, STEMS

__all__ = ["is_bare_name", "kind_named", "words_of"]

_LONGEST: Final = 200  # characters of a name that are looked at
_WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
_MOST_WORDS: Final = 5  # of a phrase
_STEM: Final = 8


def _listed(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


_AGES, _AGED, _BARE = _listed(AGES), _listed(AGED), _listed(BARE_NAMES)
_AFTER, _BEFORE, _PEOPLE, _NUMBERS = _listed(AFTER), _listed(BEFORE), _listed(PEOPLE), _listed(NUMBERS)
_JOINED: Final[dict[str, Kind]] = {
    **{f"{who}{number}": "id" for who in _PEOPLE for number in _NUMBERS},
    **{
        phrase.replace(" ", ""): cast("Kind", kind)
        for kind, phrases in PHRASES.items()
        for phrase in _listed(" ".join(phrases.split()))
    },
}


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case and without accents: `ClientIPAddress2` is client, ip, address."""
    plain = unicodedata.normalize("NFKD", name[:_LONGEST].replace("ß", "ss"))
    return tuple(word.lower() for word in _WORD.findall("".join(filter(str.isascii, plain.replace("\u0308", "")))))


def kind_named(name: str) -> Kind | None:
    """The kind of a person's data that the name means, if it means one."""
    words = words_of(name)
    if _is_age(words):
        return "age"
    for size in range(min(_MOST_WORDS, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            kind = _JOINED.get("".join(words[start : start + size]))
            if kind and not _is_neutral(words[:start], words[start + size :]):
                return kind
    if _PEOPLE & set(words) and _NUMBERS & set(words) and not _is_neutral(words, words):
        return "id"
    for at, word in enumerate(words):
        for stem, kind_of_stem in STEMS.items():
            if len(word) >= _STEM and stem in word and not _is_neutral(words[:at], words[at + 1 :]):
                return cast("Kind", kind_of_stem)
    return None


def is_bare_name(name: str) -> bool:
    """Whether it is called a name and may be that of a person, or of anything else."""
    words = words_of(name)
    return bool(_BARE & set(words)) and not _is_neutral(words, words)


def _is_age(words: tuple[str, ...]) -> bool:
    return any(word in _AGES for word in words) and all(word in _AGES or word in _AGED for word in words)


def _is_neutral(before: Iterable[str], after: Iterable[str]) -> bool:
    """Whether it is something about such a datum, not the datum."""
    return not _BEFORE.isdisjoint(before) or not _AFTER.isdisjoint(after)
