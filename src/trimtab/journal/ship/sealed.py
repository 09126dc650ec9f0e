"""The sealed files of a journal: what there is to ship, under which name, and which version of it.

They are never changed in place: who forgets a subject, or a column that has expired, puts a new file under the old
name. So size and time of last change tell versions apart.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trimtab.journal.seal.files import segment_of
from trimtab.journal.seal.stock import STREAMS
from trimtab.journal.segments.growing import SUFFIX

__all__ = ["Sealed", "sealed_files", "stream_of", "version_of"]


@dataclass(frozen=True, slots=True)
class Sealed:
    """One file. name: its place in the journal, with `/`. version: of its content. changed: seconds since 1970."""

    name: str
    size: int
    version: str
    changed: float

    @property
    def stream(self) -> str:
        """Which of the journal's tables it is a part of."""
        return stream_of(self.name)


def sealed_files(journal: Path) -> list[Sealed]:
    """All files that count, the oldest first; one whose segment is still there may be written anew, and waits."""
    segments = _segments(journal)  # before the files are listed: what is sealed meanwhile waits as well
    found = []
    for name, segment in _parquet(journal):
        if segment in segments:
            continue
        with suppress(FileNotFoundError):  # retention was here meanwhile
            status = os.lstat(f"{journal}/{name}")
            if stat.S_ISREG(status.st_mode):
                found.append(Sealed(name, status.st_size, version_of(status), status.st_mtime))
    return sorted(found, key=lambda sealed: (sealed.changed, sealed.name))


def stream_of(name: str) -> str:
    """The table that a file is a part of, by its name; the first folder for any other file of a journal."""
    return name.partition("/")[0]


def version_of(status: os.stat_result) -> str:
    """What tells a file's content from that of another one under the same name."""
    return f"{status.st_size}-{status.st_mtime_ns}"


def _segments(journal: Path) -> set[str]:
    try:
        return {path.stem for path in (journal / "segments").iterdir() if path.suffix == SUFFIX}
    except FileNotFoundError:
        return set()


def _parquet(journal: Path) -> Iterator[tuple[str, str]]:
    """Names in the journal, and the segments they come of; there may be tens of thousands, so they stay texts."""
    for stream in STREAMS:
        top = str(journal / stream)
        for folder, _, names in os.walk(top):  # follows no links
            place = f"{stream}{folder[len(top) :]}"
            yield from ((f"{place}/{name}", segment) for name in names if (segment := segment_of(name)))
