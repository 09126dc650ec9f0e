"""Frames into segments, one after the other: whole or not at all, and never twice the same name."""

from __future__ import annotations

import errno
import os
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf
from typing import Final
from weakref import WeakSet

from trimtab.journal.folder import Folder
from trimtab.journal.segments.files import OS, Files
from trimtab.journal.segments.frames import declaration, encode
from trimtab.journal.segments.growing import Growing

__all__ = ["UNSYNCED", "Rotation", "Writer"]

UNSYNCED: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Rotation:
    """When a segment is full: at so many bytes, or so many seconds after it was begun."""

    size: int = 64 << 20
    age_s: float = 3600.0


class Writer:
    """Appends to a segment of its own, one at a time, which others may read meanwhile; for one thread at a time.

    A process that is forked has no part in the segment: there the writer begins one of its own (see `forget`).
    """

    def __init__(
        self,
        folder: Folder,
        rotation: Rotation = Rotation(),
        clock: Callable[[], float] = time.time,
        files: Files = OS,
        unsynced: int = UNSYNCED,
    ) -> None:
        """Touches nothing yet.

        unsynced: at most so many bytes wait for a sync, and are held in memory in case it fails; more are synced first.
        0 where nobody syncs: nothing is held, a rotation syncs nothing, and a sync that fails loses what it says.
        """
        self._folder = folder.segments
        self._rotation = rotation
        self._clock = clock
        self._files = files
        self._unsynced = unsynced
        self._schemas: dict[bytes, int] = {}
        self._held: list[tuple[int, bytes]] = []  # what was written since the last sync, in case the next one fails
        self._segment: Growing | None = None
        self._limit = 0  # bytes: at this size something has to be done before more is written
        self._begun = 0.0
        self._created = -inf
        self.forget()
        _watch_forks()
        _ALL.add(self)

    def forget(self) -> None:
        """In a process that was forked: leave segment, lock and frames to the parent; each `os.fork` does it."""
        if self._segment is not None:
            self._segment.close()
        self._segment = None
        self._held = []
        self._name, self._number = secrets.token_hex(8), 0

    @property
    def name(self) -> str:
        """Of the segment that is being written; empty between two."""
        return self._segment.name if self._segment else ""

    @property
    def size(self) -> int:
        """Bytes of the segment that is being written."""
        return self._segment.size if self._segment else 0

    def declare(self, schema: bytes) -> int:
        """The number of a schema, which is JSON, in this and each later segment, where it stands before its use."""
        number = self._schemas.get(schema)
        if number is None:
            number = len(self._schemas) + 1
            if self._segment is not None and not self._segment.doubted:
                self._segment.write([declaration(number, schema)])
            self._schemas[schema] = number
        return number

    def write(self, frames: Sequence[tuple[int, bytes]]) -> None:
        """Append them: they survive the end of this process when it returns, and others can read them.

        OSError, and none of them is there for readers. Only where the system also refuses to take back a write that
        it did in part, those that had arrived whole may be seen.
        """
        segment = self._segment
        if segment is None or segment.doubted or segment.size >= self._limit:
            segment = self._ready()
        try:
            segment.append(encode(frames, segment.mark))
        except OSError as error:
            if error.errno != errno.EFBIG or segment.size == segment.empty:
                raise
            self.rotate()  # the system takes no more in one file
            self._ready().write(frames)
        if self._unsynced:
            self._held += frames

    def _ready(self) -> Growing:
        """A segment that takes more."""
        if self._segment is not None and self._unsynced:
            self.sync()
        segment = self._segment
        if segment is None or segment.doubted or segment.size >= self._rotation.size:
            self._let_go()
            segment = self._segment = self._begin()
        self._measure(segment)
        return segment

    def _begin(self) -> Growing:
        self._number += 1
        self._begun = self._clock()
        self._created = max(self._begun, self._created)  # the order of a writer's segments, whatever the clock does
        first = [declaration(number, schema) for schema, number in self._schemas.items()]
        return Growing(self._folder, f"{self._name}-{self._number:06}", self._created, first, self._files)

    def _measure(self, segment: Growing) -> None:
        size = self._rotation.size
        self._limit = min(size, segment.synced + self._unsynced) if self._unsynced else size

    def sync(self) -> None:
        """What was written survives a power cut from now on.

        When the system fails to, nothing of that segment is trusted or tried again: what is not safe yet goes into a
        new one. OSError when that fails too; then nothing more is written until it has succeeded.
        """
        segment = self._segment
        if segment is None:
            return
        try:
            if not segment.doubted and segment.size > segment.synced:
                segment.sync()
        except OSError:
            if not self._unsynced:
                self._let_go()
                raise
        if segment.doubted and self._unsynced:
            if not self._held:
                self._let_go()
                return
            segment = self._moved(segment)
        self._held = []
        self._measure(segment)

    def flush(self) -> None:
        """What was written goes to the disk, beside whoever writes: another thread may call. OSError.

        Where that fails the next write begins a new segment; with what waits for a sync, where something does.
        """
        segment = self._segment
        if segment is not None:
            segment.flush()

    def _moved(self, old: Growing) -> Growing:
        """A new segment that has what was not safe in the old one, which has it no more."""
        new = self._begin()
        try:
            new.write(self._held)
            new.sync()
        except BaseException:
            new.discard()
            raise
        self._segment = new
        old.cut(old.synced)
        old.end()
        return new

    def turn(self) -> None:
        """Rotate a segment that is old enough and not empty; to be called now and then. OSError as for `rotate`."""
        segment = self._segment
        if segment is not None and segment.size > segment.empty:
            age_s = self._clock() - self._begun
            if segment.doubted or not 0 <= age_s < self._rotation.age_s:  # also when the clock was set back
                self.rotate()

    def rotate(self) -> None:
        """Let the segment go, to be sealed; the next write begins another. OSError, and it stays, if a sync fails."""
        if self._unsynced:
            self.sync()
        self._let_go()

    def close(self) -> None:
        """As `rotate`, but whatever happens the segment is let go."""
        try:
            self.rotate()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        segment, self._segment = self._segment, None
        self._held = []
        if segment is not None:
            if segment.doubted:
                segment.cut(segment.size)  # what is left of a write that failed, if now it can be done
            segment.end()


_ALL: Final[WeakSet[Writer]] = WeakSet()


@cache
def _watch_forks() -> None:
    os.register_at_fork(after_in_child=_forget_all)


def _forget_all() -> None:
    for writer in list(_ALL):
        writer.forget()
