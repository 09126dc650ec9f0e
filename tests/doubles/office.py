"""Two people with clones of one bare repository, and a machine with a clone too, that endpoints run on."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.doubles.agents import Agent, Done, Occasion, read_pipeline
from tests.doubles.clones import bare, clone, git
from tests.doubles.dying import Fate, Ran
from tests.doubles.github_runner import GithubRunner

__all__ = ["Office", "OwnRunner"]


@dataclass(slots=True)
class Office:
    """remote, ann, bob, machine: folders. fate: of what they type. env: of every process."""

    folder: Path
    fate: Fate
    env: Mapping[str, str] = field(init=False)
    remote: Path = field(init=False)

    def __post_init__(self) -> None:
        (self.folder / "home").mkdir()
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.env = {"PATH": path, "HOME": str(self.folder / "home"), "GIT_CONFIG_NOSYSTEM": "1"}
        self.remote = bare(self.folder / "remote.git")

    def joins(self, name: str) -> Path:
        """A clone of theirs."""
        made = clone(self.remote, self.folder / name)
        git(made, "config", "user.name", name.title())
        git(made, "config", "user.email", f"{name}@example.org")
        return made

    def types(self, who: str, *words: str, status: int = 0, dies: tuple[int, ...] = ()) -> Ran:
        """`trimtab` with these words, in their clone. dies: see `Fate.run`."""
        ran = self.fate.run(["trimtab", *words], self.folder / who, self.env, dies)
        assert ran.status == status, f"{who}: {' '.join(words)}: {ran}"
        return ran

    def reads(self, who: str, *words: str) -> Any:
        """The data that it prints."""
        return json.loads(self.types(who, *words, "--json").out)

    def runner(self, text: str, dies: Mapping[tuple[str, str], tuple[int, ...]]) -> OwnRunner:
        """Of the pipeline that is in this text. dies: by the job and the title of a step."""
        return OwnRunner(self, read_pipeline(text), dies)


class OwnRunner(GithubRunner):
    """A runner of one's own: all of its jobs are on the one machine, in the one checkout, one after the other."""

    def __init__(self, office: Office, workflow: dict, dies: Mapping[tuple[str, str], tuple[int, ...]]) -> None:
        folder = Path(tempfile.mkdtemp(prefix="jobs-", dir=office.folder))
        super().__init__(workflow, office.remote, folder, office.env["PATH"])
        self.office, self.dies = office, dies

    def agent(self, job: str) -> Agent:
        """See `GithubRunner`."""
        return Machine(self, job)

    def goes(self, name: str, occasion: Occasion, result: str = "success") -> list[Done]:
        """The steps of that job, which has that result."""
        before = len(self.done)
        assert self.turn(name, occasion) == result, self.done[before:]
        return self.done[before:]


class Machine(Agent):
    """What it has of earlier jobs stays."""

    def __init__(self, runner: OwnRunner, job: str) -> None:
        folder = runner.folder / f"{job}-{len(runner.done)}"
        super().__init__(runner.origin, folder, runner.path, job)
        self.runner, self.work = runner, runner.office.folder / "machine"

    def clone(self, ref: str, *, writes: bool, clean: bool = True) -> str:
        """As the action of the service does it in a folder that is there already."""
        git(self.work, "fetch", "--quiet", "--tags", "origin", f"+{ref}:refs/remotes/trigger")
        if clean:
            git(self.work, "clean", "-ffdxq")
        git(self.work, "checkout", "--quiet", "--force", "--detach", "refs/remotes/trigger^{commit}")
        git(self.work, "config", "remote.origin.pushurl", str(self.origin) if writes else "/nowhere/read-only")
        return git(self.work, "rev-parse", "HEAD")

    def run(self, title: str, script: str, env: Mapping[str, str], flags: str, below: str = "") -> Done:
        """What is installed is what is tested here."""
        assert not below
        if title == "Install":
            return Done(self.job, title, script, 0, "", "", dict(env))
        words = ["bash", "--noprofile", "--norc", *flags.split(), "-c", script]
        environ = {**self.environ, **env}
        ran = self.runner.office.fate.run(words, self.work, environ, self.runner.dies.get((self.job, title), ()))
        self.done.append(Done(self.job, title, script, ran.status, ran.out, ran.err, dict(env)))
        return self.done[-1]
