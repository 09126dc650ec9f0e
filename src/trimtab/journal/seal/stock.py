"""What a journal holds on the disk, file by file: read from names and sizes, nothing is opened."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

__all__ = ["A_DAY", "DAMAGED", "STREAMS", "Stored", "day_of", "stock"]

# folders of sealed tables; `records` has what other streams than these append
STREAMS: Final = ("interactions", "truth", "feedback", "gaps", "records")
DAMAGED: Final = "damaged"  # in the folder of segments: what could not be read
_DAY: Final = re.compile(r"day=(\d{4}-\d{2}-\d{2})")
# nothing was logged before there was something to log with: such a day is that of a clock that did not know better
_FIRST: Final = date(2025, 1, 1)
_BLOCK: Final = 512
A_DAY: Final = 86_400 * 10**6  # microseconds
_EPOCH: Final = date(1970, 1, 1).toordinal()
_EARLIEST: Final = date.min.toordinal() - _EPOCH
_LATEST: Final = date.max.toordinal() - _EPOCH


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of a journal. kind: one of STREAMS, `segment` or `damaged`. size: bytes that it takes of the disk.

    until: when the youngest of its rows may have come to be, seconds since 1970. written: when it was last written.
    held: a writer is at it.
    """

    path: Path
    kind: str
    size: int
    until: float
    written: float
    held: bool = False


def stock(journal: Path) -> tuple[Stored, ...]:
    """All files that hold what was logged, the oldest first; what is not finished, or goes meanwhile, is left out."""
    found = [one for kind in STREAMS for one in _sealed(journal / kind, kind)]
    found += [one for path in _files(journal / "segments", ".seg") if (one := _stored(path, "segment", ""))]
    found += [one for path in _files(journal / "segments" / DAMAGED, "") if (one := _stored(path, "damaged", ""))]
    return tuple(sorted(found, key=lambda one: (one.until, one.written, one.path)))


def _sealed(top: Path, kind: str) -> Iterator[Stored]:
    for folder, _, names in os.walk(top):
        for name in names:
            if name.endswith(".parquet") and not name.startswith("."):
                one = _stored(Path(folder, name), kind, Path(folder).name)
                if one is not None:
                    yield one


def _files(folder: Path, ending: str) -> Iterator[Path]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names alone are wanted
    except FileNotFoundError:
        return
    yield from (folder / name for name in names if name.endswith(ending) and not name.startswith("."))


def _stored(path: Path, kind: str, day: str) -> Stored | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    written = found.st_mtime
    return Stored(path, kind, max(found.st_size, found.st_blocks * _BLOCK), _until(day, written), written)


def _until(day: str, written: float) -> float:
    """The end of the day of a folder's name; where there is none that can be true, when the file was written."""
    match = _DAY.fullmatch(day)
    try:
        named = date.fromisoformat(match[1]) if match else date.min
    except ValueError:
        named = date.min
    if named < _FIRST:
        return written
    return (datetime(named.year, named.month, named.day, tzinfo=UTC) + timedelta(days=1)).timestamp()


def day_of(days: int) -> str:
    """The day that is so many days after 1970 began, UTC; of one that is in no calendar the nearest one."""
    return date.fromordinal(min(max(days, _EARLIEST), _LATEST) + _EPOCH).isoformat()
