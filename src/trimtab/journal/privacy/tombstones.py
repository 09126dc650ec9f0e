"""Who was to be forgotten, and up to when: `forgotten/<time>-<letters of chance>.json`, which stays for good.

A tombstone holds a name that only this journal's keys can make, numbers, and marks: names of the rows that went. So
what is found later, in a segment that was still written to or in a backup that somebody put back, goes as well.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from trimtab.core.errors import Problem, UserError
from trimtab.journal.folder import Folder
from trimtab.journal.seal.files import Drafts

__all__ = ["Tombstone", "begin", "forgotten", "latest", "store", "tombstones"]

_NAME: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}\.json", re.ASCII)
_FORMAT: Final = 1


class Tombstone(msgspec.Struct, frozen=True):
    """One person, as `Keys.subject` calls them.

    before: rows of them that are not younger go, in seconds since 1970. rows, records: lines of interactions, of truth
    and feedback, that went, by the file that they were in. marks: of these rows, as `marks.py` makes them.
    waits: segments that were there when it was begun, and may still hold something. done: there are none.
    """

    subject: str
    before: float
    rows: dict[str, int] = {}
    records: dict[str, int] = {}
    marks: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    done: bool = False
    format: int = _FORMAT


def begin(folder: Folder, subject: str, before: float, waits: Iterable[str]) -> Path:
    """A tombstone on the disk; OSError where none can be kept."""
    moment = datetime.fromtimestamp(before, UTC)
    path = folder.forgotten / f"{moment:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}.json"
    store(folder, path, Tombstone(subject, before, waits=tuple(sorted(waits))))
    return path


def store(folder: Folder, path: Path, tombstone: Tombstone) -> None:
    """Put it in the place of what was there, for good; OSError."""
    data = msgspec.json.format(msgspec.json.encode(tombstone), indent=1) + b"\n"
    drafts = Drafts(folder.path)
    try:
        drafts.add(path, lambda file: file.write(data))
        drafts.place()
    except BaseException:
        drafts.drop()
        raise


def tombstones(folder: Folder) -> dict[Path, Tombstone]:
    """All that there are, the oldest first. UserError P956 for one that cannot be read: to pass over it undoes it."""
    found = {}
    for path in sorted(folder.forgotten.glob("*.json")):
        if _NAME.fullmatch(path.name):
            found[path] = _read(path)
    return found


def latest(found: Mapping[Path, Tombstone]) -> dict[str, tuple[Path, float]]:
    """The youngest tombstone of each person, and up to when their rows go."""
    last: dict[str, tuple[Path, float]] = {}
    for path, one in found.items():
        if one.subject not in last or last[one.subject][1] <= one.before:
            last[one.subject] = path, one.before
    return last


def forgotten(folder: Folder) -> Callable[[str, float], bool]:
    """Whether rows of a person, of that time, are not to be shown: for whoever reads what is not cleaned yet."""
    before = {subject: time for subject, (_, time) in latest(tombstones(folder)).items()}
    return lambda subject, time: subject in before and time <= before[subject]


def _read(path: Path) -> Tombstone:
    hint = "put it back from a backup; without it nobody knows who was forgotten"
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Tombstone)
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        what = f"a tombstone cannot be read: {getattr(error, 'strerror', None) or 'it is damaged'}"
        raise UserError(Problem("P956", what, str(path), hint)) from None
    if found.format != _FORMAT:
        what = f"a tombstone has format {found.format}, this trimtab reads {_FORMAT}"
        raise UserError(Problem("P956", what, str(path), "use the trimtab that wrote it, or a newer one"))
    return found
