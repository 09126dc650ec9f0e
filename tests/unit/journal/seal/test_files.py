"""Sealed files: their names, and how they come to be there."""

from __future__ import annotations

import fcntl
import os
import stat

import pytest

from trimtab.journal.seal.files import Drafts, name_of, sealed_files, segment_of, sweep


@pytest.mark.parametrize("part", [0, 1, 12])
def test_a_name_tells_its_segment(part):
    assert segment_of(name_of("0123456789abcdef-000007", part)) == "0123456789abcdef-000007"


def test_names_of_several_parts_are_several():
    assert [name_of("a-1", part) for part in range(3)] == ["a-1.parquet", "a-1-1.parquet", "a-1-2.parquet"]


@pytest.mark.parametrize(
    "name", ["a.parquet", ".a-1.parquet.draft", ".a-1.parquet", "a-1.csv", "a-1-x.parquet", "a-1-0.parquet"]
)
def test_any_other_name_tells_none(name):
    assert segment_of(name) == ""


def test_all_get_their_names_at_the_end(folder):
    drafts = Drafts(folder.path)
    first, second = folder.truth / "day=1/a-1.parquet", folder.path / "gaps/day=1/a-1.parquet"
    assert drafts.add(first, lambda file: file.write(b"one")) == 3
    drafts.add(second, lambda file: file.write(b"two"))
    assert list(sealed_files(folder.path)) == []
    drafts.place()
    assert list(sealed_files(folder.path)) == [first, second] == list(drafts.paths)
    assert first.read_bytes() == b"one"
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700


def test_what_is_there_is_replaced_as_a_whole(folder):
    for content in (b"long ago", b"now"):
        drafts = Drafts(folder.path)
        drafts.add(folder.truth / "day=1/a-1.parquet", lambda file, content=content: file.write(content))
        drafts.place()
    assert [path.read_bytes() for path in sealed_files(folder.path)] == [b"now"]


def test_dropped_drafts_are_gone(folder):
    drafts = Drafts(folder.path)
    drafts.add(folder.truth / "day=1/a-1.parquet", lambda file: file.write(b"x"))
    drafts.drop()
    assert list((folder.truth / "day=1").iterdir()) == []


def test_what_the_dead_left_is_swept_and_nothing_else(folder):
    Drafts(folder.path).add(folder.truth / "day=1/a-1.parquet", lambda file: file.write(b"x"))
    Drafts(folder.path).add(folder.segments / "damaged/a-1.jsonl", lambda file: file.write(b"x"))
    whole = Drafts(folder.path)
    whole.add(folder.truth / "day=1/b-1.parquet", lambda file: file.write(b"x"))
    whole.place()
    sweep(folder.path)
    assert list(folder.path.rglob("*.draft")) == []
    assert list(sealed_files(folder.path)) == [folder.truth / "day=1/b-1.parquet"]


def test_segments_that_were_begun_and_never_were_are_swept_after_a_while(folder):
    paths = [folder.segments / f"a-00000{number}.new" for number in range(3)]
    for path in paths:
        path.touch()
    for path in paths[1:]:
        os.utime(path, (1e9, 1e9))
    with paths[2].open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        sweep(folder.path)
    assert sorted(folder.segments.iterdir()) == [paths[0], paths[2]]
