"""Files are there whole or not at all."""

from __future__ import annotations

import os
import stat

import pytest

from trimtab.journal.ship.disk import make_folders, put_whole, unkept, write_all


def test_a_file_takes_its_place_when_it_is_whole(tmp_path):
    path = tmp_path / "a"
    put_whole(path, lambda file: file.writelines([b"o", b"ne"]))
    assert path.read_bytes() == b"one"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def fail(file):
        file.write(b"two")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        put_whole(path, fail)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a", b"one")]


def test_a_link_in_the_place_of_the_draft_is_not_followed(tmp_path):
    (tmp_path / ".a.part").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=r"symbolic|Too many"):
        put_whole(tmp_path / "a", lambda file: file.writelines([b"x"]))
    assert not (tmp_path / "elsewhere").exists()


def test_folders_are_made_below_the_root_and_the_root_is_not(tmp_path):
    make_folders(tmp_path / "a/b", tmp_path)
    make_folders(tmp_path / "a/b", tmp_path)
    assert stat.S_IMODE((tmp_path / "a/b").stat().st_mode) == 0o700
    with pytest.raises(FileNotFoundError):
        make_folders(tmp_path / "none/b", tmp_path / "none")


def test_all_of_it_is_written():
    reading, writing = os.pipe()
    data = os.urandom(1000)
    write_all(writing, data)
    assert os.read(reading, 2000) == data
    os.close(reading)
    os.close(writing)


def test_the_error_says_what_the_system_said(tmp_path):
    error = unkept(tmp_path / "a", "cannot be written", OSError(28, "No space left on device"))
    assert str(error).startswith("error[P967]: `a` cannot be written: no space left on device")
