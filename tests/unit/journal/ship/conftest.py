"""A journal's folder with sealed files in it, and shipping by a clock that the test turns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from trimtab.journal.folder import open_folder
from trimtab.journal.ship.destination import LocalFolder
from trimtab.journal.ship.lane import Machine

PLACE = LocalFolder(Path("/mnt/archive"))  # a name, where the destination is one in memory


@dataclass
class Clock:
    """now: seconds since 1970; chance: what chance gives."""

    now: float = 1_790_000_000.0
    chance: float = 0.5

    def machine(self) -> Machine:
        return Machine(clock=lambda: self.now, chance=lambda: self.chance)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def journal(tmp_path):
    return open_folder(tmp_path / "journal").path
