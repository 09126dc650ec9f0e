"""Memory that a caller names: there is no route that takes such a name, and none of ours is open to others."""

from __future__ import annotations

import re
from pathlib import Path

from tests.system.attacks.target import Target

SHARED = [
    "/v2/systemsharedmemory/status", "/v2/systemsharedmemory/region/r/register", "/v2/cudasharedmemory/status",
    "/v2/cudasharedmemory/region/r/register", "/v2/systemsharedmemory/region/r/unregister",
]  # fmt: skip


def test_shared_memory_registration(target: Target) -> None:
    """There is no such route, and no tensor that says where in memory it lies."""
    for path in SHARED:
        for method in ("GET", "POST"):
            body = {"key": "/dev/shm/x", "offset": 0, "byte_size": 64}  # noqa: S108 - it must not be looked at
            assert target.send(method, path, body)[0] == 404
    region = {"shared_memory_region": "r", "shared_memory_offset": 0, "shared_memory_byte_size": 8}
    tensor = {"name": "x", "datatype": "FP64", "shape": [1], "parameters": region}
    status, _, body = target.send("POST", "/v2/models/m/infer", {"inputs": [tensor]})
    assert (status, "neither `data` nor `binary_data_size`" in body.decode()) == (422, True)


def test_shared_memory_is_nobody_elses(target: Target) -> None:
    """What it keeps under names in memory, if anything, only its own user may open; all else has no name at all."""
    assert target.lives()
    mapped = {
        match[1]
        for pid in target.pids
        for match in re.finditer(r"(/dev/shm/\S+)$", Path(f"/proc/{pid}/maps").read_text(), re.MULTILINE)
    }
    assert {name for name in mapped if Path(name).exists() and Path(name).stat().st_mode & 0o077} == set()
