"""What was looked at need not be looked at again, unless anything about it is different."""

from __future__ import annotations

import os

import pytest

from trimtab.journal.privacy.checked import Checked, version_of


@pytest.fixture
def path(folder):
    path = folder.truth / "a.parquet"
    path.write_text("one")
    return path


def looked(folder, path, against="x", number=None):
    checked = Checked(folder, "list")
    checked.begin("truth", against)
    known = checked.knows(path)
    if not known:
        checked.note(path, number)
    value = checked.number(path)
    checked.store()
    return known, value


def test_a_file_is_known_as_long_as_it_is_the_same(folder, path):
    assert looked(folder, path, number=4.5) == (False, 4.5)
    assert looked(folder, path, number=9.0) == (True, 4.5)
    times = path.stat()
    path.write_text("two")
    assert looked(folder, path)[0] is False
    assert looked(folder, path)[0] is True
    path.unlink()
    path.write_text("two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns - 1))
    assert looked(folder, path)[0] is False


def test_against_something_else_it_is_new(folder, path):
    looked(folder, path)
    assert looked(folder, path, "y")[0] is False
    assert looked(folder, path, "y")[0] is True


def test_other_streams_stay_known(folder, path):
    checked = Checked(folder, "list")
    other = folder.feedback / "b.parquet"
    other.write_text("b")
    for stream, file in (("truth", path), ("feedback", other)):
        checked.begin(stream, "x")
        checked.note(file)
    checked.store()
    again = Checked(folder, "list")
    again.begin("truth", "y")
    again.begin("feedback", "x")
    assert (again.knows(path), again.knows(other)) == (False, True)


def test_what_has_gone_is_left_out_and_nothing_new_is_not_written(folder, path):
    looked(folder, path)
    file = folder.forgotten / ".list.json"
    before = file.stat().st_mtime_ns
    looked(folder, path)
    assert file.stat().st_mtime_ns == before
    path.unlink()
    assert version_of(path) == ""
    checked = Checked(folder, "list")
    checked.begin("truth", "x")
    assert not checked.knows(path)
    checked.store()
    assert "a.parquet" not in file.read_text()


@pytest.mark.parametrize("text", ["", "[]", '{"format":2,"of":{},"files":{}}'])
def test_a_spoilt_list_is_begun_anew(folder, path, text):
    looked(folder, path)
    (folder.forgotten / ".list.json").write_text(text)
    assert looked(folder, path)[0] is False
    assert looked(folder, path)[0] is True
