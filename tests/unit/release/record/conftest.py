from pathlib import Path

import pytest
from tests.doubles.clones import pair


@pytest.fixture
def repositories(tmp_path: Path) -> tuple[Path, Path]:
    """A remote and a clone of it."""
    return pair(tmp_path)
