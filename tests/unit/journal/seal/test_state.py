"""What a pass leaves for the next one."""

from __future__ import annotations

import pytest

from trimtab.journal.seal.clock import Reading
from trimtab.journal.seal.state import last_reading, store_reading


def test_it_is_read_back(tmp_path):
    assert last_reading(tmp_path) is None
    for now in (1.0, 2.0):
        store_reading(tmp_path, Reading(now, 2.5, "boot", 3.0))
    assert last_reading(tmp_path) == Reading(2.0, 2.5, "boot", 3.0)
    assert [path.name for path in tmp_path.iterdir()] == ["keeper.json"]


@pytest.mark.parametrize(
    "data", [b"", b"{}", b'{"format":2,"clock":{"now":1,"up":1,"boot":""}}', b'{"format":1,"clock":7}', b"\xff"]
)
def test_anything_else_is_nothing(tmp_path, data):
    (tmp_path / "keeper.json").write_bytes(data)
    assert last_reading(tmp_path) is None
