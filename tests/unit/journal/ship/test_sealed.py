"""What counts as a sealed file: what is whole, ours, and no longer a segment as well."""

from __future__ import annotations

import os

from tests.doubles.harbour import WRITER, interactions, seal

from trimtab.journal.ship.sealed import sealed_files, stream_of, version_of


def names(journal):
    return [sealed.name for sealed in sealed_files(journal)]


def test_all_tables_are_found_the_oldest_first(journal):
    paths = [seal(journal, 2), seal(journal, 1), seal(journal, 3, stream="truth"), seal(journal, 4, stream="gaps")]
    for age, path in enumerate(paths):
        os.utime(path, times=(0, 10**9 - age))
    found = sealed_files(journal)
    assert [sealed.name for sealed in found] == [path.relative_to(journal).as_posix() for path in reversed(paths)]
    assert [sealed.stream for sealed in found] == ["gaps", "truth", "interactions", "interactions"]
    assert found[-1].size == paths[0].stat().st_size
    assert found[-1].version == version_of(paths[0].lstat())


def test_a_journal_without_anything_has_nothing(tmp_path):
    assert sealed_files(tmp_path / "none") == []


def test_a_file_counts_only_when_its_segment_is_gone(journal):
    seal(journal, 1)
    seal(journal, 12)
    path = seal(journal, 3)
    path.rename(path.with_name(f"{WRITER}-1-2.parquet"))
    segment = journal / "segments" / f"{WRITER}-1.seg"
    segment.touch()
    assert [name.rpartition("/")[2] for name in names(journal)] == [f"{WRITER}-12.parquet"]
    segment.unlink()
    assert len(names(journal)) == 3


def test_drafts_links_and_other_files_are_left_out(journal, tmp_path):
    real = seal(journal, 1)
    (real.parent / ".x.parquet.draft").touch()
    (real.parent / ".x.parquet").touch()
    (real.parent / "notes.txt").touch()
    (real.parent / "link.parquet").symlink_to(tmp_path / "secret")
    (real.parent / "folder.parquet").mkdir()
    (journal / "keys.json").touch()
    (journal / "truth/day=2026-01-01").symlink_to(tmp_path)
    (tmp_path / "other.parquet").touch()
    assert names(journal) == [real.relative_to(journal).as_posix()]


def test_a_file_that_was_written_anew_is_another_version(journal):
    path = seal(journal, 1)
    before = version_of(path.lstat())
    seal(journal, 1, interactions(0, 3))
    assert version_of(path.lstat()) != before


def test_the_first_folder_says_which_table_it_is():
    assert stream_of("truth/day=2026-01-01/a.parquet") == "truth"
