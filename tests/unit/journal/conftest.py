"""A journal in a temporary folder, and what is read back from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trimtab.journal.folder import Folder, open_folder
from trimtab.journal.segments.frames import Frame
from trimtab.journal.segments.reader import segments


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty journal."""
    return open_folder(tmp_path / "journal")


@pytest.fixture
def written(folder: Folder) -> Callable[[], list[Frame]]:
    """All whole frames of the journal, the oldest segment first."""

    def read() -> list[Frame]:
        with segments(folder) as found:
            return [frame for segment in found for frame in segment.frames()]

    return read
