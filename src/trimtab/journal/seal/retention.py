"""What of a journal is too old or too much: decided from names, days and sizes alone, then carried out.

By age goes what is older than is to be kept and was shipped, if things are shipped. When the journal takes more of the
disk than it may, the oldest of what was shipped goes first, whatever it is; and if that is not enough, the oldest of
what was not. That is a loss, which whoever reads the outcome must say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from trimtab.core.errors import TrimtabError, UserError
from trimtab.core.replacement import sync_folder
from trimtab.journal.seal.clock import Reading, is_believed
from trimtab.journal.seal.stock import Stored
from trimtab.journal.segments.reader import Segment

__all__ = ["Limits", "Plan", "Removed", "Shipped", "is_held", "plan", "remove"]

# whether a file has nothing to wait for: what is in it is wherever it is to be, or is to be nowhere else
Shipped: TypeAlias = Callable[[Path], bool]
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Limits:
    """keep_s: how long rows are kept, in seconds; size: bytes that the journal may take. None: without end."""

    keep_s: float | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes, the oldest first: for its age, for its size, and for its size though it was not shipped yet.

    waiting: too old, and kept as it was not shipped yet. ahead: of days to come, so the clock was wrong when they were
    written; only their size can end them. over: bytes above the limit that nothing can be taken away for.
    believed: whether the clock was steady enough to remove anything for its age.
    """

    aged: tuple[Stored, ...] = ()
    spare: tuple[Stored, ...] = ()
    unshipped: tuple[Stored, ...] = ()
    waiting: tuple[Stored, ...] = ()
    ahead: tuple[Stored, ...] = ()
    over: int = 0
    believed: bool = True


@dataclass(frozen=True, slots=True)
class Removed:
    """What went: files and bytes; unshipped: those that were nowhere else. fault: what the system refused, first."""

    files: int = 0
    bytes: int = 0
    unshipped: int = 0
    unshipped_bytes: int = 0
    fault: str = ""


def plan(files: Sequence[Stored], limits: Limits, clock: Reading, shipped: Shipped | None = None) -> Plan:
    """What is to go of these, the oldest first, as `stock` gives them.

    clock: as `steady` knows it. shipped: None where nothing is shipped anywhere.
    """
    believed = limits.keep_s is None or is_believed(clock, limits.keep_s)
    free = [one for one in files if not one.held]
    there = {one.path for one in free if shipped is None or shipped(one.path)}
    old: list[Stored] = []
    if limits.keep_s is not None and believed:
        old = [one for one in free if one.until + limits.keep_s <= clock.now]
    aged = tuple(one for one in old if one.path in there)
    gone = {one.path for one in aged}
    over = 0 if limits.size is None else sum(one.size for one in files if one.path not in gone) - limits.size
    left = [one for one in free if one.path not in gone]
    spare = _oldest([one for one in left if one.path in there], over)
    over -= sum(one.size for one in spare)
    unshipped = _oldest([one for one in left if one.path not in there], over)
    over -= sum(one.size for one in unshipped)
    gone.update(one.path for one in (*spare, *unshipped))
    return Plan(
        aged,
        spare,
        unshipped,
        waiting=tuple(one for one in old if one.path not in gone),
        ahead=tuple(one for one in left if one.path not in gone and one.until > clock.now + 2 * _DAY_S),
        over=max(over, 0),
        believed=believed,
    )


def _oldest(files: Sequence[Stored], wanted: int) -> tuple[Stored, ...]:
    """As many of the first as have so many bytes."""
    found = []
    for one in files:
        if wanted <= 0:
            break
        found.append(one)
        wanted -= one.size
    return tuple(found)


def remove(planned: Plan, lost_of: Callable[[Path], object] = lambda _: None) -> Removed:
    """Carry it out, whatever of it the system allows; what is gone already, or held again, is not counted.

    lost_of: is told of each file that was not shipped, before it goes.
    """
    kept = _remove((*planned.aged, *planned.spare), lambda _: None)
    lost = _remove(planned.unshipped, lost_of)
    return Removed(kept.files + lost.files, kept.bytes + lost.bytes, lost.files, lost.bytes, kept.fault or lost.fault)


def _remove(files: Iterable[Stored], first: Callable[[Path], object]) -> Removed:
    count = size = 0
    fault = ""
    folders = set()
    for one in files:
        try:
            if one.kind == "segment" and is_held(one.path):
                continue
            first(one.path)
            one.path.unlink()
        except FileNotFoundError:
            continue
        except (OSError, TrimtabError) as error:
            fault = fault or str(error)
            continue
        folders.add(one.path.parent)
        count, size = count + 1, size + one.size
    for folder in folders:
        with suppress(OSError):  # without it a power cut may bring one back, and the next pass takes it away again
            sync_folder(folder)
        _tidy(folder)
    return Removed(count, size, fault=fault)


def is_held(path: Path) -> bool:
    """Whether a writer is at that segment, or one of a later version than ours. FileNotFoundError, OutsideError."""
    try:
        segment = Segment(path)
    except UserError:
        return True
    try:
        return not segment.claim()
    finally:
        segment.close()


def _tidy(folder: Path) -> None:
    """A day of which nothing is left goes, and an endpoint without a day."""
    with suppress(OSError):
        while "=" in folder.name:
            folder.rmdir()
            folder = folder.parent
