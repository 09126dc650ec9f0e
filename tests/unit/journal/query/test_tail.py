"""What arrives is seen, once, whatever becomes of its segment between two looks."""

from __future__ import annotations

import threading

import pytest
from tests.doubles.logged import Logging, schema_of

from trimtab.journal.query.duck import DuckSettings
from trimtab.journal.query.session import OpenJournal, Wanted
from trimtab.journal.query.sources import sources
from trimtab.journal.query.tail import Tail
from trimtab.journal.seal.files import segment_of
from trimtab.journal.seal.seal import seal
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.writer import Rotation, Writer


@pytest.fixture
def tail(opened):
    """Follows the journal from here on: tail()() gives the numbers of what is new."""
    tails = []

    def follow(**wanted):
        tails.append(Tail(opened(**wanted)).__enter__())
        return lambda: sorted(value for table in tails[-1].more() for value in table["in_x"].to_pylist())

    yield follow
    for one in tails:
        one.__exit__(None, None, None)


def test_what_was_there_is_not_new(sealed, logging, tail):
    sealed(1)
    logging().ask(2)
    more = tail()
    assert (more(), more()) == ([], [])


def test_a_segment_goes_on_is_let_go_and_sealed(folder, logging, tail):
    log = logging()
    log.ask(1)
    more = tail()
    log.ask(2)
    assert more() == [2]
    log.ask(3, rows=2)
    log.writer.rotate()
    log.ask(5)
    assert more() == [3, 4, 5]
    log.writer.rotate()
    seal(folder)
    assert more() == []
    log.ask(6)
    log.writer.rotate()
    seal(folder)
    log.ask(7)
    assert more() == [6, 7]
    assert more() == []


def test_a_segment_that_came_and_went_between_two_looks_is_read_as_parquet(folder, logging, tail):
    more = tail()
    for number in (1, 2):
        log = logging(schema_of(endpoint="other") if number == 2 else None)
        log.ask(number)
        log.tell("truth", id="x", value=1, time=1.0, received=1.0)
        log.writer.close()
        seal(folder)
    assert (more(), more()) == ([1, 2], [])


def test_only_one_endpoint_can_be_followed(folder, logging, tail):
    log, other = logging(), logging(schema_of(endpoint="other"))
    log.ask(1)
    other.ask(2)
    more = tail(endpoint="other")
    log.ask(3)
    other.ask(4)
    assert more() == [4]
    other.writer.rotate()
    log.writer.rotate()
    seal(folder)
    other.ask(5)
    log.ask(6)
    for one in (other, log):
        one.writer.close()
    seal(folder)
    assert more() == [5]


def test_rows_that_a_writer_has_moved_are_seen_once(logging, tail):
    log = logging()
    more = tail()
    log.ask(1)
    assert more() == [1]
    again = logging()  # as after a sync that failed: what was not safe is written once more, elsewhere
    again.ask(1)
    again.ask(2)
    assert more() == [2]


def test_a_write_that_was_taken_back_is_made_good(folder, logging, tail):
    log = logging()
    log.ask(1)
    size = log.writer.size
    more = tail()
    log.ask(2)
    assert more() == [2]
    path = folder.segments / f"{log.writer.name}.seg"
    log.writer.close()
    with path.open("r+b") as file:
        file.truncate(size)
    other = logging()
    other.ask(3, principal="somebody with a long name")
    other.ask(4)
    other.writer.close()
    path.write_bytes(path.read_bytes() + _frames_of(folder, path))
    assert more() == [3, 4]


def _frames_of(folder, path):
    """The interactions of one segment as they would stand in another."""
    from trimtab.journal.segments.frames import encode, mark_of
    from trimtab.journal.segments.reader import segments

    with segments(folder) as found:
        frames = [one for segment in found if segment.path != path for one in segment.frames()]
    return encode([one for one in frames if one.kind == Kind.INTERACTION], mark_of(path.stem))


def test_damage_is_told(logging, opened):
    log = logging()
    journal = opened()
    with Tail(journal) as one:
        log.writer.write([Frame(Kind.INTERACTION, b"nothing")])
        log.ask(1)
        assert sum(table.num_rows for table in one.more()) == 1
        assert len(one.damage) == 1
        one.damage.clear()
        one.more()
        assert one.damage == []


def test_nothing_is_lost_or_doubled_while_segments_are_rotated_and_sealed(folder):
    """Two writers with tiny segments, a keeper that seals all the time, one reader that follows and one that asks."""
    total, over, may_write = 300, threading.Event(), threading.Semaphore(0)

    def write(first: int) -> None:
        writer = Writer(folder, Rotation(size=1000))
        log = Logging(writer, prefix=f"{first:012x}ababcdefghijkl-")
        for number in range(total):
            may_write.acquire()
            log.ask(first + number, time=1_771_243_200 + number)
        writer.close()

    def keep() -> None:
        while not over.is_set():
            assert seal(folder).problems == ()

    threads = [threading.Thread(target=write, args=(first,), daemon=True) for first in (0, total)]
    keeper = threading.Thread(target=keep, daemon=True)
    seen: list[float] = []
    counts = []
    with OpenJournal(folder, Wanted(), DuckSettings(threads=1)) as journal, Tail(journal) as tail:
        for thread in (*threads, keeper):
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads):
                may_write.release(50)
                seen += x_of(tail.more())
                look(folder)
                with OpenJournal(folder, Wanted(), DuckSettings(threads=1)) as other:
                    counts += other.sql("SELECT count(*), count(DISTINCT id) FROM interactions").fetchall()
        finally:
            over.set()
            may_write.release(2 * total)
            keeper.join()
        seen += x_of(tail.more()) + x_of(tail.more())
    assert sorted(seen) == [float(number) for number in range(2 * total)]
    assert all(rows == ids for rows, ids in counts)
    assert counts == sorted(counts)
    assert len(counts) >= 2 * total / 50


def x_of(tables):
    return [value for table in tables for value in table["in_x"].to_pylist()]


def look(folder):
    """A few looks: nothing is both a segment and a file."""
    for _ in range(20):
        with sources(folder) as now:
            assert now.sealed.isdisjoint(segment.name for segment in now.segments)
            assert now.sealed == {segment_of(path.name) for path in now.files["interactions"]}
