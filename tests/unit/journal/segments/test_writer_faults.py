"""When a disk fails, what was acknowledged is somewhere, once, and what was not is nowhere."""

from __future__ import annotations

import errno

import pytest
from tests.doubles.disk import Disk, at, never
from tests.unit.journal.segments.conftest import frame, names

from trimtab.journal.segments.frames import declaration
from trimtab.journal.segments.reader import segments


def test_an_empty_segment_does_not_age_and_does_not_stay(folder, make, clock):
    disk = Disk()
    writer = make(disk)
    writer.write([frame(1)])
    writer.rotate()
    first = names(folder)
    disk.fails = at(len(disk.calls) + 3, errno.ENOSPC)
    with pytest.raises(OSError, match="No space"):
        writer.write([frame(2)])
    clock.now += 10_000
    writer.turn()
    assert len(names(folder)) == 2
    writer.rotate()
    assert names(folder) == first


def test_a_schema_that_could_not_be_written_is_not_declared(make, written):
    disk = Disk()
    writer = make(disk)
    writer.write([frame(1)])
    disk.fails = at(len(disk.calls), errno.ENOSPC)
    with pytest.raises(OSError, match="No space"):
        writer.declare(b"{}")
    assert writer.declare(b"{}") == 1
    assert written() == [frame(1), declaration(1, b"{}")]


def test_when_a_sync_fails_what_waited_is_in_a_new_segment_once(folder, make, written):
    disk = Disk()
    writer = make(disk)
    writer.declare(b"{}")
    writer.write([frame(1)])
    writer.sync()
    first = writer.name
    writer.write([frame(2)])
    writer.write([frame(3)])
    disk.fails = at(len(disk.calls), errno.EIO)
    writer.sync()
    assert writer.name != first
    assert names(folder) == sorted([f"{first}.seg", f"{writer.name}.seg"])
    assert written() == [declaration(1, b"{}"), frame(1), declaration(1, b"{}"), frame(2), frame(3)]
    writer.write([frame(4)])
    assert written()[-1] == frame(4)


def test_the_sync_that_failed_is_not_tried_again(make):
    disk = Disk()
    writer = make(disk)
    writer.write([frame(1)])
    disk.calls.clear()
    disk.fails = at(0, errno.EIO)
    writer.sync()
    assert disk.calls == [
        "sync",
        "create",
        "write",
        "rename",
        "write",
        "sync",
        "sync_folder",
        "truncate",
        "remove",
        "close",
    ]


def test_while_nothing_can_be_made_safe_nothing_more_is_taken(folder, make, written):
    disk = Disk()
    writer = make(disk)
    writer.write([frame(1)])
    disk.fails = lambda _, call: errno.EIO if call == "sync" else 0
    for _ in range(3):
        with pytest.raises(OSError, match="Input/output"):
            writer.sync()
        with pytest.raises(OSError, match="Input/output"):
            writer.write([frame(2)])
    assert written() == [frame(1)]
    assert len(names(folder)) == 1
    disk.fails = never
    writer.write([frame(3)])
    assert written() == [frame(1), frame(3)]


def test_a_turn_makes_safe_what_waits_as_soon_as_it_can(make, written):
    disk = Disk()
    writer = make(disk)
    writer.write([frame(1)])
    disk.fails = lambda _, call: errno.EIO if call == "sync" else 0
    with pytest.raises(OSError, match="Input/output"):
        writer.sync()
    with pytest.raises(OSError, match="Input/output"):
        writer.turn()
    disk.fails = never
    writer.turn()
    assert written() == [frame(1)]


def test_who_holds_nothing_is_told_and_goes_on_in_a_new_segment(folder, make, written):
    disk = Disk()
    writer = make(disk, unsynced=0)
    writer.write([frame(1)])
    disk.fails = at(len(disk.calls), errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        writer.sync()
    writer.write([frame(2)])
    assert written() == [frame(1), frame(2)]
    assert len(names(folder)) == 2


@pytest.mark.parametrize("unsynced", [0, 1 << 20])
def test_a_write_that_cannot_be_taken_back_ends_its_segment(folder, make, written, unsynced):
    disk = Disk(short=True)
    writer = make(disk, unsynced=unsynced)
    writer.write([frame(1)])
    first = writer.name
    disk.fails = at(len(disk.calls), errno.EIO, lasting=2)
    with pytest.raises(OSError, match="Input/output"):
        writer.write([frame(2)])
    writer.write([frame(3)])
    assert writer.name != first
    assert written() == [frame(1), frame(3)]
    with segments(folder) as found:
        for segment in found:
            list(segment.frames())
            assert segment.damage == []  # what was left of it could be cut in the end


def test_a_rotation_waits_for_its_sync(make, written):
    disk = Disk()
    writer = make(disk)
    writer.write([frame(1)])
    first = writer.name
    disk.fails = lambda _, call: errno.EIO if call == "sync" else 0
    with pytest.raises(OSError, match="Input/output"):
        writer.rotate()
    assert writer.name == first
    with pytest.raises(OSError, match="Input/output"):
        writer.close()
    assert writer.name == ""
    assert written() == [frame(1)]


def test_where_files_may_not_be_so_large_another_is_begun(folder, make, written):
    class Small(Disk):
        def write(self, file, data, /):
            if self._look(file)[1] and len(self._look(file)[1]) + len(data) > 200:
                raise OSError(errno.EFBIG, "too large")
            return super().write(file, data)

    writer = make(Small())
    for number in range(50):
        writer.write([frame(number)])
    assert len(names(folder)) > 4
    assert written() == [frame(number) for number in range(50)]
    with pytest.raises(OSError, match="too large"):
        writer.write([frame(0)] * 20)
    writer.write([frame(50)])
    assert written()[-1] == frame(50)


def test_when_all_is_safe_a_doubted_segment_needs_no_disk(make, written):
    disk = Disk(short=True)
    writer = make(disk)
    writer.write([frame(1)])
    writer.sync()
    disk.fails = at(len(disk.calls), errno.EIO, lasting=1000)
    with pytest.raises(OSError, match="Input/output"):
        writer.write([frame(2)])
    writer.sync()
    with pytest.raises(OSError, match="Input/output"):
        writer.write([frame(3)])
    disk.fails = never
    writer.write([frame(4)])
    assert written() == [frame(1), frame(4)]


def test_a_flush_beside_the_writer_that_fails_is_believed(folder, make, written):
    disk = Disk()
    writer = make(disk)
    writer.flush()
    writer.write([frame(1)])
    writer.flush()
    writer.write([frame(2)])
    disk.fails = at(len(disk.calls), errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        writer.flush()
    first = writer.name
    writer.sync()  # the system would say now that all is well
    assert writer.name != first
    assert len(names(folder)) == 1  # nothing of the first was ever synced
    assert written() == [frame(1), frame(2)]


def test_after_a_flush_that_failed_who_never_syncs_goes_on_elsewhere(folder, make, written):
    disk = Disk()
    writer = make(disk, unsynced=0)
    writer.write([frame(1)])
    disk.fails = at(len(disk.calls) + 1, errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        writer.flush()
    writer.write([frame(2)])
    assert len(names(folder)) == 2
    assert written() == [frame(1), frame(2)]
