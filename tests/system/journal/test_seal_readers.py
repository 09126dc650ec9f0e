"""Readers beside a writer, a sealer and retention: no gap and nothing twice, at any look, sealers killed or not."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import date

import pytest
from tests.doubles.logged import DAY, NOON, Logging
from tests.system.journal.conftest import SOAK

from trimtab.journal.folder import open_folder
from trimtab.journal.interactions.decode import decode
from trimtab.journal.query import open_journal
from trimtab.journal.seal.keeper import Steps, keep_once
from trimtab.journal.seal.retention import Limits
from trimtab.journal.segments.frames import Kind
from trimtab.journal.segments.reader import Segment
from trimtab.journal.segments.writer import Rotation, Writer

ASKED = 40_000 if SOAK else 8000
A_DAY = 250  # interactions
A_LOOK = 400  # interactions that are written while each reader looks once
READERS = 3
KILLS = 100 if SOAK else 8
START = date(2026, 2, 16)  # of NOON


class Watched:
    """The numbers that were written so far, those that retention may have taken, and what went wrong anywhere."""

    def __init__(self) -> None:
        self.written = -1
        self.gone = 0  # numbers below may have been taken away
        self.faults: list[BaseException] = []
        self.done = threading.Event()
        self.looks = [0] * READERS
        self.looked = threading.Condition()

    def all_at_once(self, *acts):
        """Until all have ended; the first fault ends them all."""
        threads = [threading.Thread(target=self._run, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert self.faults == []

    def _run(self, act):
        try:
            act()
        except BaseException as fault:  # noqa: BLE001 - whatever it is, the test shows it
            self.faults.append(fault)
            self.end()

    def end(self):
        """Everybody stops."""
        self.done.set()
        with self.looked:
            self.looked.notify_all()


class Noting:
    """Stands where a shipper does, and hears of every file before retention takes it."""

    def __init__(self, watched):
        self.watched = watched

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def run(self):
        return ()

    def shipped(self, _):
        return False

    def lost(self, path):
        if path.suffix == ".seg":  # more was written than can be sealed in time
            with closing(Segment(path)) as segment:
                frames = [frame.payload for frame in segment.frames() if frame.kind == Kind.INTERACTION]
            self.watched.gone = max(self.watched.gone, int(decode(frames[-1]).facts.id, 16) + 1)
            return
        days = (date.fromisoformat(path.parent.name.removeprefix("day=")) - START).days
        self.watched.gone = max(self.watched.gone, int((days + 0.5) * A_DAY) + 1)


def write(folder, watched, size, asked=ASKED):
    """Each interaction has its number for an id; so many of them are a day."""
    writer = Writer(folder, Rotation(size=size), unsynced=0)
    logging = Logging(writer, prefix="")
    for number in range(asked):
        logging.ask(number, time=NOON + number * DAY / A_DAY)
        watched.written = number
        with watched.looked:
            watched.looked.wait_for(
                lambda so_far=number // A_LOOK: min(watched.looks) >= so_far or watched.done.is_set()
            )
        if watched.done.is_set():
            break
    writer.close()


def look(journal, watched):
    """What one reader finds at one moment."""
    before = watched.written
    journal.refresh()
    found = [int(text, 16) for (text,) in journal.sql("SELECT id FROM interactions").fetchall()]
    assert max(Counter(found).values(), default=1) == 1, "something is there twice"
    if found:
        assert len(found) == max(found) - min(found) + 1, "something is missing in between"
        assert max(found) >= before, "something that was acknowledged is missing"
        assert min(found) <= watched.gone, "something is missing that nobody has taken away"
    else:
        assert before < watched.gone
    return found


def reading(folder, watched, name):
    with open_journal(folder.path) as journal:
        while not watched.done.is_set():
            look(journal, watched)
            with watched.looked:
                watched.looks[name] += 1
                watched.looked.notify_all()
        look(journal, watched)


@pytest.mark.timeout(900)
def test_each_look_is_whole_while_segments_turn_are_sealed_and_go(tmp_path):
    folder, watched = open_folder(tmp_path / "journal"), Watched()

    def keep():
        while not watched.done.is_set():
            kept = keep_once(folder, Limits(size=400_000), Steps(ship=lambda _: Noting(watched)))
            assert {problem.code for problem in kept.problems} <= {"P924"}

    def log():
        write(folder, watched, 60_000)
        watched.end()

    readers = [lambda name=name: reading(folder, watched, name) for name in range(READERS)]
    watched.all_at_once(keep, log, *readers)
    assert watched.written == ASKED - 1
    assert 0 < watched.gone < ASKED
    assert min(watched.looks) >= ASKED // A_LOOK - 1


@pytest.mark.timeout(900)
def test_keepers_that_are_killed_leave_everything_there_once(tmp_path):
    folder, watched = open_folder(tmp_path / "journal"), Watched()
    chance = random.Random(41)
    command = [sys.executable, "-m", "trimtab.journal.seal.program", str(folder.path)]

    def kill():
        for _ in range(KILLS):
            with subprocess.Popen(command, stdout=subprocess.PIPE) as keeper:
                time.sleep(0.2 + chance.random() * 0.8)  # the moment is what is at random
                keeper.kill()
        watched.end()

    asked = 400 * KILLS
    readers = [lambda name=name: reading(folder, watched, name) for name in range(READERS)]
    watched.all_at_once(kill, lambda: write(folder, watched, 4000, asked), *readers)
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    assert b'"problems":[]' in ran.stdout
    assert list(folder.segments.iterdir()) == []
    with open_journal(folder.path) as journal:
        assert sorted(look(journal, watched)) == list(range(watched.written + 1))
