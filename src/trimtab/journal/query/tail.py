"""Interactions as they arrive, each once, while segments are begun, let go and sealed.

Whoever follows goes on where a look at the journal ended: in each segment that was open then, from its last whole frame
on; and in every segment that comes later, be it found while it is written or when it is Parquet already. A segment that
went between two looks is Parquet at the second, since it goes only when that is there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trimtab.core.closing import Closing
from trimtab.journal.query.session import OpenJournal
from trimtab.journal.query.sources import INTERACTIONS, is_of, sealed
from trimtab.journal.query.unsealed import damage_of, noting, tables_of
from trimtab.journal.seal.gather import Gathering
from trimtab.journal.segments.frames import Frame
from trimtab.journal.segments.growing import SUFFIX
from trimtab.journal.segments.reader import Segment

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Tail"]

_REMEMBERED: Final = 100_000  # rows that are known again, since a writer may write some once more, elsewhere


class Tail(Closing):
    """What comes after the last question that a journal was asked; it must stay open, and is not asked meanwhile.

    damage: what could not be read.
    """

    def __init__(self, journal: OpenJournal) -> None:
        """Nothing is read yet."""
        self._folder, self._endpoint = journal.folder, journal.wanted.endpoint
        unsealed = journal.unsealed()
        self._followed = {one.name: _Followed(one, unsealed.schemas[one.name]) for one in journal.sources.segments}
        self._done = set(journal.sources.sealed)
        self._own = ExitStack()
        self._known = _Known()
        self.damage: list[str] = []
        self._new(journal.unsealed_rows())

    def close(self) -> None:
        """Lets go of the segments that it has opened."""
        self._own.close()

    def more(self) -> list[pa.Table]:
        """Rows that have come since the last look."""
        there = {path.stem for path in self._folder.segments.iterdir() if path.suffix == SUFFIX}
        for name in sorted(there - self._followed.keys() - self._done):
            with suppress(FileNotFoundError):  # then it is Parquet, and is found as such
                segment = Segment(self._folder.segments / f"{name}{SUFFIX}")
                self._own.callback(segment.close)
                self._followed[name] = _Followed(segment, [])
        found = []
        for name, followed in list(self._followed.items()):
            found += self._new(followed.more(self._endpoint, self.damage))
            if name not in there:  # and was not before that was read to its end
                del self._followed[name]
                self._done.add(name)
        whole = sealed(self._folder)
        for name in sorted(whole.keys() - self._followed.keys() - self._done):
            found += self._new(_rows_of(whole[name], self._endpoint))
            self._done.add(name)
        return found

    def _new(self, tables: Iterable[pa.Table]) -> list[pa.Table]:
        return [new for table in tables if (new := self._known.new(table)).num_rows]


class _Followed:
    """An open segment, read up to its `end`."""

    def __init__(self, segment: Segment, schemas: list[Frame]) -> None:
        """schemas: frames of what was read already, which later ones need."""
        self._segment, self._schemas = segment, schemas

    def more(self, endpoint: str, damage: list[str]) -> Iterator[pa.Table]:
        """Interactions that are new since the last time, and what could not be read."""
        segment, start = self._segment, self._segment.end
        known = list(self._schemas)
        frames = list(noting(segment.frames(start), self._schemas))
        if start and any(one.at == start for one in segment.damage):
            # a write that failed was seen, and something else is in its place: known rows are known again
            known, frames = [], list(segment.frames())
        if not frames and not segment.damage:
            return
        gathering = Gathering(segment.name, segment.created)
        for table, rows in tables_of(gathering, [*known, *frames], endpoint):
            if table == INTERACTIONS:
                yield rows
        damage += damage_of(segment, gathering)


class _Known:
    """The rows that came last, by interaction and row."""

    def __init__(self) -> None:
        """None yet."""
        self._order: deque[tuple[str, int | None]] = deque()
        self._keys: set[tuple[str, int | None]] = set()

    def new(self, table: pa.Table) -> pa.Table:
        """The rows that are not known; they are from now on."""
        import pyarrow as pa

        keys = list(zip(table["id"].to_pylist(), table["row"].to_pylist(), strict=True))
        places = []
        for place, key in enumerate(keys):
            if key not in self._keys:
                places.append(place)
                self._keys.add(key)
                self._order.append(key)
        while len(self._order) > _REMEMBERED:
            self._keys.discard(self._order.popleft())
        return table if len(places) == len(keys) else table.take(pa.array(places, pa.int64()))


def _rows_of(paths: Iterable[Path], endpoint: str) -> Iterator[pa.Table]:
    """The interactions among the files of a segment that came and went between two looks."""
    from pyarrow import parquet

    for path in paths:
        if path.parents[2].name == INTERACTIONS and is_of(path.parents[1].name, endpoint):
            with suppress(FileNotFoundError), path.open("rb") as file:
                yield parquet.ParquetFile(file).read()
