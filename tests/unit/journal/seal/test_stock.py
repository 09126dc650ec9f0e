"""What is in a journal, by names, sizes and days."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from trimtab.journal.seal.stock import A_DAY, day_of, stock

MARCH = datetime(2026, 3, 2, tzinfo=UTC).timestamp()


def put(folder, name, size=10, written=MARCH):
    path = folder.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (written, written))
    return path


def test_everything_that_was_logged_is_there_the_oldest_first(folder):
    put(folder, "interactions/endpoint=m/day=2026-03-01/a-000001.parquet", size=100_000, written=MARCH)
    put(folder, "truth/day=2026-02-01/a-000001.parquet")
    put(folder, "records/stream=audit/day=2026-03-03/a-000001.parquet")
    put(folder, "segments/a-000002.seg", written=MARCH + 1)
    put(folder, "segments/damaged/a-000001.jsonl", written=MARCH + 2)
    found = stock(folder.path)
    assert [one.kind for one in found] == ["truth", "interactions", "segment", "damaged", "records"]
    assert found[1].until == MARCH
    assert found[1].size >= 100_000
    assert found[1].written == MARCH
    assert found[2].until == MARCH + 1


def test_what_is_none_of_it_is_left_out(folder):
    for name in (
        "interactions/endpoint=m/day=2026-03-01/.a-000001.parquet.draft", "segments/a-000002.new", "keys.json",
        "forgotten/x", "spool/a-000001.parquet", "truth/day=2026-03-01/notes.txt",
    ):  # fmt: skip
        put(folder, name)
    (folder.path / "truth/day=2026-03-01/folder.parquet").mkdir()
    (folder.path / "truth/day=2026-03-01/link.parquet").symlink_to("/etc/passwd")
    assert stock(folder.path) == ()


@pytest.mark.parametrize("day", ["day=1970-01-01", "day=2026-13-40", "day=soon"])
def test_a_day_that_cannot_be_is_when_it_was_written(folder, day):
    put(folder, f"truth/{day}/a-000001.parquet", written=MARCH + 7)
    assert stock(folder.path)[0].until == MARCH + 7


@pytest.mark.parametrize(
    ("micros", "day"),
    [
        (0, "1970-01-01"),
        (-1, "1969-12-31"),
        (1_772_409_599_999_999, "2026-03-01"),
        (1_772_409_600_000_000, "2026-03-02"),
    ],
)
def test_a_time_has_a_day(micros, day):
    assert day_of(micros // A_DAY) == day


def test_a_time_of_no_calendar_has_one_too():
    assert (day_of(-(2**40)), day_of(2**40)) == ("0001-01-01", "9999-12-31")
