"""Whose answer an id is of, told from the id alone: it carries a tag that only this journal's keys can make.

An id of another form is what somebody called a request of his own. It says nothing of whose it is, and is joined only
with requests of the same principal (`join.py`).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from typing import Final, Protocol

from trimtab.core.interactions import Feedback, Truth
from trimtab.journal.truth.entries import Speaker
from trimtab.journal.truth.faults import EntriesError, EntryFault, Faults

__all__ = ["GIVEN", "Tags", "require_owner"]

GIVEN: Final = "([0-9a-f]{12})([a-z2-7]{12})-[0-9a-f]{1,16}"  # DuckDB reads it too
_FORM: Final = re.compile(GIVEN, re.ASCII)
_UNKNOWN: Final = "no answer of yours has this id"


class Tags(Protocol):
    """What the keys of a journal are asked for here."""

    def tag(self, nonce: str, principal: str) -> str:
        """What only these keys can make of the two: 12 characters."""


def require_owner(keys: Tags, entries: Iterable[Truth | Feedback], speaker: Speaker, *, alone: bool = False) -> None:
    """Raises EntriesError (P941) that names every entry with an id of an answer to somebody else.

    That it is somebody's is not told: it might as well never have been given. alone: there is one entry and no list.
    """
    if speaker.operator:
        return
    tags: dict[str, str] = {}
    faults = Faults()
    for at, entry in enumerate(entries):
        found = _FORM.fullmatch(entry.id)
        if found is None:
            continue
        nonce = found[1]
        tag = tags.get(nonce)
        if tag is None:
            tag = tags[nonce] = keys.tag(nonce, speaker.principal)
        if not hmac.compare_digest(found[2], tag):
            faults.add(EntryFault(None if alone else at, "id", _UNKNOWN))
    if faults:
        raise EntriesError(faults, "P941")
