"""A bundle that a server has is never removed, by whatever process it serves, and is free when the last one is gone."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from trimtab.bundle.collect import collect
from trimtab.bundle.stock import Limits, stock
from trimtab.bundle.store import LATEST, Store

START = "from trimtab.cli.main import main; main()"


def until(true: Callable[[], bool], patience_s: float = 20.0) -> bool:
    """Whether it comes true in time."""
    end = time.monotonic() + patience_s
    while not (held := true()) and time.monotonic() < end:
        time.sleep(0.05)
    return held


def used(store: Store) -> set[str]:
    """Digests of the bundles that some process has."""
    return {one.entry.digest for one in stock(store) if one.used}


@pytest.fixture
def two(workshop: Any) -> tuple[Path, list[str]]:
    """A store with two bundles of one name, of which the first is the latest."""
    made = []
    for word in ("1", "2"):
        workshop.write(model=f"def predict(data):\n    return data['x'] * {word}\n")
        made.append(workshop.package(lock="off").digest)
    workshop.store.tag("small", LATEST, made[0])
    return workshop.store.root, made


def test_a_server_keeps_its_bundle_through_a_change_and_a_crash(two: tuple[Path, list[str]]) -> None:
    root, (first, second) = two
    store = Store(root)
    command = [sys.executable, "-c", START, "serve", "small", "--store", str(root), "--port", "0", "--processes", "2"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    server = subprocess.Popen(
        [*command, "--admin-port", port], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        assert until(lambda: used(store) == {first})
        time.sleep(1)  # workers load later; they have the lease from their parents
        store.tag("small", LATEST, second)
        assert collect(Store(root), Limits(keep=0)).bundles == ()
        server.send_signal(signal.SIGHUP)
        assert until(lambda: used(store) == {second}), used(store)
        assert [entry.digest for entry in collect(Store(root), Limits(keep=0)).bundles] == [first]
        assert server.poll() is None
        os.kill(server.pid, signal.SIGKILL)
        assert until(lambda: used(store) == set())
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.communicate()


def test_the_verb_says_who_is_in_the_way(two: tuple[Path, list[str]]) -> None:
    root, (first, second) = two
    bundle = Store(root).resolve(second)
    command = [sys.executable, "-c", START, "store", "gc", "--keep", "0", "--delete", "--json", "--store", str(root)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert (told["used"], told["removed"]) == ([bundle.digest], [])
    del bundle
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert [one["digest"] for one in told["removed"]] == [second]
    assert Store(root).resolve("small").digest == first
