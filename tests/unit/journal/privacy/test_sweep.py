"""Forgotten people go out of everything that is sealed, and stay out."""

from __future__ import annotations

import os
import shutil

import pytest
from tests.doubles.logged import DAY, NOON

from trimtab.core.errors import OutsideError
from trimtab.journal.privacy.sweep import Cleaned, clean
from trimtab.journal.privacy.tombstones import begin, tombstones
from trimtab.journal.seal.seal import seal

LATER = NOON + 9 * DAY


@pytest.fixture
def sealed(people):
    """Two people over two days, one of whom shares a request with a third one."""
    first = people.ask("anna")
    people.ask("bert", time=NOON + DAY)
    both = people.ask("anna", "carl", time=NOON + DAY)
    for stream in ("truth", "feedback"):
        people.tell(stream, first, "anna")
        people.tell(stream, f"{people.count}-anna-carl", "anna")
        people.tell(stream, both, "carl", row=1)
        people.tell(stream, "unknown", "nobody")
    people.end()
    assert seal(people.folder).problems == ()
    return people


def stamp(path):
    """What changes when a file is written; not when it was read."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


@pytest.mark.usefixtures("sealed")
def test_without_tombstones_nothing_is_done(folder):
    before = {path: stamp(path) for path in folder.path.rglob("*.parquet")}
    assert clean(folder) == Cleaned()
    assert {path: stamp(path) for path in folder.path.rglob("*.parquet")} == before


def test_rows_truth_and_feedback_go_and_all_others_stay(sealed, folder, keys):
    path = begin(folder, keys.subject("anna"), LATER, [])
    assert clean(folder) == Cleaned(rows=2, records=4, files=4)
    assert sealed.left("anna") == ["interactions/endpoint=churn/day=2026-02-17/" + name(folder)], "a name of a request"
    assert [row["request_id"] for row in sealed.rows("interactions")] == ["2-bert", "3-anna-carl"]
    assert [row["row"] for row in sealed.rows("interactions")] == [0, 1]
    assert [row["value"] for row in sealed.rows("truth")] == ['"said of carl"', '"said of nobody"']
    assert [row["comment"] for row in sealed.rows("feedback")] == ["said of carl", "said of nobody"]
    told = tombstones(folder)[path]
    assert told.done
    assert sorted(told.rows.values()) == [1, 1]
    assert sorted(told.records.values()) == [2, 2]
    assert clean(folder) == Cleaned()


def name(folder):
    return next(folder.interactions.rglob("*.parquet")).name


def test_what_is_younger_than_the_tombstone_stays(sealed, folder, keys):
    begin(folder, keys.subject("anna"), NOON + 1, [])
    assert clean(folder).rows == 1
    assert [row["request_id"] for row in sealed.rows("interactions")] == ["2-bert", "3-anna-carl", "3-anna-carl"]
    begin(folder, keys.subject("anna"), LATER, [])
    assert clean(folder).rows == 1


def test_a_file_of_which_nothing_is_left_stays_without_rows(sealed, folder, keys):
    files = sorted(folder.path.rglob("*.parquet"))
    for person in ("anna", "bert", "carl"):
        begin(folder, keys.subject(person), LATER, [])
    assert clean(folder).rows == 4
    assert sorted(folder.path.rglob("*.parquet")) == files
    assert sealed.rows("interactions") == []
    assert not any(sealed.left(person) for person in ("anna", "bert", "carl"))


def test_what_a_backup_brings_back_goes_again_truth_too(sealed, folder, keys, tmp_path):
    shutil.copytree(folder.interactions, tmp_path / "interactions")
    shutil.copytree(folder.truth, tmp_path / "truth")
    begin(folder, keys.subject("anna"), LATER, [])
    clean(folder)
    for table in ("truth", "interactions"):
        shutil.copytree(tmp_path / table, folder.path / table, dirs_exist_ok=True)
        assert any("anna" in str(row) for row in sealed.rows(table))
        assert clean(folder).files
        assert not any(
            "said of anna" in str(row) or row.get("subject") == keys.subject("anna") for row in sealed.rows(table)
        )


def test_truth_that_is_sealed_later_goes(people, folder, keys):
    id_ = people.ask("anna")
    people.writer.rotate()
    seal(folder)
    begin(folder, keys.subject("anna"), LATER, [])
    assert clean(folder).rows == 1
    people.tell("truth", id_, "anna")
    people.end()
    seal(folder)
    assert clean(folder) == Cleaned(records=1, files=1)
    assert people.left("anna") == []


def test_a_tombstone_waits_for_segments_that_are_still_there(people, folder, keys):
    people.ask("anna")
    path = begin(folder, keys.subject("anna"), LATER, [people.writer.name])
    seal(folder)
    assert clean(folder) == Cleaned()
    assert tombstones(folder)[path].waits == (people.writer.name,)
    people.end()
    seal(folder)
    assert clean(folder).rows == 1
    assert tombstones(folder)[path].done
    assert people.left("anna") == []


def test_what_could_not_be_read_goes_when_anybody_does(people, folder, keys):
    people.ask("anna")
    file = folder.segments / f"{people.writer.name}.seg"
    people.end()
    with file.open("ab") as segment:
        segment.write(b"torn: anna")
    seal(folder)
    assert [path.name for path in (folder.segments / "damaged").iterdir()]
    begin(folder, keys.subject("bert"), LATER, [])
    clean(folder)
    assert list((folder.segments / "damaged").iterdir()) == []
    (folder.segments / "damaged" / "later.jsonl").write_text("{}")
    clean(folder)
    assert list((folder.segments / "damaged").iterdir()), "nobody is waiting any more"


@pytest.mark.usefixtures("sealed")
def test_a_file_that_cannot_be_cleaned_is_named_and_keeps_nothing_else(folder, keys):
    first, second = sorted(folder.interactions.rglob("*.parquet"))
    whole = first.read_bytes()
    first.write_bytes(b"junk")
    path = begin(folder, keys.subject("anna"), LATER, [])
    for _ in range(2):
        with pytest.raises(OutsideError) as refused:
            clean(folder)
        assert [(problem.code, problem.where) for problem in refused.value.problems] == [("P957", str(first))]
    assert not tombstones(folder)[path].done
    assert keys.subject("anna") not in str(sealed_rows(second))
    first.write_bytes(whole)
    assert clean(folder).rows == 1
    assert tombstones(folder)[path].done


def sealed_rows(path):
    from pyarrow import parquet

    with path.open("rb") as file:
        return parquet.ParquetFile(file).read(use_threads=False).to_pylist()


@pytest.mark.usefixtures("sealed")
def test_only_what_is_new_is_looked_at(folder, keys):
    begin(folder, keys.subject("anna"), LATER, [])
    clean(folder)
    path = min(folder.interactions.rglob("*.parquet"))
    size, times = path.stat().st_size, path.stat()
    with path.open("r+b") as file:  # the same file to anybody who looks at its size, time and number
        file.write(b"x" * size)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert clean(folder) == Cleaned()
    begin(folder, keys.subject("bert"), LATER, [])
    with pytest.raises(OutsideError, match="P957"):
        clean(folder)


@pytest.mark.usefixtures("sealed")
def test_drafts_of_the_killed_are_swept_up(folder, keys):
    begin(folder, keys.subject("anna"), LATER, [])
    (folder.forgotten / ".x.json.draft").write_text("half")
    clean(folder)
    assert [path.name for path in folder.forgotten.glob(".*")] == [".checked.json"]
