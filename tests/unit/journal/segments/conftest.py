"""Writers that are always closed, whatever the disk says."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from tests.doubles.disk import Disk, never

from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.writer import Rotation, Writer


def frame(number):
    return Frame(Kind.RECORD, b"%d" % number)


def names(folder):
    return sorted(path.name for path in folder.segments.iterdir())


@pytest.fixture
def clock():
    return SimpleNamespace(now=1000.0)


@pytest.fixture
def make(folder, clock):
    """A writer with a clock of the test's: make(disk, size=..., age_s=..., unsynced=...)."""
    made = []

    def begin(disk=None, unsynced=1 << 20, **rotation):
        writer = Writer(folder, Rotation(**rotation), lambda: clock.now, disk or Disk(), unsynced)
        made.append((writer, disk))
        return writer

    yield begin
    for writer, disk in made:
        if disk is not None:
            disk.fails = never
        writer.close()
