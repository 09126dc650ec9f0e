"""Takes rows of forgotten people out of everything that is sealed; each step may be the last one before a kill.

1. Rows of interactions are found. Their marks go into the tombstones, on the disk, before anything is taken away:
   without them nobody could find the truth and feedback about these rows any more.
2. The files with such rows are written anew without them, one by one.
3. Truth and feedback with such marks go in the same way.

Whoever does it again finds what is left and does the same.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.errors import OutsideError, Problem
from trimtab.journal.folder import Folder
from trimtab.journal.privacy.checked import Checked
from trimtab.journal.privacy.marks import Marks
from trimtab.journal.privacy.rewrite import read_columns, rewrite
from trimtab.journal.privacy.tombstones import Tombstone, latest, store, tombstones
from trimtab.journal.seal.files import sealed_files
from trimtab.journal.seal.stock import DAMAGED
from trimtab.journal.segments.growing import SUFFIX

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Cleaned", "clean"]

_INTERACTIONS: Final = "interactions"
_RECORDS: Final = ("truth", "feedback")
_ROW: Final = ("subject", "time", "id", "row", "principal", "request_id")
_ENTRY: Final = ("id", "row", "principal", "operator")
_MICROS: Final = 1e6


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Lines of interactions, of truth and of feedback that were taken away, and in how many files."""

    rows: int = 0
    records: int = 0
    files: int = 0


def clean(folder: Folder) -> Cleaned:
    """One pass, for whoever is alone there. OutsideError P957 for every file that stays as it was, after all others.

    UserError P950, P956 for keys and tombstones that cannot be read; OSError. Needs pyarrow only where somebody was
    forgotten.
    """
    for left in folder.forgotten.glob(".*.draft"):
        left.unlink(missing_ok=True)
    found = tombstones(folder)
    return _Sweep(folder, found).run() if found else Cleaned()


