"""The system's own files: new ones are ours alone from the beginning."""

from __future__ import annotations

import fcntl
import os
import stat

import pytest

from trimtab.journal.segments.files import OS


def test_a_new_file_is_locked_empty_and_for_its_owner(tmp_path):
    path = tmp_path / "file"
    file = OS.create(path)
    with path.open() as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not os.get_inheritable(file)
    OS.close(file)
    with path.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("there", ["file", "link"])
def test_what_is_there_is_never_taken(tmp_path, there):
    path = tmp_path / "new"
    if there == "file":
        path.write_text("old")
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        OS.create(path)
    assert not (tmp_path / "nowhere").exists()


def test_after_a_cut_it_goes_on_at_the_end(tmp_path):
    file = OS.create(tmp_path / "file")
    assert OS.write(file, b"abcdef") == 6
    OS.truncate(file, 2)
    OS.write(file, b"XY")
    OS.sync(file)
    OS.rename(tmp_path / "file", tmp_path / "name")
    OS.sync_folder(tmp_path)
    OS.close(file)
    assert (tmp_path / "name").read_bytes() == b"abXY"
    OS.remove(tmp_path / "name")
    assert list(tmp_path.iterdir()) == []
