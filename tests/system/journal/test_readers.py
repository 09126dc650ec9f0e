"""Many readers beside the writers: each sees all that was acknowledged before it began, once, in order, undamaged."""

from __future__ import annotations

import random
import threading

from tests.doubles.logging_story import found_in

from trimtab.journal.folder import Folder, open_folder
from trimtab.journal.segments.frames import Frame
from trimtab.journal.segments.reader import segments
from trimtab.journal.segments.writer import Rotation, Writer


def test_each_reader_sees_what_was_acknowledged_before_it_began(tmp_path, logging):
    child = logging(tmp_path / "journal")
    chance = random.Random(41)
    for _ in range(60):
        child.hear(chance.randrange(1, 40))
        numbers, damage = found_in(Folder(tmp_path / "journal"))
        assert damage == []
        assert numbers == dict.fromkeys(range(len(numbers)), 1)
        assert set(child.written) <= set(numbers)
    child.kill()


def test_segments_that_go_while_they_are_listed_are_no_fault(tmp_path):
    folder = open_folder(tmp_path / "journal")
    last, done, faults = 1500, threading.Event(), []

    def sealing():
        """Segments come and go, as when others seal them; the last one stays."""
        writer = Writer(folder, Rotation(size=1), unsynced=0)
        for number in range(last + 1):
            writer.write([Frame(2, b"%d" % number)])
            for path in sorted(folder.segments.glob("*.seg"))[:-1]:
                path.unlink()
        done.set()
        writer.close()

    def look(before):
        with segments(folder) as found:
            numbers = [int(frame.payload) for segment in found for frame in segment.frames()]
        assert numbers == sorted(numbers)
        assert not numbers or numbers[-1] >= before
        return max([before, *numbers])

    def reading():
        seen = -1
        try:
            while not done.is_set():
                seen = look(seen)
            assert look(seen) == last
        except BaseException as fault:  # noqa: BLE001 - whatever it is, the test shows it
            faults.append(fault)

    threads = [threading.Thread(target=act) for act in (sealing, reading, reading, reading)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
