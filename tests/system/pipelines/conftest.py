"""A small project in a git repository, with the pipelines that `trimtab pipeline` writes for it."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from tests.doubles.agents import git
from tests.system.pipelines.stand_in import STOOD_IN, stand_in

TOML = """\
name = "small"
[model]
path = "model:predict"
golden = "sample.csv"
rows = 2
lock = "off"
compile = false
[trust]
keys = ["robot.pub"]
[release]
record = "git"
[env.dev]
branch = "main"
target = { kind = "shelf" }
[env.staging]
after = "dev"
branch = "main"
target = { kind = "shelf" }
secrets = { TOKEN = "env:STAGING_TOKEN" }
requires = ["golden"]
[pipeline]
kinds = ["github", "azure"]
key = "SIGNING"
connections = { staging = "ml-staging" }
"""
ONE = "".join(line for line in TOML.replace("dev", "staging").splitlines(True) if "after" not in line).replace(
    '[env.staging]\nbranch = "main"\ntarget = { kind = "shelf" }\n', "", 1
)
MODEL = """\
import numpy as np

def predict(rows):
    return {"y": np.asarray(rows["x"], dtype="float64") * 2.0}
"""


@dataclass(frozen=True, slots=True)
class Repository:
    """A bare repository that agents clone, and the clone that a person works in.

    path: where agents find programs. secrets: what the service keeps for the project: the key that signs, whose public
    half the project trusts, and a secret of one environment.
    """

    origin: Path
    mine: Path
    path: str
    noted: Path
    secrets: Mapping[str, str]

    def commit(self, **files: str) -> None:
        for name, text in files.items():
            (self.mine / name).write_text(text)
        git(self.mine, "add", "-A")
        git(self.mine, "commit", "-q", "-m", "change")
        git(self.mine, "push", "-q", "origin", "HEAD:main")


@pytest.fixture
def repository(tmp_path: Path, signers: ModuleType) -> Repository:
    """With two environments."""
    return make_repository(tmp_path, signers, TOML)


@pytest.fixture
def repository_of_one(tmp_path: Path, signers: ModuleType) -> Repository:
    """With one environment: what a second one adds, the other service shows."""
    return make_repository(tmp_path, signers, ONE)


def make_repository(folder: Path, signers: ModuleType, toml: str) -> Repository:
    robot = signers.person("robot")
    if ("check", "--for") in STOOD_IN:  # then nothing finds out what is required
        toml = toml.replace('requires = ["golden"]\n', "")
    origin, mine = folder / "origin.git", folder / "mine"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(origin)], check=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(mine)], check=True)
    for name, value in (("user.name", "Ann"), ("user.email", "ann@example.com")):
        git(mine, "config", name, value)
    git(mine, "remote", "add", "origin", str(origin))
    for name, text in {"trimtab.toml": toml, "model.py": MODEL, "sample.csv": "x\n1.0\n2.5\n"}.items():
        (mine / name).write_text(text)
    (mine / "robot.pub").write_bytes(robot.public.pem)
    (mine / ".gitignore").write_text(".trimtab/\n")
    lock_of_a_wheel(mine / "requirements")
    noted = folder / "noted"
    secrets = {"SIGNING": robot.private().pem.decode(), "STAGING_TOKEN": "hush-hush"}
    found = Repository(origin, mine, stand_in(folder / "bin", noted), noted, secrets)
    done = subprocess.run(["trimtab", "pipeline"], cwd=mine, capture_output=True, text=True, check=False,
                          env={**os.environ, "PATH": found.path})  # fmt: skip
    assert done.returncode == 0, done.stderr
    found.commit()
    return found


def lock_of_a_wheel(folder: Path) -> None:
    """A wheel of nothing and a hashed lock that names it: what `pip --require-hashes` does is seen without an index."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    wheel = wheels / "probe-1.0-py3-none-any.whl"
    files = {
        "probe.py": "",
        "probe-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: probe\nVersion: 1.0\n",
        "probe-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        record = []
        for name, text in files.items():
            archive.writestr(name, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(text)}\n")
        archive.writestr("probe-1.0.dist-info/RECORD", "".join([*record, "probe-1.0.dist-info/RECORD,,\n"]))
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock = f"--no-index\n--find-links wheels\nprobe==1.0 --hash=sha256:{digest}\n"
    (folder / "release.txt").write_text(lock)
