"""Segments that are still written to: their writers are asked to begin others, so that these can be sealed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from trimtab.journal.folder import ROTATE, Folder
from trimtab.journal.interactions.decode import decode
from trimtab.journal.privacy.marks import Marks
from trimtab.journal.privacy.tombstones import Tombstone, store, tombstones
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.reader import segments
from trimtab.journal.segments.records import record_in

__all__ = ["ask_writers", "wait_for_more"]

_RECORDS: Final = ("truth", "feedback")
_MICROS: Final = 1e6


def ask_writers(folder: Folder) -> None:
    """Have everybody who writes a segment begin another one."""
    handle = os.open(folder.segments / ROTATE, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.utime(handle, ns=(time.time_ns(), time.time_ns()))
    finally:
        os.close(handle)


def wait_for_more(folder: Folder, path: Path) -> bool:
    """Whether a tombstone waits for segments. For whoever is alone there.

    When those have gone that were there when it was begun, the others are looked at: what was answered at that very
    moment may have been written a little later. If so, their writers are asked, too, and the tombstone waits for them.
    """
    tombstone = tombstones(folder)[path]
    if not tombstone.done:
        return True
    holding = tuple(_holding(folder, tombstone))
    if holding:
        store(folder, path, msgspec.structs.replace(tombstone, waits=holding, done=False))
        ask_writers(folder)
    return bool(holding)


def _holding(folder: Folder, tombstone: Tombstone) -> Iterator[str]:
    """The segments with something that is to be forgotten."""
    marks, gone = Marks(folder), frozenset(tombstone.marks)
    with segments(folder) as found:
        for segment in found:
            if any(_is_about(frame, tombstone, marks, gone) for frame in segment.frames()):
                yield segment.name


def _is_about(frame: Frame, tombstone: Tombstone, marks: Marks, gone: frozenset[str]) -> bool:
    with suppress(ValueError, TypeError, KeyError, AttributeError):  # of no frame that we know: nobody can tell
        if frame.kind == Kind.INTERACTION:
            facts = decode(frame.payload).facts
            return tombstone.subject in (facts.subjects or ()) and facts.time / _MICROS <= tombstone.before
        if frame.kind == Kind.RECORD:
            stream, record = record_in(frame.payload)
            return stream in _RECORDS and not gone.isdisjoint(
                marks.of_entry(
                    record["id"], record.get("row"), record.get("principal", ""), bool(record.get("operator"))
                )
            )
    return False