class _Sweep:
    """One pass over everything that is new since the last one."""

    def __init__(self, folder: Folder, found: Mapping[Path, Tombstone]) -> None:
        self._folder = folder
        self._tombstones = dict(found)
        self._stored = dict(found)
        self._people = latest(found)
        self._marks = Marks(folder)
        self._checked = Checked(folder, "checked")
        self._problems: list[Problem] = []
        self._files = 0

    def run(self) -> Cleaned:
        """All of it; what cannot be done keeps nothing else from being done."""
        files: dict[str, list[Path]] = {}
        for path in sealed_files(self._folder.path):
            files.setdefault(path.relative_to(self._folder.path).parts[0], []).append(path)
        people = _digest(f"{subject} {before}" for subject, (_, before) in sorted(self._people.items()))
        rows = self._clean(_INTERACTIONS, people, files, self._rows_in, self._without_rows)
        owners = {mark: path for path, one in self._tombstones.items() for mark in one.marks}
        marks = _digest(sorted(owners))
        records = 0
        for stream in _RECORDS if owners else ():
            records += self._clean(
                stream,
                marks,
                files,
                lambda path: self._entries_in(path, owners),
                lambda table: self._without_entries(table, owners),
            )
        if not all(one.done for one in self._tombstones.values()):
            self._remove_remains()
        self._checked.store()
        if self._problems:
            raise OutsideError(*self._problems)
        self._finish()
        return Cleaned(rows, records, self._files)

    def _clean(
        self,
        stream: str,
        against: str,
        files: Mapping[str, Iterable[Path]],
        look: Callable[[Path], int],
        change: Callable[[pa.Table], pa.Table],
    ) -> int:
        """Look at every file that is new; then, with the tombstones on the disk, write those anew that need it."""
        self._checked.begin(stream, against)
        hits: list[tuple[Path, int]] = []
        for path in files.get(stream, ()):
            if self._checked.knows(path):
                continue
            with self._noted():
                if count := look(path):
                    hits.append((path, count))
                else:
                    self._checked.note(path)
        self._store()
        total = 0
        for path, count in hits:
            with self._noted():
                rewrite(self._folder, path, change)
                self._checked.note(path)
                total, self._files = total + count, self._files + 1
        return total

    def _rows_in(self, path: Path) -> int:
        """How many lines are to go; their marks, and how many they are, are noted."""
        people = read_columns(path, ["subject"])
        if people is None or self._people.keys().isdisjoint(people["subject"].unique().to_pylist()):
            return 0
        table = read_columns(path, _ROW)
        gone = [] if table is None else table.filter(~self._kept_rows(table)).to_pylist()
        by_owner: dict[Path, list[dict[str, Any]]] = {}
        for line in gone:
            by_owner.setdefault(self._people[line["subject"]][0], []).append(line)
        for owner, lines in by_owner.items():
            one = self._tombstones[owner]
            marks = set(one.marks).union(
                mark
                for line in lines
                for mark in self._marks.of_row(line["id"], line["row"], line["principal"], line["request_id"])
            )
            rows = one.rows | {self._place(path): len(lines)}
            self._tombstones[owner] = msgspec.structs.replace(one, rows=rows, marks=tuple(sorted(marks)))
        return len(gone)

    def _without_rows(self, table: pa.Table) -> pa.Table:
        return table.filter(self._kept_rows(table))

    def _kept_rows(self, table: pa.Table) -> Any:
        times = table["time"].cast("int64").to_numpy() / _MICROS
        told = zip(table["subject"].to_pylist(), times.tolist(), strict=True)
        people = self._people
        return _mask(subject not in people or time > people[subject][1] for subject, time in told)

    def _entries_in(self, path: Path, owners: Mapping[str, Path]) -> int:
        """How many entries are to go; it is noted."""
        table = read_columns(path, _ENTRY)
        counts = Counter(filter(None, [] if table is None else self._owners_of(table, owners)))
        for owner, count in counts.items():
            one = self._tombstones[owner]
            self._tombstones[owner] = msgspec.structs.replace(one, records=one.records | {self._place(path): count})
        return counts.total()

    def _without_entries(self, table: pa.Table, owners: Mapping[str, Path]) -> pa.Table:
        return table.filter(_mask(owner is None for owner in self._owners_of(table, owners)))

    def _owners_of(self, table: pa.Table, owners: Mapping[str, Path]) -> Iterator[Path | None]:
        columns = (table[name].to_pylist() for name in _ENTRY)
        for entry in zip(*columns, strict=True):
            yield next((owners[mark] for mark in self._marks.of_entry(*entry) if mark in owners), None)

    def _remove_remains(self) -> None:
        """Of what could not be read nobody can tell whom it is about."""
        for path in (self._folder.segments / DAMAGED).glob("*"):
            path.unlink(missing_ok=True)

    def _finish(self) -> None:
        """Those are done that wait for no segment any more."""
        for path, one in self._tombstones.items():
            waits = tuple(name for name in one.waits if (self._folder.segments / f"{name}{SUFFIX}").exists())
            self._tombstones[path] = msgspec.structs.replace(one, waits=waits, done=not waits)
        self._store()

    def _store(self) -> None:
        for path, one in self._tombstones.items():
            if one != self._stored[path]:
                store(self._folder, path, one)
                self._stored[path] = one

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """A file that cannot be cleaned is a problem; one that has gone is none."""
        try:
            with suppress(FileNotFoundError):
                yield
        except OutsideError as error:
            self._problems += error.problems

    def _place(self, path: Path) -> str:
        return path.relative_to(self._folder.path).as_posix()


def _mask(kept: Iterable[bool]) -> Array:
    return np.fromiter(kept, bool)


def _digest(lines: Iterable[str]) -> str:
    told = hashlib.blake2b(digest_size=16)
    for line in lines:
        told.update(line.encode() + b"\n")
    return told.hexdigest()
