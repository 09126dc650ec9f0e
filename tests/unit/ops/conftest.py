"""Reports as files: what users read is a contract."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def golden(root: Path) -> Callable[[str, str], None]:
    """golden("readout.txt", text): the text is what stands in `tests/golden/flights`; GOLDEN=1 writes it anew."""

    def hold(name: str, text: str) -> None:
        path = root / "tests/golden/flights" / name
        if os.environ.get("GOLDEN"):
            path.write_text(text)
        assert text == path.read_text(), f"{name} differs: GOLDEN=1 writes it, `git diff` shows it"

    return hold
