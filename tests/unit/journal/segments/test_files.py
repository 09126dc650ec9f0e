"""The system's own files: new ones are ours alone from the beginning."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import threading

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


def test_one_that_is_swept_away_before_it_is_locked_is_made_again(tmp_path):
    """A keeper takes away what nobody locks; it may come between the two calls that make a file and lock it."""
    over = threading.Event()

    def sweep():
        while not over.is_set():
            for path in tmp_path.glob("*.new"):
                with contextlib.suppress(OSError), path.open() as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()

    keeper = threading.Thread(target=sweep)
    keeper.start()
    try:
        for number in range(3000):
            file = OS.create(tmp_path / f"{number}.new")
            assert os.fstat(file).st_nlink == 1
            OS.rename(tmp_path / f"{number}.new", tmp_path / f"{number}.seg")
            OS.close(file)
    finally:
        over.set()
        keeper.join()
    assert len(list(tmp_path.glob("*.seg"))) == 3000
