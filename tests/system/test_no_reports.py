"""ONNX Runtime reports to nobody, whoever imports it: it leaves `.ses` where temporary files go when it does."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys

import pytest
from tests.doubles.network import network

from trimtab.bundle.build import Recipe, package
from trimtab.bundle.store import Store

OLD = (1, 29)  # before, it did not report from Linux
USES = "import onnxruntime\n\n\ndef predict(rows):\n    onnxruntime.SessionOptions()\n    return rows['x']\n"
LOADS = {
    "onnx": "from trimtab.bundle.flavours.onnx import Onnx; from pathlib import Path; Onnx().open(Path({path!r}), '')",
    "itself": "import onnxruntime; onnxruntime.InferenceSession({path!r})",
}
SAID = {"ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "CI", "GITHUB_ACTIONS", "TF_BUILD"}
QUIET = {"TMPDIR", *SAID}


@pytest.fixture
def environment(tmp_path):
    """One that says nothing of reports; temporary files go to a folder of their own."""
    (tmp_path / "scratch").mkdir()
    return {name: value for name, value in os.environ.items() if name not in QUIET} | {
        "TMPDIR": str(tmp_path / "scratch")
    }


def reported(tmp_path):
    return (tmp_path / "scratch/.ses").exists()


def load(how, tmp_path, environment, **more):
    path = str(network(tmp_path / "model") / "model.onnx")
    command = [sys.executable, "-c", LOADS[how].format(path=path)]
    subprocess.run(command, check=True, env=environment | more, timeout=60)
    return reported(tmp_path)


def test_a_process_that_loads_a_network_reports_to_nobody(tmp_path, environment):
    assert not load("onnx", tmp_path, environment)


def test_by_itself_it_would(tmp_path, environment):
    """Otherwise these tests could not fail."""
    if tuple(map(int, importlib.metadata.version("onnxruntime").split(".")[:2])) < OLD:
        pytest.skip("this version of ONNX Runtime does not report")  # stated reason: nothing to switch off
    assert load("itself", tmp_path, environment)


def test_who_wants_reports_has_them(tmp_path, environment):
    assert load("onnx", tmp_path, environment, ORT_DISABLE_TELEMETRY="0") == load("itself", tmp_path, environment)


@pytest.mark.parametrize("kind", ["onnx", "python"])
def test_a_server_reports_to_nobody(start, workshop, tmp_path, environment, kind):
    """Neither for a network, nor for Python of the user's that imports it."""
    if kind == "onnx":
        model = network(tmp_path / "model") / "model.onnx"
        package(
            Recipe(name="net", root=tmp_path, model=model, lock="off", container="arrays"), Store(tmp_path / "store")
        )
        bundle, store = "net", tmp_path / "store"
    else:
        workshop.write(model=USES)
        found = workshop.package(lock="off")
        bundle, store = found.name, found.folder.parents[2]
    command = ("serve", bundle, "--store", str(store), "--port", "0", "--json", "--processes", "1", "--workers", "1")
    cleared = dict.fromkeys(QUIET & os.environ.keys(), "") | environment
    child = start("trimtab", *command, cwd=tmp_path, env=cleared)
    child.wait_until(lambda: "address" in child.out)
    assert not reported(tmp_path)
    child.stop()
    assert not reported(tmp_path)
