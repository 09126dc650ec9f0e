"""Segments that are not sealed yet, as tables of DuckDB's own, of the same columns as if they were sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from trimtab.journal.query.shapes import Part, Shape, shape_of
from trimtab.journal.query.sources import INTERACTIONS, is_of
from trimtab.journal.seal.gather import Forgotten, Gathering
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.reader import Segment

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Unsealed", "damage_of", "noting", "read_unsealed", "tables_of"]

_NAME: Final = "unsealed_{}"


@dataclass(slots=True)
class Unsealed:
    """parts: rows by the table they belong to. schemas: the frames of each segment that its later ones need.

    damage: what could not be read.
    """

    parts: dict[str, list[Part]] = field(default_factory=dict)
    schemas: dict[str, list[Frame]] = field(default_factory=dict)
    damage: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """What the parts are loaded as."""
        return [part.source for parts in self.parts.values() for part in parts]


def read_unsealed(
    segments: Iterable[Segment], load: Callable[[str, Any], None], endpoint: str, forgotten: Forgotten | None = None
) -> Unsealed:
    """What the segments hold, one part a table and shape; no more than one segment is held here at a time.

    load: rows into a table of that name. endpoint: whose interactions are wanted, empty for all.
    """
    found = Unsealed()
    known: dict[tuple[str, Shape], Part] = {}
    for segment in segments:
        gathering = Gathering(segment.name, segment.created, forgotten)
        schemas = found.schemas[segment.name] = []
        for table, rows in tables_of(gathering, noting(segment.frames(), schemas), endpoint):
            key = table, shape_of(rows.schema)
            if key not in known:
                known[key] = Part(_NAME.format(len(known)), key[1])
                found.parts.setdefault(table, []).append(known[key])
            load(known[key].source, rows)
        found.damage += damage_of(segment, gathering)
    return found


def tables_of(gathering: Gathering, frames: Iterable[Frame], endpoint: str = "") -> Iterator[tuple[str, pa.Table]]:
    """The frames as rows of tables: the name of a table, and some of its rows, again and again."""
    for frame in frames:
        gathering.take(frame)
    for place, _, tables in gathering.tables():
        table, _, below = place.partition("/")
        if table == INTERACTIONS and not is_of(below.partition("/")[0], endpoint):
            continue
        for rows in tables:
            yield table, rows


def noting(frames: Iterable[Frame], schemas: list[Frame]) -> Iterator[Frame]:
    """The same frames; those that say how others are written are also put down."""
    for frame in frames:
        if frame.kind == Kind.SCHEMA:
            schemas.append(frame)
        yield frame


def damage_of(segment: Segment, gathering: Gathering) -> list[str]:
    """What was met while the segment was read: stretches without a whole frame, and frames that say nothing."""
    found = [f"{segment.path}: {one.length} bytes at {one.at} are {one.what}" for one in segment.damage]
    return found + [f"{segment.path}: a whole frame says nothing: {one.why}" for one in gathering.unread]
