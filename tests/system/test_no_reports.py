"""ONNX Runtime reports to nobody, whoever imports it: it leaves `.ses` where temporary files go when it does."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from tests.doubles.network import network

from trimtab.bundle.build import Recipe, package
from trimtab.bundle.store import Store

USES = "import onnxruntime\n\n\ndef predict(rows):\n    onnxruntime.SessionOptions()\n    return rows['x']\n"
LOADS = {
    "onnx": "from trimtab.bundle.flavours.onnx import Onnx; from pathlib import Path; Onnx().open(Path({path!r}), '')",
    "itself": "import onnxruntime; onnxruntime.InferenceSession({path!r})",
}
NEEDED = ("PATH", "HOME", "LD_LIBRARY_PATH")


@pytest.fixture
def load(tmp_path):
    """load(how): whether a process reported that loaded a network so, with an environment that says nothing of it."""

    def begin(how, **said):
        scratch = tmp_path / how
        scratch.mkdir()
        path = str(network(tmp_path / "model") / "model.onnx")
        needed = {name: os.environ[name] for name in NEEDED if name in os.environ}
        environment = needed | {"TMPDIR": str(scratch)} | said
        command = [sys.executable, "-c", LOADS[how].format(path=path)]
        subprocess.run(command, check=True, env=environment, timeout=60)
        return (scratch / ".ses").exists()

    return begin


@pytest.fixture
def by_itself(load):
    """It would report from here: otherwise these tests could not fail, and are skipped."""
    if not load("itself"):
        pytest.skip("this ONNX Runtime does not report from this machine")  # stated reason: nothing to switch off


@pytest.mark.usefixtures("by_itself")
def test_a_process_that_loads_a_network_reports_to_nobody(load):
    assert not load("onnx")


@pytest.mark.usefixtures("by_itself")
def test_who_wants_reports_has_them(load):
    assert load("onnx", ORT_DISABLE_TELEMETRY="0")


@pytest.mark.usefixtures("by_itself")
@pytest.mark.parametrize("kind", ["onnx", "python"])
def test_a_server_reports_to_nobody(start, workshop, tmp_path, kind):
    """Neither for a network, nor for Python of the user's that imports it."""
    if kind == "onnx":
        recipe = Recipe(
            name="net", root=tmp_path, model=network(tmp_path / "model") / "model.onnx", lock="off", container="arrays"
        )
        package(recipe, Store(tmp_path / "store"))
        bundle, store = "net", tmp_path / "store"
    else:
        workshop.write(model=USES)
        found = workshop.package(lock="off")
        bundle, store = found.name, found.folder.parents[2]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = ("serve", bundle, "--store", str(store), "--port", "0", "--json", "--processes", "1", "--workers", "1")
    unsaid = {name: "" for name in os.environ if name not in NEEDED and ("CI" in name or "ORT" in name)}
    child = start("trimtab", *command, cwd=tmp_path, env=unsaid | {"TMPDIR": str(scratch)})
    child.wait_until(lambda: "address" in child.out)
    child.stop()
    assert not (scratch / ".ses").exists()
