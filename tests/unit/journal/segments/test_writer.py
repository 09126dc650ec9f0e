"""Frames go into one segment after the other, which is full at a size or an age."""

from __future__ import annotations

import os

import pytest
from tests.doubles.disk import Disk
from tests.unit.journal.segments.conftest import frame, names

from trimtab.journal.folder import open_folder
from trimtab.journal.segments.frames import Frame, declaration
from trimtab.journal.segments.reader import segments
from trimtab.journal.segments.writer import Writer


def test_nothing_is_touched_before_the_first_write(folder, make):
    writer = make()
    writer.sync()
    writer.turn()
    writer.rotate()
    writer.declare(b"{}")
    assert names(folder) == []
    assert (writer.name, writer.size) == ("", 0)


def test_what_was_written_is_there_at_once(folder, make, written):
    writer = make()
    writer.write([frame(1), frame(2)])
    writer.write([frame(3)])
    assert written() == [frame(1), frame(2), frame(3)]
    assert names(folder) == [f"{writer.name}.seg"]
    assert writer.size == (folder.segments / f"{writer.name}.seg").stat().st_size


def test_a_segment_is_full_at_a_size(folder, make, written):
    writer = make(size=1000)
    for number in range(100):
        writer.write([Frame(2, b"%090d" % number)])
    assert len(names(folder)) == 10
    assert [int(one.payload) for one in written()] == list(range(100))
    with segments(folder) as found:
        assert [one.locked for one in found] == [False] * 9 + [True]
        assert max(one.size for one in found) < 1200


def test_a_segment_is_full_at_an_age(folder, make, clock):
    writer = make(age_s=60.0)
    writer.write([frame(1)])
    first = writer.name
    clock.now += 59
    writer.turn()
    assert writer.name == first
    clock.now += 1
    writer.turn()
    assert writer.name == ""
    writer.write([frame(2)])
    assert len(names(folder)) == 2


def test_a_clock_that_was_set_back_turns_once_and_keeps_the_order(make, clock, written):
    writer = make(age_s=60.0)
    writer.write([frame(1)])
    clock.now -= 3600
    writer.turn()
    assert writer.name == ""
    writer.write([frame(2)])
    second = writer.name
    writer.turn()
    assert writer.name == second
    assert written() == [frame(1), frame(2)]


def test_a_schema_is_in_each_segment_before_its_use(make, written):
    writer = make()
    assert writer.declare(b'{"a":1}') == 1
    writer.write([frame(1)])
    assert writer.declare(b'{"a":2}') == 2
    assert writer.declare(b'{"a":1}') == 1
    writer.rotate()
    writer.write([frame(2)])
    one, two = declaration(1, b'{"a":1}'), declaration(2, b'{"a":2}')
    assert written() == [one, frame(1), two, one, two, frame(2)]


def test_nothing_is_synced_twice(make):
    disk = Disk()
    writer = make(disk)
    writer.write([frame(1)])
    writer.sync()
    disk.calls.clear()
    writer.sync()
    assert disk.calls == []


def test_so_much_and_no_more_waits_for_a_sync(make):
    disk = Disk()
    writer = make(disk, unsynced=1000)
    for _ in range(100):
        writer.write([Frame(2, bytes(100))])
    assert disk.calls.count("sync") >= 100 * 100 // 1100


def test_who_never_syncs_pays_for_no_sync(make):
    disk = Disk()
    writer = make(disk, unsynced=0, size=1000)
    for _ in range(100):
        writer.write([Frame(2, bytes(100))])
    writer.close()
    assert not {"sync", "sync_folder"} & set(disk.calls)


def test_two_writers_have_a_segment_each(folder, make, written):
    one, two = make(), make()
    for number in range(4):
        (one, two)[number % 2].write([frame(number)])
    assert len(names(folder)) == 2
    assert sorted(written()) == [frame(number) for number in range(4)]


@pytest.mark.parametrize("ahead", [True, False])
def test_a_forked_process_has_no_part_in_it(tmp_path, ahead):
    folder = open_folder(tmp_path / "forked")
    writer = Writer(folder)
    writer.declare(b"{}")
    if ahead:
        writer.write([frame(1)])
    first = writer.name
    to_child, from_parent = os.pipe()
    to_parent, from_child = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            writer.write([frame(2)])
            os.write(from_child, writer.name.encode())
            os.read(to_child, 1)
        finally:
            os._exit(0)
    second = os.read(to_parent, 100).decode()
    assert second
    assert second.partition("-")[0] != (first or "x").partition("-")[0]
    writer.close()
    with segments(folder) as found:
        assert {one.name: one.locked for one in found} == ({first: False} if ahead else {}) | {second: True}
        assert sum(1 for one in found for _ in one.frames()) == (4 if ahead else 2)
    os.write(from_parent, b"x")
    os.waitpid(pid, 0)
    with segments(folder) as found:
        assert [one.locked for one in found] == [False] * (2 if ahead else 1)
    for pipe in (to_child, from_parent, to_parent, from_child):
        os.close(pipe)
