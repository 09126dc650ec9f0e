"""Packed weights of a network are in memory once for all serving processes of a server, and go with it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import time
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from tests.doubles.network import WIDE, network

from trimtab.bundle.build import Recipe, package
from trimtab.bundle.flavours.onnx import Onnx
from trimtab.bundle.store import Store

ROW = np.random.default_rng(5).standard_normal((1, WIDE)).astype(np.float32)


@pytest.fixture
def scratch(tmp_path):
    """Where the server's temporary files go."""
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


@pytest.fixture
def serve(start, tmp_path, scratch):
    """Starts a server of two processes, each time the same one."""
    folder = network(tmp_path / "model")
    recipe = Recipe(name="net", root=tmp_path, model=folder / "model.onnx", lock="off", container="arrays")
    package(recipe, Store(tmp_path / "store"))
    command = ("serve", "net", "--store", str(tmp_path / "store"), "--port", "0", "--json", "--processes", "2")

    def begin():
        child = start("trimtab", *command, cwd=tmp_path, env={"TMPDIR": str(scratch)})
        child.wait_until(lambda: "address" in child.out)
        return child, json.loads(child.out.splitlines()[0])["address"]

    return begin


def mapped(pids):
    """The files of packed weights, by number, that each of these processes maps."""
    found = []
    for pid in pids:
        lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
        found.append({line.split()[4] for line in lines if re.search(r"trimtab-weights-\w+/[^/]+/weights.bin", line)})
    return found


def asked(address):
    body = json.dumps({"inputs": [{"name": "x", "shape": [1, WIDE], "datatype": "FP32", "data": ROW[0].tolist()}]})
    with contextlib.closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)) as connection:
        connection.request("POST", "/v2/models/net/infer", body)
        (output,) = json.load(connection.getresponse())["outputs"]
    return np.array(output["data"], np.float32)


def ended(child):
    child.signal(signal.SIGTERM)
    return child.end()


def test_all_serving_processes_map_one_file_and_it_goes_with_the_server(serve, scratch, tmp_path):
    child, address = serve()
    expected = Onnx().open(tmp_path / "model/model.onnx", "")({"x": ROW})["y"][0]

    def shared():
        serving = mapped(child.below())
        return len(serving) == 2 and len(serving[0]) == 1 and serving[0] == serving[1]

    child.wait_until(shared)
    np.testing.assert_array_equal(asked(address), expected)
    first = child.below()
    os.kill(first[0], signal.SIGKILL)
    child.wait_until(lambda: first[0] not in child.below() and shared())
    child.signal(signal.SIGHUP)
    child.wait_until(lambda: not set(first) & set(child.below()) and shared())
    np.testing.assert_array_equal(asked(address), expected)
    assert ended(child) == 0
    assert list(scratch.iterdir()) == []


def test_what_a_killed_server_left_is_removed_by_the_next_one(serve, scratch):
    child, _ = serve()
    family = child.family()
    (left,) = scratch.glob("trimtab-weights-*")
    child.signal(signal.SIGKILL)
    child.end()
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}/exe").exists() for pid in family) and time.monotonic() < deadline:
        time.sleep(0.02)  # they die with it, and the lock of its folder with them
    assert left.is_dir()
    child, _ = serve()
    (new,) = scratch.glob("trimtab-weights-*")
    assert new != left
    assert ended(child) == 0
    assert list(scratch.iterdir()) == []
