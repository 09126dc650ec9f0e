"""What goes, and what never does."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.doubles.logged import Logging

from trimtab.journal.seal.clock import Reading
from trimtab.journal.seal.retention import Limits, Plan, plan, remove
from trimtab.journal.seal.stock import Stored, stock
from trimtab.journal.segments.writer import Writer

DAY = 86_400.0
NOW = Reading(1000 * DAY, 0.0, "", steady=30 * DAY)


def file(name, *, age=0.0, size=10, kind="interactions", held=False):
    """age: in days."""
    until = NOW.now - age * DAY
    return Stored(Path(f"/j/{name}"), kind, size, until, until, held)


def names(files):
    return [one.path.name for one in files]


def test_what_is_too_old_goes_and_the_rest_stays():
    files = [file("old", age=91), file("due", age=90), file("young", age=89.9)]
    found = plan(files, Limits(keep_s=90 * DAY), NOW)
    assert names(found.aged) == ["old", "due"]
    assert (found.spare, found.unshipped, found.over) == ((), (), 0)


def test_without_limits_nothing_goes():
    assert plan([file("old", age=9000, size=2**50)], Limits(), NOW) == Plan()


def test_what_is_not_shipped_waits_for_that():
    files = [file("a", age=99), file("b", age=98)]
    found = plan(files, Limits(keep_s=90 * DAY), NOW, lambda path: path.name == "b")
    assert names(found.aged) == ["b"]
    assert names(found.waiting) == ["a"]


def test_of_too_much_the_oldest_goes_first_and_no_more_than_needed():
    files = [file(str(number), age=9 - number) for number in range(5)]
    assert names(plan(files, Limits(size=35), NOW).spare) == ["0", "1"]
    assert names(plan(files, Limits(size=30), NOW).spare) == ["0", "1"]
    assert names(plan(files, Limits(size=50), NOW).spare) == []


def test_what_was_shipped_goes_before_what_was_not():
    files = [file(str(number), age=9 - number) for number in range(5)]
    shipped = {"3", "4"}
    found = plan(files, Limits(size=20), NOW, lambda path: path.name in shipped)
    assert names(found.spare) == ["3", "4"]
    assert names(found.unshipped) == ["0"]


def test_what_went_for_its_age_leaves_room():
    found = plan([file("a", age=99), file("b")], Limits(keep_s=90 * DAY, size=10), NOW)
    assert names(found.aged) == ["a"]
    assert found.spare == ()


def test_what_is_written_to_counts_and_stays():
    found = plan([file("s", age=99, kind="segment", held=True), file("a")], Limits(keep_s=DAY, size=5), NOW)
    assert names(found.spare) == ["a"]
    assert found.aged == ()
    assert found.over == 5


def test_segments_that_nobody_seals_go_too():
    found = plan([file("s", age=99, kind="segment"), file("t", kind="segment")], Limits(keep_s=90 * DAY), NOW)
    assert names(found.aged) == ["s"]


def test_a_clock_that_is_not_believed_removes_nothing_for_its_age():
    jumped = Reading(NOW.now, 0.0, "", steady=60.0)
    found = plan([file("a", age=99), file("b")], Limits(keep_s=90 * DAY, size=10), jumped)
    assert not found.believed
    assert found.aged == ()
    assert names(found.spare) == ["a"]  # the disk is as full as it is


def test_days_to_come_are_told():
    found = plan([file("next", age=-1), file("far", age=-400)], Limits(keep_s=90 * DAY), NOW)
    assert names(found.ahead) == ["far"]
    assert found.aged == ()


FILES = st.lists(
    st.builds(
        lambda number, age, size, held: file(str(number), age=age, size=size, held=held, kind="segment"),
        st.integers(0, 10**9), st.floats(-5, 200), st.integers(0, 100), st.booleans(),
    ),
    unique_by=lambda one: one.path, max_size=12,
).map(lambda files: sorted(files, key=lambda one: one.until))  # fmt: skip


@given(FILES, st.integers(0, 500), st.sets(st.integers(0, 11)), st.booleans())
def test_whatever_there_is(files, size, places, ships):
    there = {files[at].path for at in places if at < len(files)}
    found = plan(files, Limits(keep_s=90 * DAY, size=size), NOW, there.__contains__ if ships else None)
    gone = (*found.aged, *found.spare, *found.unshipped)
    left = sum(one.size for one in files if one not in gone)
    assert not any(one.held for one in gone)
    assert len({one.path for one in gone}) == len(gone)
    assert left <= size or all(one.held for one in files if one not in gone and one.size)
    assert found.over == max(0, left - size)
    assert not ships or {one.path for one in (*found.aged, *found.spare)} <= there
    assert ships or found.unshipped == ()
    if found.unshipped:  # the last resort
        assert all(one.held or one.path not in there or one in gone for one in files)
    if last := found.unshipped or found.spare:  # one less would not have been enough
        assert left + last[-1].size > size


def test_it_is_carried_out_and_told(folder):
    paths = [folder.path / "interactions/endpoint=m/day=2026-01-01" / f"a-00000{number}.parquet" for number in (1, 2)]
    paths.append(folder.truth / "day=2026-01-02" / "a-000001.parquet")
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 5000)
    files = stock(folder.path)
    told = []
    removed = remove(Plan(aged=files[:1], spare=files[:1], unshipped=files[1:]), told.append)
    assert (removed.files, removed.unshipped) == (3, 2)  # the first one went once
    assert removed.bytes == sum(one.size for one in files)
    assert removed.unshipped_bytes == sum(one.size for one in files[1:])
    assert told == [one.path for one in files[1:]]
    assert list(folder.interactions.iterdir()) == list(folder.truth.iterdir()) == []


def test_a_segment_that_is_held_again_stays(folder):
    writer = Writer(folder)
    Logging(writer).ask(1)
    files = stock(folder.path)
    assert remove(Plan(spare=files)).files == 0
    writer.close()
    assert remove(Plan(spare=files)).files == 1
    assert list(folder.segments.iterdir()) == []


def test_a_segment_of_a_later_version_stays(folder):
    head = struct.pack("<8sI32sd", b"trimseg\n", 99, b"a-000001", 0.0)
    (folder.segments / "a-000001.seg").write_bytes(head + struct.pack("<I", zlib.crc32(head)))
    assert remove(Plan(spare=stock(folder.path))).files == 0


@pytest.mark.usefixtures("modes_count")
def test_what_the_system_refuses_is_told_and_the_rest_goes(folder):
    for day in ("1", "2"):
        path = folder.truth / f"day=2026-01-0{day}" / "a-000001.parquet"
        path.parent.mkdir()
        path.write_bytes(b"x")
    files = stock(folder.path)
    files[0].path.parent.chmod(0o500)
    removed = remove(Plan(aged=files))
    files[0].path.parent.chmod(0o700)
    assert removed.files == 1
    assert "Permission denied" in removed.fault


def test_a_loss_that_cannot_be_noted_does_not_happen(folder):
    path = folder.truth / "day=2026-01-01" / "a-000001.parquet"
    path.parent.mkdir()
    path.write_bytes(b"x")

    def refuse(_):
        raise OSError("no room to note it")

    assert remove(Plan(unshipped=stock(folder.path)), refuse).fault == "no room to note it"
    assert path.exists()
