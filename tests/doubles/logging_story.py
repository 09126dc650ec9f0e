"""A story of writes, syncs, rotations and schemas, and what whoever wrote was told of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from trimtab.journal.folder import Folder
from trimtab.journal.segments.files import Files
from trimtab.journal.segments.frames import Frame, Kind, declared
from trimtab.journal.segments.reader import segments
from trimtab.journal.segments.writer import Rotation, Writer

__all__ = ["Story", "found_in"]


class Story:
    """Frames are numbered, and say which schema they need. `written`, `safe`, `refused`: those of which that was said.

    told: hears of each number once its write, and of `safe` once a sync, has returned.
    """

    def __init__(
        self, folder: Folder, files: Files, unsynced: int, told: Callable[[str, int], None] = lambda *_: None
    ) -> None:
        self.written: list[int] = []
        self.refused: list[int] = []
        self.safe = 0  # so many of the written ones
        self.now = 1000.0
        self.writer = Writer(folder, Rotation(size=600, age_s=60), lambda: self.now, files, unsynced)
        self._told, self._number, self._schema = told, 0, 0

    def run(self, steps: int = 24) -> None:
        """Whatever fails, it goes on."""
        for step in range(steps):
            if step % 7 == 0:
                with suppress(OSError):
                    self._schema = self.writer.declare(b'{"step":%d}' % step)
            self.write(1 + step % 3)
            if step % 4 == 3:
                self.sync()
            if step % 10 == 9:
                self.now += 61
            with suppress(OSError):
                self.writer.turn()

    def write(self, count: int) -> None:
        """So many frames at once."""
        numbers = range(self._number, self._number + count)
        self._number += count
        try:
            self.writer.write([Frame(Kind.INTERACTION, b"%d %d %040d" % (self._schema, n, n)) for n in numbers])
        except OSError:
            self.refused += numbers
            return
        self.written += numbers
        for number in numbers:
            self._told("written", number)

    def sync(self) -> None:
        """Whether it succeeds is noted."""
        with suppress(OSError):
            self.writer.sync()
            self.safe = len(self.written)
            self._told("safe", self.safe)

    def end(self) -> None:
        """With the disk well again, the last frame is written and everything is safe."""
        self.write(1)
        self.writer.sync()
        self.safe = len(self.written)
        self.writer.close()


def found_in(folder: Folder) -> tuple[Counter[int], list[str]]:
    """How often each number is there, and what kinds of damage are; the schemas stand before their use."""
    numbers: Counter[int] = Counter()
    damage: list[str] = []
    with segments(folder) as found:
        for segment in found:
            schemas = {0}
            for frame in segment.frames():
                if frame.kind == Kind.SCHEMA:
                    schemas.add(declared(frame.payload)[0])
                else:
                    schema, number, again = map(int, frame.payload.split())
                    assert number == again
                    assert schema in schemas
                    numbers[number] += 1
            damage += [one.what for one in segment.damage]
    return numbers, damage
