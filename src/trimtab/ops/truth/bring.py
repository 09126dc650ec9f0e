"""A file of truth into the journal: looked at as a whole first, so that a file with a fault changes nothing.

Whoever is interrupted runs it again: entries that are there already count once (`journal/truth/join.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeAlias

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.interactions import Truth
from trimtab.journal.truth.entries import TRUTH, Speaker, entry_of
from trimtab.journal.truth.faults import EntryFault, Faults
from trimtab.journal.truth.records import record_of
from trimtab.ops.truth.cells import Kind, Seen, typed
from trimtab.ops.truth.source import Row, Source

__all__ = ["About", "Brought", "Find", "Keep", "Said", "bring", "look"]

# which row of the file, an answer that it is about, and which row of that; in the order of the file
About: TypeAlias = tuple[int, str, int]
Find: TypeAlias = Callable[[Iterable[tuple[int, str]]], Iterator[About]]
_CHUNK: Final = 1000  # entries of one write
_LATER: Final = "found later"  # the id of an entry whose answer is looked for
_STEP_S: Final = 1e-6  # between the entries of a file, so that the later of two is the later one for good


class Keep(Protocol):
    """Where entries are kept."""

    def __call__(self, records: Sequence[Mapping[str, Any]], /) -> None:
        """All of them, or OSError and none."""


@dataclass(frozen=True, slots=True)
class Said:
    """Who says it, when, and which truth it is; text: values are text, whatever they look like."""

    speaker: Speaker
    now: float
    name: str = "truth"
    text: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """What a file had: rows that say something, and rows whose value is null.

    kind: of the values of a CSV file. entries: that were kept. lost: rows that no answer was found for.
    """

    rows: int
    empty: int
    kind: Kind = "text"
    entries: int = 0
    lost: int = 0


def look(source: Source, said: Said) -> Brought:
    """What the file has; UserError P942 that names every fault, up to a number."""
    faults, seen, rows, empty = Faults(), Seen(), 0, 0
    for row, place in source.rows():
        if row.broken:
            faults.add(EntryFault(place(), "", row.broken))
        elif row.cells["value"] is None:
            empty += 1
        else:
            rows += 1
            seen(row.cells["value"])
            _checked(source, (row, place), said, said.now, faults)
    if faults:
        raise UserError(*faults.problems("P942"))
    return Brought(rows, empty, seen.kind if source.texts and not said.text else "text")


def bring(
    source: Source, said: Said, keep: Keep, find: Find | None = None, progress: Callable[[int], None] = lambda _: None
) -> Brought:
    """Keep what the file says, once it was looked at. find: the answers, where the file has no ids of them.

    progress: told how many entries are kept. OutsideError P945 where they cannot be, P946 for a file that has changed.
    """
    looked = look(source, said)
    found = _Found(None if find is None else find(_keys(source)))
    made, kept, rows, lost = typed(looked.kind) if source.texts else None, 0, 0, 0
    chunk: list[dict[str, Any]] = []
    for row, place in source.rows():
        if row.broken or row.cells["value"] is None:
            continue
        faults = Faults()
        entry = _checked(source, (row, place), said, said.now + (kept + len(chunk)) * _STEP_S, faults)
        if entry is None:
            raise _changed(source)
        value = entry.value if made is None else made(str(entry.value))
        if value is None:
            raise _changed(source)
        answers = found.of(row.number, replace(entry, value=value))
        chunk += map(record_of, answers)
        rows, lost = rows + 1, lost + (not answers)
        if len(chunk) >= _CHUNK:
            kept, chunk = _kept(keep, chunk, kept, source), []
            progress(kept)
    kept = _kept(keep, chunk, kept, source)
    progress(kept)
    if rows != looked.rows:
        raise _changed(source)
    return replace(looked, entries=kept, lost=lost)


def _checked(
    source: Source, placed: tuple[Row, Callable[[], str]], said: Said, received: float, faults: Faults
) -> Truth | None:
    """The entry of a row, None where something is wrong with it; faults are told by the file's columns."""
    row, place = placed
    plain, own = {**row.cells, "name": said.name}, Faults()
    if "by" in plain:
        plain["id"] = None if plain.pop("by") is None else _LATER
    entry = entry_of(TRUTH, plain, said.speaker, (received, said.now), own)
    for fault in own.named:
        key = "by" if fault.key == "id" and "by" in row.cells else fault.key
        faults.add(EntryFault(place(), "", f"`{source.columns.get(key, key)}`: {fault.what}", fault.hint))
    return entry


def _keys(source: Source) -> Iterator[tuple[int, str]]:
    for row, _ in source.rows():
        if not row.broken and row.cells["value"] is not None:
            yield row.number, str(row.cells["by"])


class _Found:
    """Answers by the rows of the file that are about them, which are asked for in order."""

    def __init__(self, answers: Iterator[About] | None) -> None:
        self._answers = answers
        self._next: About | None = None

    def of(self, number: int, entry: Truth) -> list[Truth]:
        """The entry of one row, of each answer it is about; as it is, where nobody was to look."""
        if self._answers is None:
            return [entry]
        found = []
        while (about := self._next or next(self._answers, None)) is not None and about[0] <= number:
            self._next = None
            if about[0] == number:
                found.append(replace(entry, id=about[1], row=about[2]))
        self._next = about
        return found


def _kept(keep: Keep, chunk: Sequence[Mapping[str, Any]], before: int, source: Source) -> int:
    try:
        if chunk:
            keep(chunk)
    except OSError as error:
        what = f"{before} entries are kept, and then the system says: {error.strerror or error}"
        hint = "mend this and run it again: what is kept already counts once"
        raise OutsideError(Problem("P945", what, str(source.path), hint)) from error
    return before + len(chunk)


def _changed(source: Source) -> OutsideError:
    hint = "run it again when nobody writes to it: what is kept already counts once"
    return OutsideError(Problem("P946", "the file has changed while it was read", str(source.path), hint))
