"""The frames of one segment into tables: a few thousand at a time, so that little of it is ever objects in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias
from urllib.parse import quote

import msgspec
import numpy as np

from trimtab.core.dtypes import Array
from trimtab.journal.interactions.decode import Record, decode
from trimtab.journal.interactions.schema import Schema
from trimtab.journal.seal.lines import Lines, join, lines_of
from trimtab.journal.seal.parquet import in_order
from trimtab.journal.seal.records import Row, damage_row, gap_row, misfit_row, record_row, table_of, time_of
from trimtab.journal.seal.stock import A_DAY, day_of
from trimtab.journal.segments.frames import Frame, Kind, declared
from trimtab.journal.segments.records import record_in
from trimtab.journal.segments.scan import Damage

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Counts", "Forgotten", "Gathering", "Unread"]

# whether a person, as `Keys.subject` calls them, was to be forgotten with what was asked at that time (s since 1970)
Forgotten: TypeAlias = Callable[[str, float], bool]
_MOST: Final = 8192  # interactions, or records, that are objects at a time
_BYTES: Final = 8 * 2**20
_MICROS: Final = 1e6
# of what no checksum can promise; Arrow's own errors are among them
_FAULTS: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, NotImplementedError)


class Unread(NamedTuple):
    """A whole frame that says nothing: of a kind or a schema that is not known, or not what its kind promises.

    why: without anything of what was logged, so that it may be shown.
    """

    frame: Frame
    why: str


# what interactions that become lines together have in common: the number of the schema, the day, rows, types of items
_Alike: TypeAlias = tuple[int, int, int, type, type]


@dataclass(slots=True)
class Counts:
    """What was found. records: of all streams; forgotten: rows left out as their person is to be forgotten."""

    interactions: int = 0
    records: int = 0
    gaps: int = 0
    forgotten: int = 0


class Gathering:
    """Takes the frames of a segment in order. After `finish`, `tables` has all, and `unread` what is none of these."""

    def __init__(self, segment: str, created: float, forgotten: Forgotten | None = None) -> None:
        """created: when the segment was begun, for what does not say when it was."""
        self._segment, self._created, self._forgotten = segment, created, forgotten
        self._schemas: dict[int, Schema] = {}
        self._waiting: dict[_Alike, list[tuple[int, Frame, Record]]] = {}
        self._rows: dict[tuple[str, str], list[Row]] = {}
        self._count = self._size = self._order = 0
        self._lines: dict[tuple[Schema, str], list[Lines]] = {}
        self._tables: dict[tuple[str, str], list[pa.Table]] = {}
        self.unread: list[Unread] = []
        self.counts = Counts()

    def take(self, frame: Frame) -> None:
        """The next frame."""
        self._order += 1
        try:
            if not self._take(frame):
                return
        except _FAULTS:  # not in its words, which may quote what was logged
            self.unread.append(Unread(frame, f"not what a frame of kind {frame.kind} is"))
            return
        self._count += 1
        if self._count >= _MOST or self._size >= _BYTES:
            self._settle()

    def _take(self, frame: Frame) -> bool:
        """Whether it is one that was expected."""
        if frame.kind == Kind.INTERACTION:
            record = decode(frame.payload)
            if record.schema not in self._schemas:
                return self._unknown(frame, f"schema {record.schema} is not there")
            facts = record.facts
            alike = record.schema, facts.time // A_DAY, facts.rows, type(record.inputs), type(record.outputs)
            self._waiting.setdefault(alike, []).append((self._order, frame, record))
            self._size += len(frame.payload)
        elif frame.kind == Kind.SCHEMA:
            number, schema_json = declared(frame.payload)
            self._schemas[number] = Schema.from_json(schema_json)
        elif frame.kind == Kind.RECORD:
            self._hold(*record_row(*record_in(frame.payload), self._created))
            self.counts.records += 1
        elif frame.kind == Kind.GAP:
            self._hold("gaps", gap_row(self._segment, msgspec.json.decode(frame.payload, type=dict), self._created))
            self.counts.gaps += 1
        else:
            return self._unknown(frame, f"kind {frame.kind} is not known")
        return True

    def _unknown(self, frame: Frame, why: str) -> bool:
        self.unread.append(Unread(frame, why))
        return False

    def _hold(self, table: str, row: Row) -> None:
        self._rows.setdefault((table, day_of(time_of(table, row) // A_DAY)), []).append(row)

    def finish(self, damage: Iterable[Damage]) -> None:
        """That was the last one; `gaps` will tell of what could not be read."""
        self._settle()
        for one in damage:
            self._hold("gaps", damage_row(self._segment, one, self._created))
        if mute := sum(one.frame.kind == Kind.INTERACTION for one in self.unread):
            gap = {"why": "interaction not understood", "count": mute}
            self._hold("gaps", gap_row(self._segment, gap, self._created))
        self._settle()

    def _settle(self) -> None:
        """What waits becomes arrays."""
        for alike, group in self._waiting.items():
            self._settle_group(alike, group)
        for (table, day), rows in self._rows.items():
            self._settle_rows(table, day, rows)
        self._waiting, self._rows = {}, {}
        self._count = self._size = 0

    def _settle_group(self, alike: _Alike, group: Sequence[tuple[int, Frame, Record]]) -> None:
        """If they do not fit their schema, half by half, until only those are left that do not."""
        try:
            schema = self._schemas[alike[0]]
            lines = lines_of(schema, [record for _, _, record in group], [order for order, _, _ in group])
        except _FAULTS:
            if len(group) == 1:
                self._unknown(group[0][1], "not of its schema")
                return
            self._settle_group(alike, group[: len(group) // 2])
            self._settle_group(alike, group[len(group) // 2 :])
            return
        self.counts.interactions += len(group)
        if self._forgotten is not None:
            lines = self._without_forgotten(lines, self._forgotten)
        self._lines.setdefault((schema, day_of(alike[1])), []).append(lines)

    def _settle_rows(self, table: str, day: str, rows: Sequence[Row]) -> None:
        """Those that do not fit their table's columns are records as any other."""
        try:
            made = table_of(table, rows)
        except _FAULTS:
            if len(rows) > 1:
                self._settle_rows(table, day, rows[: len(rows) // 2])
                self._settle_rows(table, day, rows[len(rows) // 2 :])
                return
            table, other = misfit_row(table, rows[0], self._created)
            made = table_of(table, [other])
        self._tables.setdefault((table, day), []).append(made)

    def _without_forgotten(self, lines: Lines, forgotten: Forgotten) -> Lines:
        subjects = lines.columns.get("subject")
        if subjects is None or subjects.null_count == len(subjects):
            return lines
        times = lines.facts["time"].cast("int64").to_numpy()[lines.of] / _MICROS
        told = zip(subjects.to_pylist(), times.tolist(), strict=True)
        keep: Array = np.array([subject is None or not forgotten(subject, time) for subject, time in told])
        self.counts.forgotten += int(len(keep) - keep.sum())
        return lines if keep.all() else lines.where(keep)

    def tables(self) -> Iterator[tuple[str, int, Iterator[pa.Table]]]:
        """Folder below the journal's, number of the part, and the row groups, of all that was found; once, at the end.

        Interactions of several revisions, or kept under several policies, are parts of their own.
        """
        import pyarrow as pa

        self._settle()
        numbers: dict[str, int] = {}
        while self._lines:
            schema, day = next(iter(self._lines))
            lines = join(self._lines.pop((schema, day)), schema)
            folder = f"interactions/endpoint={quote(schema.endpoint, safe='')}/day={day}"
            number = numbers[folder] = numbers.get(folder, -1) + 1
            if len(lines):
                yield folder, number, in_order(lines, schema)
        for (table, day), parts in self._tables.items():
            whole = pa.concat_tables(parts).sort_by("received" if table in ("truth", "feedback") else "time")
            yield f"{table}/day={day}", 0, iter([whole])
