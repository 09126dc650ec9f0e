"""Real disks that are full, die under an open writer, or take no large files; and the service that comes back."""

from __future__ import annotations

import os
import resource
from collections import Counter
from itertools import count

import pytest

from trimtab.core.errors import OutsideError
from trimtab.journal.folder import open_folder
from trimtab.journal.segments.frames import Frame
from trimtab.journal.segments.reader import segments
from trimtab.journal.segments.writer import Rotation, Writer


def numbers_in(folder):
    """How often each frame is there; nothing is damaged."""
    with segments(folder) as found:
        numbers = Counter(int(frame.payload[-9:]) for segment in found for frame in segment.frames())
        assert [damage for segment in found for damage in segment.damage] == []
    return numbers


def pour(writer, size, numbers):
    """Frames of that size, until it fails."""
    for number in numbers:
        writer.write([Frame(2, b"%0*d" % (size, number))])


def filled(writer, size, begin=0):
    """The number of the first frame that did not go in, as the disk was full."""
    numbers = count(begin)
    with pytest.raises(OSError, match="No space"):
        pour(writer, size, numbers)
    return next(numbers) - 1


@pytest.mark.root
@pytest.mark.parametrize("kind", ["tmpfs", "ext4"])
@pytest.mark.parametrize("unsynced", [0, 100_000])
def test_a_full_disk_refuses_and_takes_again_when_there_is_space(disks, kind, unsynced):
    disk = disks.tmpfs(1024) if kind == "tmpfs" else disks.ext4(8)
    folder = open_folder(disk.place / "journal")
    (disk.place / "ballast").write_bytes(os.urandom(300_000))
    writer = Writer(folder, Rotation(size=200_000), unsynced=unsynced)
    full = 0
    for size in (30_000, 3000, 300, 30):  # until not even the smallest has room
        full = filled(writer, size, full)
    assert numbers_in(folder) == dict.fromkeys(range(full), 1)
    for _ in range(100):
        with pytest.raises(OSError, match="No space"):
            writer.write([Frame(2, b"%030000d" % full)])
    (disk.place / "ballast").unlink()
    again = filled(writer, 3000, full)
    assert again > full + 50
    assert numbers_in(folder) == dict.fromkeys(range(again), 1)
    writer.close()


@pytest.mark.root
@pytest.mark.parametrize("how", ["abort", "cut"])
def test_a_disk_that_dies_refuses_and_takes_again_when_it_is_repaired(disks, how):
    disk = disks.ext4()
    folder = open_folder(disk.place / "journal")
    writer = Writer(folder)
    for number in range(20):
        writer.write([Frame(2, b"%d" % number)])
        if number == 9:
            writer.sync()
    getattr(disk, how)()
    for _ in range(3):
        with pytest.raises(OSError, match=r"Read-only|Input/output"):
            writer.write([Frame(2, b"99")])
        with pytest.raises(OSError, match=r"Read-only|Input/output"):
            writer.sync()
    disk.repaired()
    writer.write([Frame(2, b"20")])
    writer.sync()
    numbers = numbers_in(folder)
    assert set(numbers) == set(range(21))
    assert max(numbers.values()) <= 2
    assert [numbers[one] for one in (*range(10), 20)] == [1] * 11
    writer.close()


@pytest.mark.root
def test_a_journal_on_a_disk_that_died_is_refused_by_name(disks):
    disk = disks.ext4()
    disk.abort()
    with pytest.raises(OutsideError) as error:
        open_folder(disk.place / "journal")
    assert error.value.problems[0].code == "P902"


def limited(limit, act):
    """The exit status of a process that does it and may not make files of more bytes than that."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            act()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.parametrize("unsynced", [0, 1 << 20])
def test_where_files_may_not_be_large_there_are_more_of_them(tmp_path, unsynced):
    folder = open_folder(tmp_path / "journal")

    def act():
        writer = Writer(folder, unsynced=unsynced)
        for number in range(1000):
            writer.write([Frame(2, b"%01000d" % number)])

    assert limited(100_000, act) == 0
    assert numbers_in(folder) == dict.fromkeys(range(1000), 1)
    sizes = [path.stat().st_size for path in folder.segments.iterdir()]
    assert len(sizes) >= 10
    assert max(sizes) <= 100_000


def test_where_no_file_may_be_written_nothing_is_left(tmp_path):
    folder = open_folder(tmp_path / "journal")

    def act():
        writer = Writer(folder)
        for _ in range(3):
            with pytest.raises(OSError, match="too large"):
                writer.write([Frame(2, b"x")])

    assert limited(0, act) == 0
    assert list(folder.segments.iterdir()) == []
