"""What a journal holds at one moment, each thing once: segments that are open, and the Parquet files of all others.

Sealing writes the Parquet files of a segment first and only then takes the segment away. So whoever opens the segments
first, then lists the files, and leaves out those of segments that he has open, misses nothing and has nothing twice,
whatever is sealed meanwhile. An open segment stays readable when its name goes; a file that goes later is too old to be
kept, or has been written anew: then one looks again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from trimtab.journal.folder import Folder
from trimtab.journal.seal.files import segment_of
from trimtab.journal.segments.growing import SUFFIX
from trimtab.journal.segments.reader import Segment, segments

__all__ = ["EVER", "INTERACTIONS", "TABLES", "Period", "Sources", "endpoints", "is_of", "sealed", "sources", "start_of"]

INTERACTIONS: Final = "interactions"
TABLES: Final = (INTERACTIONS, "truth", "feedback", "gaps")
_DAY: Final = "day="
_ENDPOINT: Final = "endpoint="
_EPOCH: Final = date(1970, 1, 1)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` until before `until`, in seconds since 1970, UTC; None: without end on that side."""

    since: float | None = None
    until: float | None = None

    def has_day(self, day: str) -> bool:
        """Whether a day of files, by the name of its folder, may hold something of the period."""
        named = day.removeprefix(_DAY)
        after = self.since is None or named >= _day(self.since)
        return after and (self.until is None or named <= _day(self.until))


EVER: Final = Period()


def start_of(day: str) -> int:
    """When a day of files begins, by the name of its folder, in microseconds since 1970."""
    return (date.fromisoformat(day.removeprefix(_DAY)) - _EPOCH) // _MICROSECOND


def _day(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class Sources:
    """Open segments, the oldest first, and the files of each table, the newest days first.

    sealed: the names of all segments that were Parquet by then, whether their files are wanted or not.
    """

    segments: Sequence[Segment] = ()
    files: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    sealed: frozenset[str] = frozenset()

    def is_stale(self) -> bool:
        """Whether a file of these has gone meanwhile, so that a fault may be due to that."""
        return any(not os.path.lexists(path) for paths in self.files.values() for path in paths)


@contextmanager
def sources(folder: Folder, period: Period = EVER, endpoint: str = "") -> Iterator[Sources]:
    """What there is now. Interactions of other days and endpoints are left out; open segments may hold anything."""
    with segments(folder) as held:
        names = {segment.name for segment in held}
        whole = {name: files for name, files in sealed(folder).items() if name not in names}
        found: dict[str, list[Path]] = {table: [] for table in TABLES}
        for path in (path for files in whole.values() for path in files):
            table, *below = path.relative_to(folder.path).parts
            if table != INTERACTIONS or (is_of(below[0], endpoint) and period.has_day(below[1])):
                found[table].append(path)
        yield Sources(held, {table: _newest_first(paths) for table, paths in found.items()}, frozenset(whole))


def endpoints(folder: Folder) -> list[str]:
    """The endpoints of which something is sealed."""
    return sorted(unquote(path.name.removeprefix(_ENDPOINT)) for path in _folders(folder.interactions, _ENDPOINT))


def sealed(folder: Folder) -> dict[str, list[Path]]:
    """The Parquet files of each segment that is sealed as a whole.

    While one is being sealed some of its files may be missing, and its segment is there until they are not. So one
    counts that was there at a first look, was no segment any more after that, and then has all its files at a second.
    """
    before = _files(folder).keys()
    unfinished = {name.removesuffix(SUFFIX) for name in _names(folder.segments)}
    return {name: files for name, files in _files(folder).items() if name in before and name not in unfinished}


def _files(folder: Folder) -> dict[str, list[Path]]:
    """The Parquet files of all tables by the segment that each was made of."""
    found: dict[str, list[Path]] = {}
    for table in TABLES:
        top = folder.path / table
        for one in _folders(top, _ENDPOINT) if table == INTERACTIONS else [top]:
            for day in _folders(one, _DAY):
                for name in _names(day):
                    if segment := segment_of(name):
                        found.setdefault(segment, []).append(day / name)
    return found


def is_of(named: str, endpoint: str) -> bool:
    """Whether a folder of that name has interactions of the endpoint; empty for any."""
    return not endpoint or named == _ENDPOINT + quote(endpoint, safe="")


def _newest_first(paths: Sequence[Path]) -> tuple[Path, ...]:
    return tuple(sorted(sorted(paths), key=lambda path: path.parent.name, reverse=True))


def _folders(top: Path, prefix: str) -> list[Path]:
    return [top / name for name in _names(top) if name.startswith(prefix)]


def _names(folder: Path) -> list[str]:
    """Nothing where there is no such folder, or where it goes meanwhile."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - names alone are wanted
    except (FileNotFoundError, NotADirectoryError):
        return []
