"""What there is at one moment: nothing is missed and nothing is there twice, whatever is sealed meanwhile."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest
from tests.doubles.logged import DAY, NOON, schema_of

from trimtab.journal.query.sources import Period, endpoints, sealed, sources, start_of
from trimtab.journal.seal.seal import seal
from trimtab.journal.segments.reader import segments


def ids(folder, **wanted):
    """Segments that are open, and the files of interactions, by their folders."""
    with sources(folder, **wanted) as found:
        return len(found.segments), ["/".join(path.parts[-3:-1]) for path in found.files["interactions"]]


def test_segments_and_files_of_others_are_what_there_is(folder, logging, sealed):
    sealed(1, 2)
    logging().ask(3)
    assert ids(folder) == (1, ["endpoint=churn/day=2026-02-16"])


def test_the_newest_days_come_first_and_others_can_be_left_out(folder, sealed):
    sealed(0, DAY, 2 * DAY, 3 * DAY)
    days = [f"endpoint=churn/day=2026-02-{day}" for day in (19, 18, 17, 16)]
    assert ids(folder) == (0, days)
    assert ids(folder, period=Period(NOON + DAY, NOON + 2 * DAY)) == (0, days[1:3])
    assert ids(folder, period=Period(until=NOON)) == (0, days[3:])
    assert ids(folder, period=Period(since=NOON + 9 * DAY)) == (0, [])


def test_an_endpoint_is_a_folder_whatever_it_is_called(folder, sealed):
    for name in ("churn", "churn-2", "a/b"):
        sealed(1, schema=schema_of(endpoint=name))
    assert [ids(folder, endpoint=name)[1] for name in ("churn", "a/b", "b", "..")] == [
        ["endpoint=churn/day=2026-02-16"], ["endpoint=a%2Fb/day=2026-02-16"], [], [],
    ]  # fmt: skip
    assert endpoints(folder) == ["a/b", "churn", "churn-2"]


def test_truth_is_there_whatever_the_period(folder, logging):
    log = logging()
    log.tell("truth", id="x", value=1, row=0, name="truth", time=NOON, received=NOON, principal="", operator=True)
    log.writer.close()
    seal(folder)
    with sources(folder, Period(NOON + 9 * DAY), "other") as found:
        assert [len(found.files[table]) for table in ("interactions", "truth", "feedback", "gaps")] == [0, 1, 0, 0]


def test_files_of_a_segment_that_is_open_do_not_count(folder, logging):
    log = logging()
    log.ask(1)
    log.writer.close()
    with segments(folder) as held:
        copy = held[0].path.read_bytes()
        path = held[0].path
        seal(folder)
        path.write_bytes(copy)  # as if sealing had been killed before its last step
    assert ids(folder) == (1, [])
    seal(folder)
    assert ids(folder) == (0, ["endpoint=churn/day=2026-02-16"])


def test_what_is_sealed_while_it_is_open_is_read_from_the_segment(folder, logging):
    log = logging()
    log.ask(1)
    log.writer.close()
    with sources(folder) as found:
        seal(folder)
        assert len(list(found.segments[0].frames())) == 2
        assert not found.is_stale()
    assert ids(folder) == (0, ["endpoint=churn/day=2026-02-16"])


def test_a_segment_of_which_only_some_files_are_there_counts_when_all_are(folder, logging):
    log = logging()
    log.ask(0)
    log.ask(DAY)
    log.writer.close()
    with segments(folder) as held:
        name, path, copy = held[0].name, held[0].path, held[0].path.read_bytes()
    seal(folder)
    assert len(sealed(folder)[name]) == 2
    path.write_bytes(copy)
    assert sealed(folder) == {}


def test_a_file_that_has_gone_makes_a_look_stale(folder, sealed):
    sealed(1)
    with sources(folder) as found:
        assert not found.is_stale()
        shutil.rmtree(folder.interactions / "endpoint=churn")
        assert found.is_stale()
    assert ids(folder) == (0, [])


@pytest.mark.parametrize("name", [".x-1.parquet.draft", "notes.txt", "a.parquet", ".a-000001.parquet"])
def test_files_of_other_names_are_nobodys(folder, sealed, name):
    sealed(1)
    (folder.interactions / "endpoint=churn" / "day=2026-02-16" / name).write_text("x")
    (folder.interactions / "endpoint=churn" / "notes").write_text("x")
    (folder.interactions / "notes").write_text("x")
    assert len(ids(folder)[1]) == 1


def test_a_journal_without_its_folders_is_empty(folder):
    for part in ("interactions", "truth", "feedback"):
        shutil.rmtree(folder.path / part)
    assert ids(folder) == (0, [])


def test_a_day_begins_at_midnight_utc():
    assert start_of("day=2026-02-16") == datetime(2026, 2, 16, tzinfo=UTC).timestamp() * 1e6
    assert start_of("day=1969-12-31") == -DAY * 1e6
