"""Segments that nobody writes to any more become Parquet; then, and only then, they go.

1. Everything whole in a segment is gathered, and written beside its place in drafts, which are synced.
2. The drafts get their names, which are derived from the segment's; the folders are synced.
3. The segment is removed, and its folder synced.

Files of a segment that is still there do not count. So whoever is killed has done nothing yet, or all of it; who comes
next does the same once more, under the same names, and takes away what another attempt left under others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from trimtab.core.errors import Problem, TrimtabError
from trimtab.core.replacement import sync_folder
from trimtab.journal.folder import Folder
from trimtab.journal.seal.alone import alone
from trimtab.journal.seal.files import Drafts, name_of, sealed_files, segment_of, sweep
from trimtab.journal.seal.gather import Forgotten, Gathering
from trimtab.journal.seal.libraries import need_arrow
from trimtab.journal.seal.parquet import write
from trimtab.journal.seal.remains import remains, write_remains
from trimtab.journal.seal.stock import DAMAGED
from trimtab.journal.segments.growing import SUFFIX
from trimtab.journal.segments.reader import Segment

__all__ = ["Damaged", "Sealed", "place_of", "seal", "seal_alone"]


@dataclass(frozen=True, slots=True)
class Damaged:
    """A segment of which not all could be read: so many stretches, their bytes, and whole frames that say nothing."""

    segment: str
    stretches: int
    bytes: int
    frames: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a pass has done. held: segments that somebody writes to. lines: of all files written.

    forgotten: rows left out as their person is forgotten. problems: why segments are still there; empty when none is
    that could have gone. busy: another process was at it, so nothing was done.
    """

    segments: int = 0
    held: int = 0
    files: int = 0
    lines: int = 0
    interactions: int = 0
    records: int = 0
    gaps: int = 0
    forgotten: int = 0
    damaged: tuple[Damaged, ...] = ()
    problems: tuple[Problem, ...] = ()
    busy: bool = False

    def __add__(self, other: Sealed) -> Sealed:
        """Both together."""
        return Sealed(*(getattr(self, name) + getattr(other, name) for name in self.__slots__[:-1]))


def seal(folder: Folder, forgotten: Forgotten | None = None) -> Sealed:
    """One pass, if nobody else is at it.

    forgotten: rows of such people are left out. Who cleans what is sealed afterwards does without it, as he has to see
    which rows went: truth and feedback about them go as well.

    UserError P920 without the libraries for it; what stands in the way of single segments is among the `problems`.
    """
    need_arrow()
    with alone(folder.path) as mine:
        return seal_alone(folder, forgotten) if mine else Sealed(busy=True)


def seal_alone(folder: Folder, forgotten: Forgotten | None = None) -> Sealed:
    """See `seal`; for whoever has the lock already."""
    total = Sealed()
    try:
        sweep(folder.path)
        names = sorted(path.name for path in folder.segments.glob(f"*{SUFFIX}"))
        left = _left(folder.path, {name.removesuffix(SUFFIX) for name in names})
    except OSError as error:
        return replace(total, problems=(_refused(error, folder.path),))
    for name in names:
        path = folder.segments / name
        try:
            total += _seal_one(folder, path, left.get(path.stem, ()), forgotten)
        except TrimtabError as error:  # newer than we are, or not to be read: it stays
            total = replace(total, problems=(*total.problems, *error.problems))
        except OSError as error:  # the next one would meet the same
            return replace(total, problems=(*total.problems, _refused(error, path)))
        except Exception as error:  # noqa: BLE001 - one segment must not keep all others from being sealed
            total = replace(total, problems=(*total.problems, _ours(error, path)))
    return total


def _left(journal: Path, segments: set[str]) -> Mapping[str, list[Path]]:
    """Files of segments that are still there, as an attempt that was cut short left them."""
    found: dict[str, list[Path]] = {}
    for path in sealed_files(journal):
        if (segment := segment_of(path.name)) in segments:
            found.setdefault(segment, []).append(path)
    return found


def _seal_one(folder: Folder, path: Path, left: Iterable[Path], forgotten: Forgotten | None) -> Sealed:
    try:
        segment = Segment(path)
    except FileNotFoundError:  # nothing was in it, so its writer has taken it away
        return Sealed()
    try:
        if not segment.claim():
            return Sealed(held=1)
        gathering = Gathering(segment.name, segment.created, forgotten)
        for frame in segment.frames():
            gathering.take(frame)
        gathering.finish(segment.damage)
        drafts = Drafts(folder.path)
        try:
            done = _draft(folder, segment, gathering, drafts)
            drafts.place()
        except BaseException:
            drafts.drop()
            raise
    finally:
        segment.close()
    _remove(one for one in left if one not in drafts.paths)
    _remove([path])
    return done


def _draft(folder: Folder, segment: Segment, gathering: Gathering, drafts: Drafts) -> Sealed:
    """Everything of the segment into drafts."""
    lines = 0
    for place, part, tables in gathering.tables():
        lines += drafts.add(folder.path / place / name_of(segment.name, part), partial(write, tables))
    counts, files = gathering.counts, len(drafts.paths)
    damaged: tuple[Damaged, ...] = ()
    if segment.damage or gathering.unread:
        lost = remains(segment.path, segment.damage, gathering.unread)
        drafts.add(folder.segments / DAMAGED / f"{segment.name}.jsonl", partial(write_remains, lost))
        size = sum(damage.length for damage in segment.damage)
        damaged = (Damaged(segment.name, len(segment.damage), size, len(gathering.unread)),)
    return Sealed(
        segments=1,
        files=files,
        lines=lines,
        interactions=counts.interactions,
        records=counts.records,
        gaps=counts.gaps,
        forgotten=counts.forgotten,
        damaged=damaged,
    )


def _remove(paths: Iterable[Path]) -> None:
    """For good, before anything else is done."""
    folders = set()
    for path in paths:
        path.unlink(missing_ok=True)
        folders.add(path.parent)
    for folder in folders:
        sync_folder(folder)


def _refused(error: OSError, path: Path) -> Problem:
    what = f"what was logged cannot be sealed: {error.strerror or error}"
    return Problem("P921", what, str(error.filename or path), "segments stay as they are, and are kept")


def _ours(error: Exception, path: Path) -> Problem:
    return Problem("P922", f"a segment cannot be sealed, and stays as it is: {place_of(error)}", str(path))


def place_of(error: Exception) -> str:
    """Where a fault of ours came up, and not its words: they may quote what was logged."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in `{Path(trace.tb_frame.f_code.co_filename).name}`, line {trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"
