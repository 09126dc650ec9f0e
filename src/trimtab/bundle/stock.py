"""What a store holds and what of it could go: read from the disk, nothing is changed."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from trimtab.bundle.files import walk
from trimtab.bundle.keeping.history import former
from trimtab.bundle.keeping.leases import claimed
from trimtab.bundle.keeping.names import Names
from trimtab.bundle.keeping.needed import needed
from trimtab.bundle.store import Entry, Store

__all__ = ["KEEP", "SHELVES", "Limits", "Stored", "Waste", "stock", "waste"]

# what lies beside a bundle under its hex digits, by folder
SHELVES: Final = ("evidence", "measured", "origins", "untried")
KEEP: Final = 3  # former bundles of each name
_Inode: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stored:
    """A bundle in the store. shared: bytes that other bundles hold too; used: some process has it.

    former: whether one of the last moves of its name pointed at it, and no alias does now. needed: by environments, as
    `live in prod`.
    """

    entry: Entry
    shared: int
    used: bool
    former: bool
    needed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """keep: how many former bundles of each name stay. older_s: what is younger stays, in seconds. now: Unix time."""

    keep: int = KEEP
    older_s: float = 0.0
    now: float = 0.0


@dataclass(frozen=True, slots=True)
class Waste:
    """Bundles that go, those that would if nobody used them, blobs, files beside bundles that are gone; bytes freed."""

    bundles: tuple[Entry, ...] = ()
    used: tuple[Entry, ...] = ()
    blobs: tuple[Path, ...] = ()
    beside: tuple[Path, ...] = ()
    freed: int = 0


@dataclass(slots=True)
class _Links:
    """How many names each file has in bundles, and what it is."""

    names: Counter[_Inode] = field(default_factory=Counter)
    stats: dict[_Inode, os.stat_result] = field(default_factory=dict)

    def add(self, folder: Path) -> list[_Inode]:
        found = []
        for entry in walk(folder):
            if entry.kind == "file":
                one = (folder / entry.name).lstat()
                key = (one.st_dev, one.st_ino)
                self.stats[key] = one
                found.append(key)
        self.names.update(found)
        return found


def stock(store: Store, keep: int = KEEP) -> tuple[Stored, ...]:
    """All bundles in the order of name and digest; contents are not verified. keep: as in `Limits`."""
    entries = store.list()
    links = _Links()
    files = {entry.digest: set(links.add(store.folder(entry.digest))) for entry in entries}
    holders = Counter(key for keys in files.values() for key in keys)
    past = _former(store.root, keep, {entry.digest: entry for entry in entries})
    wanted = needed(store.root)
    found = []
    for entry in entries:
        shared = sum(links.stats[key].st_size for key in files[entry.digest] if holders[key] > 1)
        with claimed(store.folder(entry.digest)) as free:
            uses = wanted.get(entry.digest, ())
            found.append(Stored(entry, shared, not free, entry.digest in past, uses))
    return tuple(found)


def _former(root: Path, keep: int, known: Mapping[str, Entry]) -> set[str]:
    """Of each name the last so many bundles that are there, and that no alias points at now."""
    found: set[str] = set()
    names = {path.name for path in (root / "history").glob("*")} | set(Names(root).known())
    for name in names:
        past = [one for one in former(root, name) if one in known and not known[one].aliases]
        found.update(past[:keep])
    return found


def waste(store: Store, limits: Limits) -> Waste:
    """What nobody needs: no alias points at it, none of the last moves did, no environment and no process has it.

    And it is old enough. UserError P296 where it cannot be known what an environment needs.
    """
    entries = {entry.digest: entry for entry in store.list()}
    past = _former(store.root, limits.keep, entries) | needed(store.root).keys()
    gone: list[Entry] = []
    used: list[Entry] = []
    links = _Links()
    for entry in entries.values():
        folder = store.folder(entry.digest)
        if entry.aliases or entry.digest in past or _is_young(folder, limits):
            continue
        with claimed(folder) as free:
            (gone if free else used).append(entry)
        if free:
            links.add(folder)
    freed = sum(one.st_size for key, one in links.stats.items() if one.st_nlink == links.names[key])
    blobs = []
    for path in _blobs(store.root):
        one = path.lstat()
        if one.st_nlink - links.names[one.st_dev, one.st_ino] == 1 and not _is_young(path, limits):
            blobs.append(path)
            freed += one.st_size
    left = entries.keys() - {entry.digest for entry in gone}
    lost = [path for path in _beside(store.root) if _of(path) not in left]
    lost += [path for path in _drafts(store.root) if path.parent not in lost]
    beside = tuple(path for path in lost if not _is_young(path, limits))
    return Waste(tuple(gone), tuple(used), tuple(blobs), beside, freed + sum(map(_size, beside)))


def _is_young(path: Path, limits: Limits) -> bool:
    """When a bundle is added, its folder is new; a file of it may be as old as the first bundle that had it."""
    return limits.older_s > 0 and limits.now - path.lstat().st_mtime < limits.older_s


def _blobs(root: Path) -> Iterator[Path]:
    for path in sorted((root / "blobs" / "sha256").glob("*")):
        if stat.S_ISREG(path.lstat().st_mode):
            yield path


def _beside(root: Path) -> Iterator[Path]:
    for shelf in SHELVES:
        yield from (path for path in sorted((root / shelf).glob("*")) if path.suffix != ".draft")


def _drafts(root: Path) -> list[Path]:
    """Small files that were never finished. Nobody is at it: they are written under the store's lock."""
    return [
        *sorted((root / "names").glob("*/.draft")),
        *sorted((root / "evidence").glob("*/.draft")),
        *sorted((root / "measured").glob("*.draft")),
    ]


def _of(path: Path) -> str:
    return f"sha256:{path.name.partition('.')[0]}"


def _size(path: Path) -> int:
    if path.is_dir():
        return sum((path / entry.name).lstat().st_size for entry in walk(path) if entry.kind == "file")
    return path.lstat().st_size
