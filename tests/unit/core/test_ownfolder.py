"""What is written there is private, and goes: with its owner, or after that was killed."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from trimtab.core.ownfolder import OwnFolder


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_only_its_owner_may_enter_and_nothing_stays(scratch):
    folder = OwnFolder("trimtab-x-")
    assert folder.path.stat().st_mode & 0o777 == 0o700
    (folder.path / "data").write_text("private")
    folder.remove()
    assert list(scratch.iterdir()) == []


def test_what_a_killed_process_left_goes_and_what_another_one_has_stays(scratch):
    program = (
        "import os; from trimtab.core.ownfolder import OwnFolder; OwnFolder('trimtab-x-'); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, env={"TMPDIR": str(scratch)}).returncode == -9
    (left,) = scratch.iterdir()
    other = OwnFolder("trimtab-x-")
    assert not left.exists()
    mine = OwnFolder("trimtab-x-")
    assert other.path.is_dir()
    other.remove()
    mine.remove()
    assert list(scratch.iterdir()) == []


def test_folders_that_are_not_ours_stay(scratch):
    (scratch / "trimtab-x-other").mkdir()
    (scratch / "elsewhere").mkdir()
    (scratch / "trimtab-x-link").symlink_to(scratch / "elsewhere")
    OwnFolder("trimtab-x-").remove()
    assert sorted(path.name for path in scratch.iterdir()) == ["elsewhere", "trimtab-x-link", "trimtab-x-other"]


def test_of_two_that_begin_at_once_neither_loses_its_folder(scratch, monkeypatch):
    """The other one sweeps between the making of the folder and its lock."""
    lock, swept = fcntl.flock, []

    def late(handle, how):
        if not swept:
            swept.extend(scratch.iterdir())
            shutil.rmtree(swept[0])
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    folder = OwnFolder("trimtab-x-")
    assert folder.path.is_dir()
    assert folder.path not in swept
    folder.remove()
    assert list(scratch.iterdir()) == []
