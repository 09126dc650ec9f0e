"""Ann, Bob, and the project that they release: a line, of which there are three models."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from tests.doubles.clones import git
from tests.doubles.dying import Fate
from tests.doubles.office import Office
from tests.system.others import Running
from tests.system.targets.conftest import free_ports

from trimtab.targets.local.target import LocalTarget
from trimtab.targets.target import Means

SOAK = bool(os.environ.get("SOAK"))
PROJECT = """\
name = "line"
[model]
path = "model:predict"
golden = "sample.csv"
rows = 3
lock = "off"
compile = false
[server]
processes = 1
workers = 1
[limits]
errors = {{ at_most = 0.05 }}
[flight]
minimum = 30
[release]
record = "git"
registry = "{registry}/line"
[env.dev]
branch = "main"
target = {{ kind = "local", port = {ports[0]} }}
[env.staging]
after = "dev"
branch = "main"
requires = ["scan", "compatible"]
target = {{ kind = "local", port = {ports[1]} }}
[env.prod]
after = "staging"
tag = "v*"
approvals = 1
approvers = ["ann", "bob"]
flight = {{ kind = "canary", steps = [20, 50], watch = "1s", give_up = "90s" }}
target = {{ kind = "local", port = {ports[2]} }}
server = {{ admin = {ports[3]} }}
[pipeline]
kinds = ["github"]
runner = "self-hosted"
"""
MODEL = """\
import numpy as np

def predict(rows):
    x = np.asarray(rows["x"], dtype="float64")
{breaks}    return {{"y": {slope} * x + 1.0}}
"""
BREAKS = """\
    if (x > 5).any():
        raise ValueError("so far?")
"""


@pytest.fixture
def office(tmp_path: Path, signers: ModuleType, run_registry: Callable[[], Running]) -> Iterator[Office]:
    """Ann has pushed a project without its model; what runs on the machine in the end is removed."""
    chance = random.Random(time.time_ns() if SOAK else 8)
    office = Office(tmp_path, Fate(chance, 4 if SOAK else 1, anywhere=SOAK))
    ann = office.joins("ann")
    (ann / "keys").mkdir()
    for name in ("ann", "bob"):
        person = signers.person(name)
        (tmp_path / f"{name}.pem").write_bytes(person.private().pem)
        (ann / f"keys/{name}.pub").write_bytes(person.public.pem)
    (ann / "requirements").mkdir()
    (ann / "requirements/release.txt").write_text("")
    (ann / "trimtab.toml").write_text(PROJECT.format(registry=run_registry().address, ports=free_ports(4)))
    (ann / "sample.csv").write_text("x\n1.0\n2.5\n3.0\n")
    (ann / ".gitignore").write_text(".trimtab/\nledger/\n__pycache__/\n")
    office.types("ann", "pipeline")
    pushed(office, 2.0)
    for name in ("bob", "machine"):
        office.joins(name)
    yield office
    target = LocalTarget(Means(tmp_path / "machine/.trimtab", tmp_path / "machine/.trimtab/targets", tmp_path))
    for path in (tmp_path / "machine/.trimtab/targets/local").glob("*/*/"):
        target.remove(path.name, path.parent.name)


def pushed(office: Office, slope: float, breaks: str = "", tag: str = "") -> None:
    """Ann commits another model on main, and tags it perhaps."""
    ann = office.folder / "ann"
    (ann / "model.py").write_text(MODEL.format(slope=slope, breaks=breaks))
    git(ann, "add", ".")
    git(ann, "commit", "--quiet", "--message", f"a slope of {slope}")
    git(ann, "push", "--quiet", "origin", "main")
    if tag:
        tagged(office, tag)


def tagged(office: Office, tag: str) -> None:
    git(office.folder / "ann", "tag", tag)
    git(office.folder / "ann", "push", "--quiet", "origin", tag)


@contextmanager
def tag_moves(office: Office, tag: str) -> Iterator[None]:
    """Somebody moves it as soon as a release to production has begun; afterwards it is where it was."""
    hook, was = office.remote / "hooks/post-receive", git(office.remote, "rev-parse", f"refs/tags/{tag}")
    hook.parent.mkdir(exist_ok=True)
    begun = 'git log -1 --format=%s refs/heads/releases | grep -q "release begun: prod"'
    hook.write_text(f"#!/bin/sh\n! {begun} || git update-ref refs/tags/{tag} refs/heads/main~1\n")
    hook.chmod(0o755)
    yield
    hook.unlink()
    git(office.remote, "update-ref", f"refs/tags/{tag}", was)
