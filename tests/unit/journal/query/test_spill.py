"""What a query writes to disk is private, and goes: with the query, or after its process was killed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from trimtab.journal.query.spill import Spill


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_only_its_owner_may_enter_and_nothing_stays(scratch):
    spill = Spill()
    assert spill.path.stat().st_mode & 0o777 == 0o700
    (spill.path / "data").write_text("private")
    spill.remove()
    assert list(scratch.iterdir()) == []


def test_what_a_killed_process_left_goes_and_what_another_one_has_stays(scratch):
    program = "import os; from trimtab.journal.query.spill import Spill; Spill(); os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", program], check=False, env={"TMPDIR": str(scratch)}).returncode == -9
    (left,) = scratch.iterdir()
    other = Spill()
    assert not left.exists()
    mine = Spill()
    assert other.path.is_dir()
    other.remove()
    mine.remove()
    assert list(scratch.iterdir()) == []


def test_folders_that_are_not_ours_stay(scratch):
    (scratch / "trimtab-query-other").mkdir()
    (scratch / "elsewhere").mkdir()
    (scratch / "trimtab-query-link").symlink_to(scratch / "elsewhere")
    Spill().remove()
    assert sorted(path.name for path in scratch.iterdir()) == ["elsewhere", "trimtab-query-link", "trimtab-query-other"]
