"""The engine itself: one place where its program runs. Commands come from `commands.py`; tests hand in a double."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from trimtab.core.errors import OutsideError, Problem, did_you_mean
from trimtab.targets.container.commands import Dialect
from trimtab.targets.faults import no_answer

__all__ = ["ENGINES", "Done", "Engine", "Program", "must", "program_of"]

ENGINES: Final[tuple[Dialect, ...]] = ("podman", "docker")  # in the order in which they are looked for
_PATIENCE_S: Final = 600.0  # an image that is pulled
_LONGEST: Final = 300  # characters of what an engine says, in a message


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said."""

    status: int
    out: str = ""
    err: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """What it printed, line by line, without empty ones."""
        return tuple(line.strip() for line in self.out.splitlines() if line.strip())


class Engine(Protocol):
    """podman or docker. A command that fails is no exception: OutsideError P502 where none can be run at all."""

    @property
    def dialect(self) -> Dialect:
        """Which of both."""

    def __call__(self, words: Sequence[str], given: bytes = b"", variables: Mapping[str, str] | None = None) -> Done:
        """Runs it. given: its standard input. variables: of its environment, beside what is there."""


@dataclass(frozen=True, slots=True)
class Program:
    """The program on this machine, with the environment that it is started in."""

    path: str
    dialect: Dialect

    def __call__(self, words: Sequence[str], given: bytes = b"", variables: Mapping[str, str] | None = None) -> Done:
        """See `Engine`."""
        command, environ = [self.path, *words], {**os.environ, **(variables or {})}
        try:
            done = subprocess.run(
                command, input=given, env=environ, capture_output=True, check=False, timeout=_PATIENCE_S
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            said = getattr(error, "strerror", None) or f"no answer within {_PATIENCE_S:g} s"
            raise no_answer(f"`{self.dialect} {words[0]}` failed: {said}", self.path) from None
        return Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def program_of(wanted: str) -> Program:
    """The engine of that name, or the first that is installed; OutsideError P521 where there is none."""
    for dialect in ENGINES if not wanted else [one for one in ENGINES if one == wanted]:
        if path := shutil.which(dialect):
            return Program(path, dialect)
    what = f"`{wanted}` is not installed" if wanted else "neither `podman` nor `docker` is installed"
    raise OutsideError(Problem("P521", what, "PATH", did_you_mean(wanted, ENGINES) or "`apt-get install podman`"))


def must(engine: Engine, words: Sequence[str], given: bytes = b"", variables: Mapping[str, str] | None = None) -> Done:
    """What a command said that must work; OutsideError P502 with the last line of what it said instead."""
    done = engine(words, given, variables)
    if done.status == 0:
        return done
    lines = [line for line in done.err.splitlines() if line.strip()]
    said = lines[-1].strip()[:_LONGEST] if lines else f"exit status {done.status}"
    hint = f"`{engine.dialect} {words[0]}` says it; `{engine.dialect} info` tells whether it works at all"
    raise no_answer(f"the engine failed: {said}", engine.dialect, hint)
