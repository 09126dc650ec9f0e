"""The power goes at a random moment: what a sync had made safe is on the disk. Eight times; `SOAK=1` fifty times.

The journal lies on a file system of its own in a file. It is stopped dead, nothing more is written to the file, and a
copy of that is mounted and read.
"""

from __future__ import annotations

import random
import time

import pytest
from tests.doubles.logging_story import found_in
from tests.system.journal.conftest import SOAK

from trimtab.journal.folder import Folder, open_folder
from trimtab.journal.segments.frames import Frame
from trimtab.journal.segments.reader import segments
from trimtab.journal.segments.writer import Writer

CUTS = 50 if SOAK else 8


@pytest.mark.root
def test_what_was_safe_is_there(disks, logging):
    chance = random.Random(60)
    for _ in range(CUTS):
        disk = disks.ext4()
        child = logging(disk.place / "journal", 4000)
        child.hear(chance.randrange(1, 500))
        time.sleep(chance.random() / 500)  # the moment is what is at random
        child.hear_now()  # with the power its process would go: what it says later does not count
        written, safe = list(child.written), child.safe
        disk.cut()
        child.kill()
        assert written
        left = disks.ext4(copy_of=disk)
        numbers, damage = found_in(Folder(left.place / "journal"))
        assert [numbers[one] for one in written[:safe]] == [1] * safe
        assert max(numbers.values(), default=1) == 1
        assert set(damage) <= {"torn", "header"}
        disks.unmount()


@pytest.mark.root
def test_what_nobody_had_synced_is_not_so_that_the_cut_is_one(disks):
    disk = disks.ext4()
    folder = open_folder(disk.place / "journal")
    writer = Writer(folder)
    writer.write([Frame(2, b"safe")])
    writer.sync()
    writer.write([Frame(2, b"not safe")])
    with segments(folder) as (segment,):
        assert len(list(segment.frames())) == 2
    disk.cut()
    with segments(Folder(disks.ext4(copy_of=disk).place / "journal")) as (segment,):
        assert list(segment.frames()) == [Frame(2, b"safe")]
    with pytest.raises(OSError, match="Input/output"):
        writer.close()
