"""The keeper beside a server: now and then a process that seals, forgets, ships and tidies the journal, and ends.

Sealing needs libraries that no serving process loads, and time that none has.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from trimtab.server.journal.settings import JournalSettings
from trimtab.server.logs import Log

__all__ = ["Keeping", "command_of"]

Command: TypeAlias = Sequence[str]
_PROGRAM: Final = "trimtab.journal.seal.program"
_FIRST_S: Final = 10.0  # what a server before this one has left is not urgent
_OFTEN_S, _SELDOM_S = 30.0, 600.0  # between two passes
_SHOWN: Final = 4000


class Keeping:
    """Looks after one keeper at a time; everything on the supervisor's thread."""

    def __init__(
        self, settings: JournalSettings, log: Log, command: Command, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """command: the keeper's, as `command_of` has it."""
        self._log, self._clock, self._command = log, clock, command
        self._every_s = min(max(settings.rotate_s, _OFTEN_S), _SELDOM_S)
        self._due = clock() + min(_FIRST_S, self._every_s)
        self._process: subprocess.Popen[bytes] | None = None
        self._told: list[Any] = []

    def look(self) -> None:
        """Start one when it is time; hear what the last one has done."""
        process = self._process
        if process is not None:
            if process.poll() is not None:
                self._process = None
                self._due = self._clock() + self._every_s
                self._hear(process)
        elif self._clock() >= self._due:
            self._start()

    def _start(self) -> None:
        try:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        except OSError as error:
            self._due = self._clock() + self._every_s
            self._tell([{"what": f"no process for it: {error.strerror or error}"}])

    def _hear(self, process: subprocess.Popen[bytes]) -> None:
        said, cried = process.communicate()
        try:
            told = msgspec.json.decode(said)
            problems = told["problems"]
        except (msgspec.DecodeError, KeyError, TypeError):
            what = cried[-_SHOWN:].decode("utf-8", "replace")
            problems, told = [{"what": f"the keeper ended with status {process.returncode}: {what}"}], {}
        if told.get("sealed", {}).get("segments"):
            self._log("journal sealed", {"level": "info", **told["sealed"]})
        self._tell(problems)

    def _tell(self, problems: list[Any]) -> None:
        """What is wrong is said when it is new, not every time."""
        for problem in problems:
            if problem not in self._told:
                self._log("journal not in order", {"level": "error", **problem})
        self._told = problems

    def close(self) -> None:
        """It is ended, wherever it is: the next one goes on."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def command_of(settings: JournalSettings) -> list[str]:
    """The keeper's command line; it ends with this process."""
    words = [sys.executable, "-m", _PROGRAM, str(settings.folder), "--parent", str(os.getpid())]
    if settings.keep_s is not None:
        words += ["--keep", f"{settings.keep_s:g}"]
    if settings.size is not None:
        words += ["--size", str(settings.size)]
    for destination in settings.ship:
        words += ["--ship", destination]
    return words
