"""What a machine of GitHub Actions or Azure Pipelines does for a job: a clean clone, and one bash for each step."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

__all__ = ["Agent", "Done", "Occasion", "git", "read_pipeline"]


def read_pipeline(text: str) -> dict:
    """By a reader of YAML 1.2, as the services have one; the library that wrote the text is another."""
    library = pytest.importorskip("ruamel.yaml", reason="needs check-jsonschema, which brings another reader of YAML")
    return library.YAML(typ="safe", pure=True).load(text)


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a pipeline runs. event: `push` or `pull_request`."""

    ref: str
    event: str = "push"
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """One step that ran. env: what was set for it alone."""

    job: str
    title: str
    script: str
    status: int
    out: str
    err: str
    env: Mapping[str, str]


class Agent:
    """The machine of one job; nothing of another job's is on it but what both can reach by network: the origin.

    pretends: what each script would end with, in place of running it: 1 where it has one of these words, else 0; then
    nothing is cloned either.
    """

    def __init__(
        self, origin: Path, folder: Path, path: str, job: str, pretends: tuple[str, ...] | None = None
    ) -> None:
        self.pretends = pretends
        self.origin, self.folder, self.job = origin, folder, job
        self.work, self.home = folder / "work", folder / "home"
        self.home.mkdir(parents=True)
        settings = "[user]\nname = robot\nemail = robot@example.com\n[safe]\ndirectory = *\n"
        (self.home / ".gitconfig").write_text(settings)
        # what pip installs goes where only this machine looks; what is tested stays the one that runs the tests
        self.environ = {"PATH": path, "HOME": str(self.home), "CI": "true", "PIP_TARGET": str(folder / "installed")}
        self.environ |= {name: value for name, value in os.environ.items() if name in ("LANG", "TMPDIR")}
        self.done: list[Done] = []

    def clone(self, ref: str, *, writes: bool, clean: bool = True) -> str:  # noqa: ARG002 # there is nothing to clean
        """The origin's commit of the ref, with all history, on no branch; its digest."""
        if self.pretends is not None:
            self.work.mkdir()
            return "c" * 40
        assert not self.work.exists(), "each job checks out once"
        subprocess.run(["git", "clone", "-q", "--no-checkout", str(self.origin), str(self.work)], check=True)
        git(self.work, "fetch", "-q", "origin", f"+{ref}:refs/remotes/trigger")
        git(self.work, "checkout", "-q", "--detach", "refs/remotes/trigger^{commit}")
        if not writes:
            git(self.work, "remote", "set-url", "--push", "origin", "/nowhere/read-only")
        return git(self.work, "rev-parse", "HEAD")

    def run(self, title: str, script: str, env: Mapping[str, str], flags: str, below: str = "") -> Done:
        """As a file that bash is given, as both services do."""
        if self.pretends is not None:
            status = int(any(word in script for word in self.pretends))
            digest = f"sha256:{'d' * 64}"
            if "--hand-on" in script and (outputs := self.environ.get("GITHUB_OUTPUT")):
                Path(outputs).write_text(f"digest={digest}\n")
            out = f"##vso[task.setvariable variable=digest;isOutput=true]{digest}\n" if "--hand-on" in script else ""
            self.done.append(Done(self.job, title, script, status, out, "", dict(env)))
            return self.done[-1]
        file = self.folder / f"step-{len(self.done)}.sh"
        file.write_text(f"{script}\n")
        command = ["bash", "--noprofile", "--norc", *flags.split(), str(file)]
        environ = {**self.environ, **env}
        done = subprocess.run(
            command, cwd=self.work / below, env=environ, capture_output=True, text=True, check=False, timeout=120
        )
        self.done.append(Done(self.job, title, script, done.returncode, done.stdout, done.stderr, dict(env)))
        return self.done[-1]

    def copy(self, what: Path, where: Path | str) -> None:
        """To or from what the service keeps between jobs."""
        if self.pretends is None:
            shutil.copy(what, where)
