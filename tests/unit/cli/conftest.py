"""A command line run in this process, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from trimtab.cli.main import run


class Said(NamedTuple):
    """Exit status, data and talk of one command line."""

    status: int
    out: str
    err: str


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the command line is typed in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def type_in(here: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:  # noqa: ARG001  # in that folder
    """Runs one command line: type_in("check", "churn")."""

    def type_(*words: Any) -> Said:
        status = run([str(word) for word in words])
        return Said(status, *capsys.readouterr())

    return type_


@pytest.fixture
def project(here: Path) -> Path:
    """A trimtab.toml whose model is a function of a local module."""
    (here / "own_model.py").write_text("def predict(data):\n    return {'score': data['x']}\n")
    (here / "sample.jsonl").write_text('{"x": 1.5}\n')
    lines = ['name = "churn"', "[model]", 'path = "own_model:predict"', 'golden = "sample.jsonl"', "rows = 3"]
    (here / "trimtab.toml").write_text("\n".join([*lines, "[server]", "port = 9000", ""]))
    return here
