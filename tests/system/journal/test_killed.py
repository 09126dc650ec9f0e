"""kill -9 at random moments, and before every call of the system: nothing that was acknowledged is lost or doubled.

Eight times; `SOAK=1` a hundred times, and every step.
"""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest
from tests.doubles.logging_story import Story, found_in
from tests.doubles.nth import KILLED, kill_at, steps_of
from tests.system.journal.conftest import SOAK

from trimtab.journal.folder import Folder, open_folder
from trimtab.journal.segments.files import OS
from trimtab.journal.segments.reader import segments

KILLS = 100 if SOAK else 8


def assert_kept(folder: Folder, written: list[int]) -> None:
    """All that was written is there once; of what was in the making at most one write more, and no damage but of it."""
    numbers, damage = found_in(folder)
    assert [numbers[one] for one in written] == [1] * len(written)
    assert len(numbers) <= len(written) + 3
    assert damage in ([], ["torn"])


@pytest.mark.parametrize("unsynced", [0, 400])
def test_killed_at_random_nothing_acknowledged_is_lost(tmp_path, logging, unsynced):
    chance = random.Random(6 + unsynced)
    for number in range(KILLS):
        child = logging(tmp_path / str(number), unsynced)
        child.hear(chance.randrange(1, 600))
        time.sleep(chance.random() / 500)  # the moment is what is at random
        child.kill()
        assert child.written
        assert_kept(Folder(tmp_path / str(number)), child.written)


@pytest.mark.parametrize("unsynced", [0, 400])
def test_killed_before_any_call_nothing_acknowledged_is_lost(unsynced):
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    work = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))

    def act() -> None:
        with (work / "said").open("wb", buffering=0) as said:
            Story(
                open_folder(work / "journal"), OS, unsynced, lambda what, n: said.write(f"{what} {n}\n".encode())
            ).run()

    act()
    shutil.rmtree(work / "journal")
    total = steps_of(act)
    assert total > 100
    for number in range(0, total, 1 if SOAK else 6):
        shutil.rmtree(work / "journal", ignore_errors=True)
        (work / "said").unlink(missing_ok=True)
        assert kill_at(number, act) == KILLED
        lines = (work / "said").read_text().split("\n") if (work / "said").exists() else []
        assert_kept(Folder(work / "journal"), [int(line[8:]) for line in lines if line.startswith("written ")])
    shutil.rmtree(work)


def test_a_lock_goes_with_its_process_and_nothing_stale_is_in_the_way(tmp_path, logging):
    child, folder, claimed = logging(tmp_path / "journal"), Folder(tmp_path / "journal"), []
    while True not in claimed or False not in claimed:
        child.hear(20)
        child.process.send_signal(signal.SIGSTOP)  # between two segments, it may be, and then it goes on
        os.waitid(os.P_PID, child.process.pid, os.WSTOPPED)
        with segments(folder) as found:
            locked = [one.locked for one in found]
            claimed = [one.claim() for one in found]
            assert claimed == [not one for one in locked]
            for one in found:
                with one.path.open("ab") as other, pytest.raises(BlockingIOError):
                    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        child.process.send_signal(signal.SIGCONT)
    (folder.segments / "0123456789abcdef-000001.new").touch()  # of one that was killed while it began a segment
    (folder.segments / "pid").write_text(str(os.getpid()))
    child.kill()
    with segments(folder) as found:
        assert [one.claim() for one in found] == [True] * len(found)
    again = logging(folder.path)
    again.hear(100)
    again.kill()
    assert sum(found_in(folder)[0].values()) >= len(child.written) + len(again.written)


def test_two_processes_write_side_by_side(tmp_path, logging):
    children = [logging(tmp_path / "journal", runs=10) for _ in range(2)]
    for child in children:
        child.hear()
        assert child.process.wait() == 0
        assert len(child.written) > 400
    numbers, damage = found_in(Folder(tmp_path / "journal"))
    assert damage == []
    assert all(numbers[one] == 2 for one in children[0].written)
    assert children[0].written == children[1].written
