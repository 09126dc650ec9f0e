"""Two environments on this machine, as a person types it: releases, settings, what answers otherwise, kill -9, back."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.plain_bundles import plain_bundle

from trimtab.bundle.store import Store
from trimtab.cli.client import Asked, ask
from trimtab.cli.main import run
from trimtab.targets.local.target import LocalTarget
from trimtab.targets.target import Means

PROJECT = """name = "small"
[model]
path = "model:predict"
[server]
processes = 1
workers = 1
[env.dev]
target = {{ kind = "local", port = {0} }}
[env.prod]
after = "dev"
target = {{ kind = "local", port = {1} }}
server = {{ rows = {2} }}
"""


class Desk:
    """A folder that commands are typed in."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        store = Store(folder / ".trimtab")
        self.one, self.other = (plain_bundle(store, factor) for factor in (2.0, 3.0))
        self.broken = plain_bundle(store, 4.0, answers=5.0)
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.ports = [one.getsockname()[1] for one in sockets]
        for one in sockets:
            one.close()
        self.says(rows=100)

    def says(self, rows: int) -> None:
        (self.folder / "trimtab.toml").write_text(PROJECT.format(*self.ports, rows))

    def type(self, *words: str, status: int = 0) -> str:
        """What it prints."""
        got = run(words)
        said = self._capsys.readouterr()
        assert got == status, said.out + said.err
        return said.out + said.err

    def read(self, *words: str) -> Any:
        """The data that it prints."""
        got = run([*words, "--json"])
        said = self._capsys.readouterr()
        assert got == 0, said.out + said.err
        return json.loads(said.out)

    def live(self, environment: str) -> tuple[str, int, bool]:
        """Digest and rows that are live there, and whether all is well."""
        (found,) = self.read("status", environment)["environments"]
        return found["live"]["bundle"], found["live"]["server"]["rows"], found["well"]

    def factor(self, environment: str) -> float:
        """What the model multiplies by."""
        port = self.ports[environment == "prod"]
        asked = Asked(f"http://127.0.0.1:{port}", "small")
        return ask(asked, [{"x": 1.0}])["rows"][0]["y"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """What was left running is removed."""
    monkeypatch.chdir(tmp_path)
    yield Desk(tmp_path, capsys)
    target = LocalTarget(Means(tmp_path / ".trimtab", tmp_path / ".trimtab/targets", tmp_path), patience_s=60.0)
    for path in (tmp_path / ".trimtab/targets/local").glob("*/*/"):
        target.remove(path.name, path.parent.name)


def killed(desk: Desk) -> None:
    """`trimtab release prod`, whose process dies when its target has begun."""
    command = [sys.executable, "-m", "trimtab", "release", "prod"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=desk.folder, env=dict(os.environ)) as child:
        assert child.stdout is not None
        assert any(line.startswith("starting") for line in child.stdout)
        child.send_signal(signal.SIGKILL)
        assert child.wait(30) == -signal.SIGKILL


def test_the_same_bytes_move_on_and_every_step_is_in_the_history(desk: Desk) -> None:
    """Released to both, refused, changed, killed, gone on with, and rolled back."""
    refused = desk.type("release", desk.one.digest, "--to", "prod", status=1)
    assert "error[P463]: not released to `prod`: after: it is not live in `dev`" in refused
    desk.type("release", desk.one.digest, "--to", "dev")
    assert "as r2, in" in desk.type("release", "prod")
    assert (desk.factor("dev"), desk.factor("prod")) == (2.0, 2.0)

    taken_back = desk.type("release", desk.broken.digest, "--to", "dev", status=1)
    assert "error[P464]: release `r3` did not come up: " in taken_back
    assert desk.factor("dev") == 2.0
    desk.type("release", desk.other.digest, "--to", "dev")

    desk.says(rows=200)
    dry = desk.type("release", "prod", "--dry-run")
    assert "change     bundle  " in dry
    assert "change     server.rows  100 -> 200" in dry
    killed(desk)
    assert "under way: r5" in desk.type("status", "prod")
    went_on = desk.read("release", "prod", "--resume")
    assert (went_on["release"], went_on["outcome"], went_on["steps"]) == ("r5", "released", ["applied"])
    assert desk.live("prod") == (desk.other.digest, 200, True)
    assert desk.factor("prod") == 3.0
    assert "unchanged" in desk.type("release", "prod")

    desk.type("rollback", "prod")
    assert desk.live("prod") == (desk.one.digest, 100, True)
    assert desk.factor("prod") == 2.0
    history = desk.read("history")["releases"]
    assert [(one["environment"], one["why"], one["outcome"]) for one in history] == [
        ("dev", "release", "released"),
        ("prod", "release", "released"),
        ("dev", "release", "rolled back"),
        ("dev", "release", "released"),
        ("prod", "release", "released"),
        ("prod", "rollback", "released"),
    ]
    assert "withdrawn  small@sha256:" in desk.type("withdraw", "prod")
    assert "prod       nothing runs" in desk.type("status", "prod")
