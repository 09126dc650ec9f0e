"""Runs `git`, and nothing of the repository with it: no hook, no prompt, no setting from around us but credentials."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from trimtab.core.errors import OutsideError, Problem, UserError

__all__ = ["FAR_S", "Done", "Git", "environment_of"]

NEAR_S: Final = 60.0  # longest that git may take with what is on this machine
FAR_S: Final = 120.0  # and with what is not
# no program that a repository's settings name, and nothing done in passing
_SETTINGS: Final = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "safe.bareRepository=explicit", "log.showSignature=false",
    "gc.auto=0", "maintenance.auto=false", "push.gpgSign=false", "advice.detachedHead=false",
)  # fmt: skip
# how credentials and proxies reach git; everything else that begins with GIT_ would have it look elsewhere
_KEPT: Final = re.compile(
    r"GIT_(SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|SSL_\w+|PROXY_\w+|HTTP_\w+|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+))"
)
_FIXED: Final = {
    "GIT_TERMINAL_PROMPT": "0", "GCM_INTERACTIVE": "never", "SSH_ASKPASS_REQUIRE": "never", "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Done:
    """What it said. status: 0 when it did what it was asked to."""

    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """What it answered, without the end of the line."""
        return self.out.decode(errors="replace").strip()


def environment_of(environ: Mapping[str, str]) -> dict[str, str]:
    """What git is given of ours."""
    kept = {key: value for key, value in environ.items() if not key.startswith("GIT_") or _KEPT.fullmatch(key)}
    kept.pop("LANGUAGE", None)
    return kept | _FIXED


@dataclass(frozen=True, slots=True)
class Git:
    """The repository that holds a folder, or none. environ: what git is given, of the process if nothing is said."""

    folder: Path
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    program: str = "git"

    def run(
        self, *arguments: str, data: bytes = b"", more: Mapping[str, str] | None = None, limit_s: float = NEAR_S
    ) -> Done:
        """Whatever comes of it. data: its input. more: variables beside the others.

        UserError P482 without the program; OutsideError P483 where it takes longer than that.
        """
        settings = [part for one in _SETTINGS for part in ("-c", one)]
        command = [self.program, "-C", str(self.folder), *settings, *arguments]
        environment = environment_of(self.environ) | dict(more or {})
        try:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=True,  # without a terminal nobody is asked for a password
            )  # fmt: skip
        except OSError as error:
            what = f"`{self.program}` cannot be run: {(error.strerror or str(error)).lower()}"
            raise UserError(Problem("P482", what, str(self.folder), "install git")) from None
        try:
            out, err = process.communicate(data, timeout=limit_s)
        except subprocess.TimeoutExpired:
            _end(process)
            what = f"`git {arguments[0]}` did not end within {limit_s:g} s"
            raise OutsideError(Problem("P483", what, str(self.folder), "look at the network, and try again")) from None
        except BaseException:
            _end(process)
            raise
        return Done(process.returncode, out, err.decode(errors="replace").strip())

    def ask(self, *arguments: str, data: bytes = b"", more: Mapping[str, str] | None = None) -> str:
        """What it answers. UserError P482 for what is no repository; OutsideError P483 for anything else."""
        done = self.run(*arguments, data=data, more=more)
        if done.status:
            raise self.fault(done, arguments[0])
        return done.text

    def fault(self, done: Done, verb: str) -> UserError | OutsideError:
        """Why it did not, as an error that says what to do."""
        where, said = str(self.folder), _last(done.err)
        if "dubious ownership" in done.err:
            hint = f"git config --global --add safe.directory {where}"
            return UserError(Problem("P482", "the repository belongs to another user", where, hint))
        if "not a git repository" in done.err:
            return UserError(Problem("P482", "this is no git repository", where, f"git init {where}"))
        return OutsideError(Problem("P483", f"`git {verb}` failed: {said}", where, "mend it, and try again"))


def _end(process: subprocess.Popen[bytes]) -> None:
    """It and what it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _last(err: str) -> str:
    """The line that says why, without addresses' passwords and without control characters."""
    lines = [line for line in err.splitlines() if line.strip() and not line.startswith("hint:")]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    line = (fatal or lines or ["it did not say why"])[-1 if not fatal else 0]
    line = re.sub(r"://[^/@\s]+@", "://", line.removeprefix("fatal: ").removeprefix("error: "))
    return "".join(char for char in line if char.isprintable())[:300]
