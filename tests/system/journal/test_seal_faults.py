"""Killed at any step of a pass, or with a disk that fails at any step: each interaction is there once, then and after.

Every sixth step is taken; `SOAK=1` takes them all.
"""

from __future__ import annotations

import errno
import hashlib
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from tests.doubles.logged import DAY, NOON, Logging, schema_of, seen
from tests.doubles.nth import FAULT, FINISHED, KILLED, REFUSED, fail_at, kill_at, steps_of
from tests.system.journal.conftest import SOAK

from trimtab.journal.folder import Folder
from trimtab.journal.seal.clock import Reading
from trimtab.journal.seal.files import sealed_files
from trimtab.journal.seal.keeper import keep_once
from trimtab.journal.seal.retention import Limits
from trimtab.journal.seal.seal import seal
from trimtab.journal.seal.state import store_reading
from trimtab.journal.segments.frames import Frame
from trimtab.journal.segments.writer import Writer

STRIDE = 1 if SOAK else 6


def begin(folder: Folder) -> None:
    """Two segments that may be sealed: of two days and revisions, with records, and with damage."""
    writer = Writer(folder)
    for revision in ("sha256:one", "sha256:two"):
        logging = Logging(writer, schema_of(revision=revision), prefix=revision[-3:])
        for number in range(4):
            logging.ask(number, time=NOON + number % 2 * DAY)
    logging.tell("truth", id="a", value=1, time=NOON, received=NOON)
    writer.rotate()
    for number in range(5, 8):
        logging.ask(number)
    writer.write([Frame(9, b"?")])
    path = folder.segments / f"{writer.name}.seg"
    writer.close()
    with path.open("ab") as file:
        file.write(b"torn")


WRITTEN = Counter([*(f"{word}{number}" for word in ("one", "two") for number in range(4)), "two5", "two6", "two7"])


def contents(folder: Folder) -> dict[str, bytes]:
    """Every sealed file by its place."""
    return {
        str(path.relative_to(folder.path)).partition("/")[2]: hashlib.sha256(path.read_bytes()).digest()
        for path in sealed_files(folder.path)
    }


@pytest.fixture
def fresh(again: Callable[..., Callable[[], Folder]]) -> Callable[[], Folder]:
    """The same journal anew, each time it is asked for."""
    return again(begin)


def reference(fresh: Callable[[], Folder]) -> dict[str, bytes]:
    folder = fresh()
    done = seal(folder)
    assert (done.segments, done.problems) == (2, ())
    assert seen(folder) == WRITTEN
    return contents(folder)


def test_killed_at_any_step_everything_is_there_once_and_sealed_the_next_time(fresh):
    wanted = reference(fresh)
    assert len(wanted) == 7
    total = steps_of(partial(seal, fresh()))
    assert total > 60
    for number in range(0, total, STRIDE):
        folder = fresh()
        assert kill_at(number, partial(seal, folder)) == KILLED
        assert seen(folder) == WRITTEN, f"step {number}"
        again = seal(folder)
        assert again.problems == ()
        assert contents(folder) == wanted, f"step {number}"
        assert seen(folder) == WRITTEN
        assert list(folder.path.rglob("*.draft")) == []
        assert [path.name for path in folder.segments.iterdir()] == ["damaged"]
        assert len(list((folder.segments / "damaged").iterdir())) == 1


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_disk_that_fails_at_any_step_is_told_and_nothing_is_lost(fresh, code):
    wanted = reference(fresh)

    def act(folder: Folder) -> None:
        done = seal(folder)
        assert done.problems, "nothing was said"
        assert {problem.code for problem in done.problems} <= {"P905", "P921"}

    total = steps_of(partial(seal, fresh()))
    for number in range({errno.ENOSPC: 0, errno.EIO: 1, errno.EROFS: 2}[code], total, STRIDE):
        folder = fresh()
        assert fail_at(number, partial(act, folder), code) in (FINISHED, REFUSED), f"step {number}"
        assert seen(folder) == WRITTEN, f"step {number}"
        assert list(folder.path.rglob("*.draft")) == []
        assert seal(folder).problems == ()
        assert contents(folder) == wanted, f"step {number}"
        assert seen(folder) == WRITTEN


def test_killed_at_any_step_of_retention_the_rest_stays_and_goes_the_next_time(fresh):
    def prepared() -> Folder:
        folder = fresh()
        seal(folder)
        store_reading(folder.path, Reading(NOON + 9 * DAY, 9 * DAY, "boot", 5 * DAY))
        return folder

    limits = Limits(keep_s=9 * DAY)

    def act(folder: Folder) -> None:
        keep_once(folder, limits, clock=lambda: Reading(NOON + 10 * DAY, 10 * DAY, "boot"))

    young = Counter(name for name in WRITTEN if name[-1] in "13")
    total = steps_of(partial(act, prepared()))
    assert total > 15
    for number in range(total):
        folder = prepared()
        assert kill_at(number, partial(act, folder)) == KILLED
        left = seen(folder)
        assert young <= left <= WRITTEN
        act(folder)
        assert seen(folder) == young, f"step {number}"


def test_the_faults_happen(fresh):
    folder = fresh()
    assert kill_at(10_000, partial(seal, folder)) == FINISHED
    assert fail_at(0, (folder.path / "new").mkdir, errno.EIO) == FAULT
