"""A journal's interactions as a replay wants them, sealed or not: asked in SQL, with what was kept of their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trimtab.core.closing import Closing
from trimtab.journal.folder import Folder
from trimtab.journal.interactions.decode import decode
from trimtab.journal.interactions.schema import Schema
from trimtab.journal.query.duck import DuckSettings, name_of
from trimtab.journal.query.faults import asking
from trimtab.journal.query.filter import SEEN, Filter
from trimtab.journal.query.session import OpenJournal, Wanted
from trimtab.journal.query.shapes import names_in_sql
from trimtab.journal.query.sources import INTERACTIONS, Period
from trimtab.journal.seal.parquet import METADATA
from trimtab.journal.segments.frames import Kind, declared
from trimtab.journal.segments.reader import Segment
from trimtab.ops.replay.recorded import INPUT, KEEP, ORDER, OUTPUT, OVER, Part

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Logged", "Span"]

_MICROS: Final = 1e6
_FOR: Final = f"{KEEP} "  # so many days


@dataclass(frozen=True, slots=True)
class Span:
    """From `since`, or from `last_s` before the newest interaction, until before `until`; seconds since 1970, UTC."""

    since: float | None = None
    until: float | None = None
    last_s: float | None = None


class Logged(Closing):
    """What was logged within a time. damage: what could not be read, each with its place."""

    def __init__(self, folder: Folder, span: Span) -> None:
        """Nothing is read but what the span takes to know its beginning."""
        self._folder, self._stack = folder, ExitStack()
        self._open: dict[str, OpenJournal] = {}
        self._period = Period(span.since, span.until)
        self.damage: list[str] = []
        if span.last_s is not None:
            ((newest,),) = self._rows("", "max(time)")
            since = None if newest is None else newest.timestamp() - span.last_s
            self._period = Period(since, span.until)
            self._stack.close()
            self._open.clear()

    def close(self) -> None:
        """Files and memory are let go."""
        self._stack.close()

    def endpoints(self) -> Mapping[str, int]:
        """By name."""
        return dict(self._rows("", "endpoint, count(row)", "GROUP BY endpoint HAVING count(row) > 0 ORDER BY endpoint"))

    def parts(self, endpoint: str) -> Sequence[Part]:
        """A part a sealed file, and one for each way that is written in segments."""
        journal = self._journal(endpoint)

        def found(_: object) -> list[Part]:
            sealed = [_part_of(path, self._period) for path in journal.sources.files.get(INTERACTIONS, ())]
            held = [part for one in journal.sources.segments for part in _parts_in(one, endpoint, self._period)]
            return [*(part for part in sealed if part is not None), *held]

        return journal.asked((), found)

    def columns(self, endpoint: str) -> Mapping[str, Any]:
        """Of several types of one column, the one that can hold all."""
        return self._journal(endpoint).columns()

    def read(self, endpoint: str, columns: Sequence[str], ids: pa.Array | None = None) -> pa.Table:
        """As the protocol says."""
        import pyarrow as pa

        journal = self._journal(endpoint)
        known = list(journal.columns())
        names = dict(zip(known, names_in_sql(known), strict=True))
        listed = ", ".join(name_of(names[name]) for name in columns)
        query = f"SELECT {listed} FROM interactions WHERE {SEEN} AND {Filter(self._period, endpoint).sql()}"  # noqa: S608 - quoted
        chosen = {}
        if ids is not None:
            query += " AND id IN (SELECT id FROM chosen)"
            chosen = {"chosen": pa.table({"id": ids})}
        order = ", ".join(f"{name} NULLS FIRST" for name in ORDER)
        with asking(journal.error, condition=False):
            table: pa.Table = journal.sql(f"{query} ORDER BY {order}", **chosen).arrow()
        return table.rename_columns(list(columns))

    def _rows(self, endpoint: str, what: str, more: str = "") -> list[tuple[Any, ...]]:
        journal = self._journal(endpoint)
        query = f"SELECT {what} FROM interactions WHERE {SEEN} AND {Filter(self._period, endpoint).sql()} {more}"  # noqa: S608 - quoted
        with asking(journal.error, condition=False):
            return journal.sql(query).fetchall()

    def _journal(self, endpoint: str) -> OpenJournal:
        """Opened once for each endpoint, empty for all."""
        if endpoint not in self._open:
            wanted, settings = Wanted(self._period, endpoint), DuckSettings(folders=(self._folder.path,))
            journal = self._stack.enter_context(OpenJournal(self._folder, wanted, settings))
            journal.columns()
            self.damage = list(dict.fromkeys([*self.damage, *journal.damage]))
            self._open[endpoint] = journal
        return self._open[endpoint]


def _part_of(path: Path, period: Period) -> Part | None:
    """What a sealed file has; None if all of it is of another time."""
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        schema, metadata = file.schema_arrow, file.metadata
    time = [metadata.schema.column(at).path for at in range(metadata.num_columns)].index("time")
    groups = [metadata.row_group(at).column(time).statistics for at in range(metadata.num_row_groups)]
    if all(one is not None and one.has_min_max and not _meets(period, one.min, one.max) for one in groups):
        return None
    said = (schema.metadata or {}).get(METADATA)
    own = Schema.from_json(said) if said else None
    names = [name for name in schema.names if name.startswith((INPUT, OUTPUT))]
    kept = dict.fromkeys(names, KEEP) | {name: said for name, said in _policies(own).items() if name in names}
    over = {name: f"{said}{OVER}" for name, said in kept.items() if said.startswith(_FOR) and _is_gone(metadata, name)}
    return Part(metadata.num_rows, kept | over)


def _is_gone(metadata: Any, name: str) -> bool:
    """Whether a column of a file has no value any more."""
    paths = [metadata.schema.column(at).path for at in range(metadata.num_columns)]
    if name not in paths:
        return False
    chunks = [metadata.row_group(at).column(paths.index(name)).statistics for at in range(metadata.num_row_groups)]
    return all(one is not None and one.num_values == 0 for one in chunks)


def _parts_in(segment: Segment, endpoint: str, period: Period) -> list[Part]:
    """What a segment has of an endpoint, by the schemas that its interactions were written with."""
    schemas: dict[int, Schema] = {}
    rows: dict[int, int] = {}
    for frame in segment.frames():
        try:
            if frame.kind == Kind.SCHEMA:
                number, said = declared(frame.payload)
                schemas[number] = Schema.from_json(said)
            elif frame.kind == Kind.INTERACTION:
                record = decode(frame.payload)
                moment = datetime.fromtimestamp(record.facts.time / _MICROS, UTC)
                if _meets(period, moment, moment):
                    rows[record.schema] = rows.get(record.schema, 0) + record.facts.rows
        except (ValueError, OverflowError):
            continue  # it is told as damage by whoever reads its rows
    return [
        Part(count, _policies(schemas[number]))
        for number, count in rows.items()
        if number in schemas and schemas[number].endpoint == endpoint
    ]


def _meets(period: Period, first: datetime, last: datetime) -> bool:
    """Whether something from the first time to the last may be of the period."""
    begin, end = (one.replace(tzinfo=one.tzinfo or UTC).timestamp() for one in (first, last))
    return (period.since is None or end >= period.since) and (period.until is None or begin < period.until)


def _policies(schema: Schema | None) -> dict[str, str]:
    """By column, with its prefix."""
    if schema is None:
        return {}
    inputs = {f"{INPUT}{column.name}": column.policy for column in schema.inputs}
    return inputs | {f"{OUTPUT}{column.name}": column.policy for column in schema.outputs or ()}
