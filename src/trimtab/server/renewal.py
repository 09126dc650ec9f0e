"""Certificates, keys and authorities that change on the disk while the server runs."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Final, TypeAlias, get_args

from trimtab.core.errors import Problem, UserError
from trimtab.server.logs import Log
from trimtab.server.settings import Settings
from trimtab.server.tls import Alpn, files_of, tls_of

__all__ = ["LOOK_S", "Renewal", "Watch"]

LOOK_S: Final = 1.0
_Stamp: TypeAlias = tuple[tuple[int, int, int, int] | None, ...]


class Renewal:
    """The contexts of all listeners: what the files said when they were last found whole.

    A process that is forked has what its parent had, and so can begin while they are not.
    """

    def __init__(self, settings: Settings) -> None:
        """Raises UserError (P306) for files of which no context can be made."""
        self.certificates = settings.guard.certificates
        self._settings = settings
        self._files = files_of(settings)
        self._seen = _stamp(self._files)
        self._contexts = _contexts(settings)
        self.version = 0  # goes up when the contexts are others
        self.faults: tuple[Problem, ...] = ()  # why the files, as they are now, have not replaced those before

    def context(self, protocol: Alpn) -> ssl.SSLContext | None:
        """What new connections speak; None for plain text."""
        return self._contexts[protocol]

    def look(self) -> bool:
        """Whether the contexts are others now. To be called about once a second; reads no file that has not changed."""
        now = _stamp(self._files)
        if now == self._seen and not self.faults:  # faults: a file may be written twice within one tick of its clock
            return False
        try:
            self._contexts = _contexts(self._settings)
        except UserError as error:
            self.faults = error.problems
            return False
        self._seen, self.faults = now, ()
        self.version += 1
        return True


class Watch:
    """Looks on behalf of one process for the others, which say nothing: what has become of the files is logged once."""

    def __init__(self, renewal: Renewal, log: Log) -> None:
        """The same files as all listeners have."""
        self._renewal = renewal
        self._log = log
        self._told: tuple[Problem, ...] = ()

    def look(self) -> None:
        """Look, and tell what is new."""
        if self._renewal.look():
            self._told = ()
            self._log("certificates renewed", {"level": "info"})
        elif self._renewal.faults != self._told:
            self._told = self._renewal.faults
            why = "; ".join(f"{problem.where}: {problem.what}" for problem in self._told)
            self._log("certificates not renewed", {"level": "error", "why": why})


def _contexts(settings: Settings) -> dict[Alpn, ssl.SSLContext | None]:
    return {protocol: tls_of(settings, protocol) for protocol in get_args(Alpn)}


def _stamp(files: tuple[Path, ...]) -> _Stamp:
    """What tells one state of files from another, behind links: Kubernetes renews secrets by changing one of these."""
    found: list[tuple[int, int, int, int] | None] = []
    for path in files:
        try:
            stat = path.stat()
        except OSError:
            found.append(None)
        else:
            found.append((stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size))
    return tuple(found)
