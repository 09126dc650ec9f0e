"""The lines of a ledger as bytes: none can be changed, taken away or put between without the next ones showing it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["FORMAT", "OPENING", "BrokenError", "Entry", "Lines", "follow", "line_of", "read_lines"]

FORMAT: Final = 1
OPENING: Final = "ledger"  # kind of the first entry, which says the format
_BLOCK: Final = 512  # bytes, the least that a disk writes
_KEYS: Final = frozenset({"number", "time", "kind", "about", "body", "before", "digest"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. number: from 0. time: seconds since 1970. kind, about: what, and to what.

    body: plain JSON. before: digest of the entry before, empty for the first.
    """

    number: int
    time: float
    kind: str
    about: str
    body: Mapping[str, Any]
    before: str
    digest: str


@dataclass(frozen=True, slots=True)
class Lines:
    """What a file begins with. size: bytes of these entries; torn: bytes after them, of a line that has no end."""

    entries: tuple[Entry, ...]
    size: int
    torn: int


class BrokenError(ValueError):
    """A line is not what was written: it was changed, or one before it was."""

    def __init__(self, number: int, what: str) -> None:
        """number: of the line, from 0."""
        super().__init__(f"entry {number} {what}")
        self.number, self.what = number, what


def follow(last: Entry | None, time: float, kind: str, about: str, body: Mapping[str, Any]) -> Entry:
    """The entry after that one, or the first. ValueError for a body that JSON has no words for."""
    number, before = (0, "") if last is None else (last.number + 1, last.digest)
    facts = {"number": number, "time": time, "kind": kind, "about": about, "body": body, "before": before}
    return Entry(number, time, kind, about, json.loads(_text(body)), before, _digest(facts))


def line_of(entry: Entry) -> bytes:
    """The line, with its end."""
    return _text({key: getattr(entry, key) for key in _KEYS}).encode() + b"\n"


def read_lines(data: bytes, last: Entry | None = None) -> Lines:
    """The entries of a file, or of what follows the last of them. BrokenError for a line that does not follow.

    A last line that was never finished is no fault: whoever wrote it was stopped, and nobody was told that it is there.
    Any other change is one: of a byte, of a field, of the form.
    """
    entries: list[Entry] = []
    size = 0
    while (end := data.find(b"\n", size)) >= 0:
        number = 0 if last is None else last.number + 1
        line = data[size : end + 1]
        try:
            entry = _parsed(line)
        except (ValueError, TypeError, RecursionError):
            if data.find(b"\n", end + 1) < 0 and _never_came(line):
                break
            raise BrokenError(number, "is no line of a ledger") from None
        _must_follow(entry, last)
        if line_of(entry) != line:
            raise BrokenError(number, "is not what was written: it has another form")
        last, size = entry, end + 1
        entries.append(entry)
    if _has_more(data[size:]):
        raise BrokenError(0 if last is None else last.number + 1, "is no line of a ledger")
    return Lines(tuple(entries), size, len(data) - size)


def _never_came(line: bytes) -> bool:
    """Whether a block of the disk with a part of the line never got there: it is zeros, to the end of the block."""
    return line.startswith(b"\0") or b"\0" * _BLOCK in line


def _has_more(torn: bytes) -> bool:
    """Whether a whole entry is there and something else where its end should be, which no stopped writer leaves."""
    try:
        _, end = json.JSONDecoder().raw_decode(torn.decode(errors="replace"))
    except (ValueError, RecursionError):
        return False
    return end < len(torn.decode(errors="replace"))


def _parsed(line: bytes) -> Entry:
    found = json.loads(line)
    if not isinstance(found, dict) or found.keys() != _KEYS:
        raise ValueError("other keys")
    return Entry(**found)


def _must_follow(entry: Entry, last: Entry | None) -> None:
    number, before = (0, "") if last is None else (last.number + 1, last.digest)
    if entry.number != number or entry.before != before:
        raise BrokenError(number, f"is missing: `{entry.number}` stands in its place")
    facts = {key: getattr(entry, key) for key in _KEYS - {"digest"}}
    if entry.digest != _digest(facts):
        raise BrokenError(number, f"is not what was written: its digest is not {str(entry.digest)[:12]}")
    if number == 0 and entry.kind != OPENING:
        raise BrokenError(number, f"is `{entry.kind}`, where every ledger begins with `{OPENING}`")


def _digest(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(facts).encode()).hexdigest()


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
