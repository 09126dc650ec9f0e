"""Real git repositories for tests: a bare one that is everybody's remote, and clones of two people."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

WHO = {
    "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org", "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
}  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    """What git answers; an error of the test where it does not."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    ran = subprocess.run(
        ["git", "-C", str(folder), *arguments], env={**plain, **WHO}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def bare(folder: Path) -> Path:
    """An empty remote."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "--template=")
    git(folder, "config", "core.fsync", "none")  # no test cuts the power
    return folder


def clone(remote: Path, folder: Path, *options: str) -> Path:
    """A clone, where `main` is checked out if there is one."""
    git(remote.parent, "clone", "--quiet", "--config=core.fsync=none", *options, f"file://{remote}", str(folder))
    if not options and not git(folder, "branch", "--list", "main"):
        git(folder, "symbolic-ref", "HEAD", "refs/heads/main")
    return folder


def commit(folder: Path, name: str = "file", text: str = "1", message: str = "more") -> str:
    """A commit that writes the file; its name."""
    (folder / name).write_text(text)
    git(folder, "add", name)
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def pair(folder: Path) -> tuple[Path, Path]:
    """A bare remote and a clone whose first commit is pushed; copied, as making one takes ten programs."""
    template = _template()
    for name in ("remote.git", "mine"):
        shutil.copytree(template / name, folder / name)
    config = folder / "mine/.git/config"
    config.write_text(config.read_text().replace(str(template), str(folder)))
    git(folder / "mine", "update-index", "-q", "--refresh")
    return folder / "remote.git", folder / "mine"


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="trimtab-clones-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    remote = bare(folder / "remote.git")
    mine = clone(remote, folder / "mine")
    commit(mine)
    git(mine, "push", "--quiet", "origin", "main")
    return folder
