"""What serving the demo's compiled model takes: little CPU to its first answer, little memory, and no framework."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import Child
from tests.system.test_compiled import FRAMEWORKS, asked

MOST_MB = 60
_TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module")
def demo(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the bundle of the demo's own model, trained and packaged as `make demo` does."""
    folder = tmp_path_factory.mktemp("flights") / "demo"
    shutil.copytree(root / "demo", folder, ignore=shutil.ignore_patterns("scratch", ".trimtab", "data", "__pycache__"))
    subprocess.run([sys.executable, "train.py"], cwd=folder, check=True, capture_output=True, timeout=200)
    command = [sys.executable, "-m", "trimtab", "package", "--json"]
    said = subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=200)
    return Path(json.loads(said.stdout)["folder"])


def cpu_s(server: Child) -> float:
    """Seconds that its processes have computed, with those of them that have ended."""
    stats = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in server.family()]
    return sum(int(ticks) for stat in stats for ticks in stat[11:15]) / _TICKS


def memory_mb(pid: int) -> float:
    """Resident in one process, also what it shares with others."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Rss:")) * 1024 / 1e6


def imports_s() -> float:
    """CPU seconds of importing the libraries that the model was trained with, and nothing else."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import pandas, sklearn.ensemble"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_one_serving_process_of_the_demo_is_small_quick_to_start_and_free_of_frameworks(
    demo: Path, start: Callable[..., Child]
) -> None:
    request, wanted = (json.loads((demo / "golden" / name).read_bytes()) for name in ("request.json", "response.json"))
    server = start(
        "trimtab", "serve", str(demo), "--store", str(demo.parents[2]), "--port", "0", "--processes", "1", "--json"
    )
    server.wait_until(lambda: bool(server.out.strip()))
    port = int(json.loads(server.out)["address"].rpartition(":")[2])
    server.wait_until(lambda: asked(port, "/v2/health/ready")[0] == 200, 60)
    status, answer = asked(port, "/v2/models/flights/infer", json.dumps(request).encode())
    spent_s = cpu_s(server)
    assert status == 200, answer
    assert answer["outputs"][0]["data"] == wanted["outputs"][0]["data"]
    for _ in range(50):
        asked(port, "/v2/models/flights/infer", json.dumps(request).encode())
    processes = server.family()
    assert len(processes) > 2, "the supervisor, the serving process, and workers for the preparation in Python"
    found = {pid: memory_mb(pid) for pid in processes}
    assert max(found.values()) <= MOST_MB, found
    for pid in processes:
        maps = Path(f"/proc/{pid}/maps").read_text()
        assert [name for name in FRAMEWORKS if f"/{name}" in maps] == []
    # a second of CPU is what the library's import takes on the machines that this was measured on (benchmarks/cold.py)
    assert spent_s < imports_s(), spent_s
