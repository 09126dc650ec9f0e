"""A disk without room: segments stay, nothing is half there, and retention makes room for the next pass."""

from __future__ import annotations

import os

from tests.doubles.logged import DAY, NOON, Logging, seen

from trimtab.journal.folder import open_folder
from trimtab.journal.seal.keeper import keep_once
from trimtab.journal.seal.retention import Limits
from trimtab.journal.seal.seal import seal
from trimtab.journal.segments.writer import Rotation, Writer


def filled(place, left):
    """Fill a disk up to so many bytes; the path of what fills it."""
    room = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
    path = place / "filling"
    path.write_bytes(bytes(max(0, room - left)))
    return path


def test_without_room_segments_stay_and_with_room_they_are_sealed(disks):
    disk = disks.tmpfs(4096)
    folder = open_folder(disk.place / "journal")
    writer = Writer(folder, Rotation(size=20_000), unsynced=0)
    logging = Logging(writer)
    asked = [logging.ask(number) for number in range(1000)]
    writer.close()
    (folder.path / "lock").touch()
    for left in (0, 4096):
        filling = filled(disk.place, left)
        done = seal(folder)
        assert [problem.code for problem in done.problems] == ["P921"]
        assert "No space left" in done.problems[0].what
        assert seen(folder) == dict.fromkeys(asked, 1)
        assert list(folder.path.rglob("*.draft")) == []
        filling.unlink()
    assert seal(folder).problems == ()
    assert seen(folder) == dict.fromkeys(asked, 1)
    assert list(folder.segments.iterdir()) == []


def test_on_a_full_disk_retention_makes_room(disks):
    disk = disks.tmpfs(4096)
    folder = open_folder(disk.place / "journal")
    writer = Writer(folder, Rotation(size=20_000), unsynced=0)
    logging = Logging(writer)
    asked = [logging.ask(number, time=NOON + number * DAY / 100) for number in range(500)]
    writer.close()
    seal(folder)
    later = [logging.ask(500 + number, time=NOON + (500 + number) * DAY / 100) for number in range(300)]
    writer.close()
    filled(disk.place, 0)
    limits = Limits(size=60_000)
    first = keep_once(folder, limits)
    assert "P921" in {problem.code for problem in first.problems}
    assert first.removed.files > 0
    second = keep_once(folder, limits)
    assert second.problems == ()
    assert second.sealed.segments > 0
    left = seen(folder)
    assert set(left.values()) == {1}
    assert [one for one in [*asked, *later] if one in left] == [*asked, *later][
        -len(left) :
    ]  # the oldest went, and nothing in between
    assert set(later) <= set(left)
