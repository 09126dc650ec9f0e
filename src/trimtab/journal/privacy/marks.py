"""Names of rows that were forgotten, by which truth and feedback about them are found: hashes of their ids.

An entry is about a row by the interaction's id, or by what its caller called the request; see `truth/join.py`, whose
rules these are. Where they leave open which of several requests is meant, all of them are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Final

from trimtab.journal.folder import Folder
from trimtab.journal.privacy import keyfile
from trimtab.journal.truth.ownership import GIVEN

__all__ = ["Marks"]

_GIVEN: Final = re.compile(GIVEN, re.ASCII)
_SIZE: Final = 12  # bytes


class Marks:
    """Makes marks; whoever has the journal's folder makes the same ones, whether or not its secret is given to them."""

    def __init__(self, folder: Folder) -> None:
        """UserError P950 without the journal's keys."""
        path = folder.path / keyfile.NAME
        stored = keyfile.read(path)
        if stored is None:
            raise keyfile.fault("the journal has no keys, so nobody can be told apart", path)
        self._start = hashlib.blake2b(key=stored.check, person=b"trimtab marks", digest_size=_SIZE)

    def of_row(self, id: str, row: int | None, principal: str, request_id: str) -> Iterator[str]:  # noqa: A002
        """The marks of a row of an interaction."""
        yield self._mark("id", id, row)
        if request_id and request_id != id:
            yield self._mark("asked", request_id, row, principal)
            yield self._mark("named", request_id, row)

    def of_entry(self, id: str, row: int | None, principal: str, operator: bool) -> Iterator[str]:  # noqa: A002, FBT001
        """The marks that an entry would have, was it about a row that went."""
        yield self._mark("id", id, row)
        if not _GIVEN.fullmatch(id):
            yield self._mark("named", id, row) if operator else self._mark("asked", id, row, principal)

    def _mark(self, kind: str, *parts: object) -> str:
        told = self._start.copy()
        for part in (kind, *parts):
            text = str(0 if part is None else part).encode("utf-8", "surrogatepass")
            told.update(len(text).to_bytes(4, "big") + text)
        return told.hexdigest()
