"""One server for all attacks that leave it whole, and others with settings of their own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Child
from tests.system.attacks.target import Target, a_free_port, answers, head, said


@pytest.fixture(scope="session")
def targets(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Target]]:
    """Starts servers: one serving process, one worker, small limits, the access log; they must end well."""
    started: list[Target] = []

    def begin(**settings: object) -> Target:
        port = a_free_port()
        common = {"processes": 1, "workers": 1, "access_log": True, "body_limit": 2**20, "admin_port": port}
        folder = tmp_path_factory.mktemp("target")
        command = [sys.executable, str(root / "tests/doubles/attacked.py"), json.dumps(common | settings)]
        started.append(Target(Child(command, folder, folder, dict(os.environ)), port))
        return started[-1]

    yield begin
    for target in started:
        target.child.signal(15)
    ends = [target.child.end() for target in started]
    for target in started:
        target.child.stop()
    assert ends == [0] * len(started)


@pytest.fixture(scope="session")
def real(workshops: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """`trimtab serve` of a bundle in a store, with a control plane; what it says is one line of JSON."""
    shop = workshops(tmp_path_factory.mktemp("shop"))
    shop.write(model="def predict(data):\n    return data['x'] * 2\n")
    shop.package(lock="off")
    trimtab = str(Path(sys.executable).parent / "trimtab")
    command = [trimtab, "serve", "small", "--store", str(shop.store.root), "--port", "0", "--processes", "1"]
    port = a_free_port()
    command += ["--workers", "1", "--admin-port", str(port), "--json"]
    child = Child(command, tmp_path_factory.mktemp("real"), shop.root, dict(os.environ))
    child.wait_until(lambda: "\n" in child.out)
    child.wait_until(lambda: answers(said(port, head("GET /v2/health/live", "connection: close"))) == [200])
    yield child
    child.stop()


@pytest.fixture(scope="session")
def shared(targets: Callable[..., Target]) -> Target:
    """The server that most attacks share."""
    return targets(header_timeout_s=2.0, body_timeout_s=2.0, answer_timeout_s=10.0)


@pytest.fixture
def target(shared: Target) -> Iterator[Target]:
    """That server: when the attack is over, its processes are the same and it answers."""
    before = shared.pids
    yield shared
    assert shared.lives()
    assert shared.pids == before
