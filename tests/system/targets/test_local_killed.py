"""An apply is killed on its way, while callers ask: none of them notices, and the next apply gets there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from tests.system.targets.conftest import Shelf

from trimtab.core.deployment import Deployment
from trimtab.targets.local.target import LocalTarget
from trimtab.testing import Callers, over_http, rows_of

SOME = [
    ["start", "hello"],  # the new server is there, and loads
    ["take_over", "replace", "replace"],  # it answers, and the old one too: between two names
]
MORE = [
    ["take_over", "end_of"], ["begin"], ["begin", "write"], ["_point"], ["start"], ["start", "bind"],
    ["start", "chmod"], ["take_over"], ["take_over", "end_of", "leave"], ["take_over", "end_of", "unlink"],
    ["take_over", "end"], ["take_over", "end", "write"], ["take_over", "end", "forget"],
]  # fmt: skip


@pytest.fixture
def killed(local: LocalTarget, root: Path) -> Callable[[Deployment, list[str]], None]:
    """Applies in a process that dies at that point."""

    def apply(wanted: Deployment, dies: list[str]) -> None:
        means = local.means
        orders = {"store": str(means.store), "folder": str(means.folder), "root": str(means.root)}
        text = msgspec.json.encode({**orders, "wanted": wanted, "dies": dies}).decode()
        command = [sys.executable, str(root / "tests/doubles/applying.py"), text]
        ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
        assert ended.returncode == -signal.SIGKILL, ended.stderr

    return apply


def test_a_first_apply_that_was_killed(
    local: LocalTarget, wanted: Deployment, killed: Callable[[Deployment, list[str]], None]
) -> None:
    killed(wanted, ["start", "hello"])
    left = local.status("small", "dev")
    assert (left.live, left.ready) == (None, False)
    assert "broken off" in left.differs[0]
    done = local.apply(wanted, lambda *_: None)
    assert (done.live, done.ready, done.differs) == (wanted, True, ())


def test_no_caller_notices_and_the_next_apply_gets_there(
    local: LocalTarget, shelf: Shelf, wanted: Deployment, killed: Callable[[Deployment, list[str]], None]
) -> None:
    rows = [rows_of(one) for one in (shelf.one, shelf.other)]
    address = local.apply(wanted, lambda *_: None).address

    def ask() -> tuple[str, str]:
        answered = over_http(address, "/v2/models/small/infer", rows[0].request)
        right = answered.status == 200 and any(not one.fault(answered.body) for one in rows)
        return ("answered", "") if right else ("", repr(answered))

    for number, dies in enumerate([*SOME, *MORE] if os.environ.get("EVERY_STEP") else SOME):
        bundle = (shelf.other, shelf.one)[number % 2].digest
        other = replace(wanted, bundle=bundle, timeout_s=5.0 + number)
        with Callers(ask, threads=2) as callers:
            killed(other, dies)
            local.status("small", "dev")
            done = local.apply(other, lambda *_: None)
        assert (done.live, done.ready, done.differs) == (other, True, ()), dies
        assert not callers.faults, dies
        assert sorted(path.name for path in local.place("small", "dev").folder.glob("*") if path.is_socket()) == [
            "seat"
        ]
