"""A journal is made once, for its owner; what is not a journal, or a newer one, stays as it is."""

from __future__ import annotations

import json
import os
import stat
import threading

import pytest

from trimtab.core.errors import OutsideError, TrimtabError, UserError
from trimtab.journal.folder import Folder, open_folder

PARTS = {"segments", "interactions", "truth", "feedback", "forgotten", "spool"}


def code_of(error):
    (problem,) = error.value.problems
    return problem.code


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_with_its_parts_for_its_owner_only(tmp_path):
    folder = open_folder(tmp_path / "a/journal")
    assert folder == Folder(tmp_path / "a/journal")
    assert {path.name for path in folder.path.iterdir()} == {"journal.json", *PARTS}
    assert {getattr(folder, part) for part in PARTS} == {folder.path / part for part in PARTS}
    assert {mode(path) for path in (folder.path, *(folder.path / part for part in PARTS))} == {0o700}
    assert mode(folder.path / "journal.json") == 0o600
    assert json.loads((folder.path / "journal.json").read_text()) == {"format": 1}


def test_it_is_opened_again_and_nothing_changes(tmp_path):
    folder = open_folder(tmp_path / "journal")
    (folder.path / "keys.json").touch()
    folder.path.chmod(0o750)
    there = (folder.path / "journal.json").stat()
    assert open_folder(folder.path) == open_folder(folder.path, create=False) == folder
    assert (folder.path / "journal.json").stat().st_ino == there.st_ino
    assert mode(folder.path) == 0o750


def test_an_empty_folder_becomes_one(tmp_path):
    empty = tmp_path / "journal"
    empty.mkdir(mode=0o755)
    (empty / ".journal.json.abc").touch()  # who began it was killed
    open_folder(empty)
    assert mode(empty) == 0o700
    assert open_folder(empty, create=False).path == empty


def test_a_part_that_is_missing_is_made(tmp_path):
    folder = open_folder(tmp_path / "journal")
    folder.spool.rmdir()
    open_folder(folder.path)
    assert folder.spool.is_dir()


def test_none_is_made_for_who_only_reads(tmp_path):
    with pytest.raises(UserError) as error:
        open_folder(tmp_path / "journal", create=False)
    assert code_of(error) == "P904"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"format": 2}', "P901"),
        ('{"format": 99, "more": []}', "P901"),
        ('{"format": 0}', "P903"),
        ('{"format": true}', "P903"),
        ('{"format": "1"}', "P903"),
        ("[]", "P903"),
        ("{", "P903"),
        ("", "P903"),
        ("\xff", "P903"),
        ("[" * 60000, "P903"),
    ],
)
@pytest.mark.parametrize("create", [True, False])
def test_a_newer_format_and_none_are_refused(tmp_path, text, code, create):
    (tmp_path / "journal.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError) as error:
        open_folder(tmp_path, create=create)
    assert code_of(error) == code
    assert [path.name for path in tmp_path.iterdir()] == ["journal.json"]


def test_somebody_elses_folder_stays_as_it_is(tmp_path):
    (tmp_path / "thesis.txt").touch()
    before = mode(tmp_path)
    with pytest.raises(UserError, match=r"thesis\.txt") as error:
        open_folder(tmp_path)
    assert code_of(error) == "P903"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert mode(tmp_path) == before


@pytest.mark.parametrize("create", [True, False])
def test_a_link_is_refused_wherever_it_leads(tmp_path, create):
    open_folder(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "nowhere").symlink_to(tmp_path / "none")
    with pytest.raises(UserError) as error:
        open_folder(tmp_path / "link", create=create)
    assert code_of(error) == "P903"
    with pytest.raises(UserError) as error:
        open_folder(tmp_path / "nowhere", create=create)
    assert code_of(error) == ("P903" if create else "P904")


def test_a_file_is_refused(tmp_path):
    (tmp_path / "journal").touch()
    with pytest.raises(UserError) as error:
        open_folder(tmp_path / "journal")
    assert code_of(error) == "P903"


def test_a_format_behind_a_link_is_refused(tmp_path):
    (tmp_path / "elsewhere").write_text('{"format": 1}')
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal/journal.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutsideError) as error:
        open_folder(tmp_path / "journal")
    assert code_of(error) == "P902"


@pytest.mark.usefixtures("modes_count")
@pytest.mark.parametrize("which", ["", "segments"])
def test_where_nothing_may_be_written_is_refused_by_name(tmp_path, which):
    folder = open_folder(tmp_path / "journal")
    (folder.path / which).chmod(0o500)
    if which:
        with pytest.raises(OutsideError, match="segments") as error:
            open_folder(folder.path)
        assert code_of(error) == "P902"
    assert open_folder(folder.path, create=False) == folder
    with pytest.raises(OutsideError) as error:
        open_folder(folder.path / which / "new")
    assert code_of(error) == "P902"


def test_many_may_make_it_at_once(tmp_path):
    for number in range(20):
        path, start, faults = tmp_path / str(number), threading.Barrier(8), []

        def make(path=path, start=start, faults=faults):
            start.wait()
            try:
                open_folder(path)
            except TrimtabError as error:
                faults.append(error)

        threads = [threading.Thread(target=make) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        assert {entry.name for entry in os.scandir(path)} == {"journal.json", *PARTS}
