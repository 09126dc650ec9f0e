"""The routes file: what is behind a router, and which of it answers. Written by whoever places the revisions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from trimtab.server.gateway.backends import Backend
from trimtab.server.gateway.settings import GatewaySettings
from trimtab.server.settings import Settings

__all__ = ["FIXED", "Routes", "Timeouts", "print_of"]

# what a router is started with; another value needs another process
FIXED: Final = ("name", "listen", "control", "state", "token", "hosts", "insecure", "tls", "plain_control")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds; connect, answer, still: as a gateway has them.

    health: between two looks. start: a new champion may take to be well. drain: what was taken may take at the end.
    """

    connect: float = 2.0
    answer: float = 60.0
    still: float = 60.0
    health: float = 1.0
    start: float = 30.0
    drain: float = 20.0


@dataclass(frozen=True, slots=True)
class Routes:
    """A file without faults.

    version: grows with every change. print: of what it says, so that two of one version are told apart. token: where
    the secret of the control plane is; empty for none. plain_control: it speaks no TLS, on the loopback address.
    """

    file: Path
    version: int
    print: str
    name: str
    listen: tuple[str, int]
    control: tuple[str, int]
    backends: Mapping[str, Backend]
    champion: str
    state: Path
    health: str = ""
    token: str = ""
    hosts: tuple[str, ...] = ()
    insecure: bool = False
    plain_control: bool = False
    tls: tuple[Path, Path] | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)

    @property
    def control_tls(self) -> tuple[Path, Path] | None:
        """What the control plane shows who it is with; None for plain HTTP."""
        return None if self.plain_control else self.tls

    @property
    def settings(self) -> GatewaySettings:
        """For what a gateway does; which backends are its arms is changed while it runs, and not read from here."""
        said, (host, port) = self.timeouts, self.listen
        serving = Settings(host=host, port=port, insecure=self.insecure, tls=self.tls, drain_timeout_s=said.drain)
        backend = self.backends[self.champion]
        return GatewaySettings(
            backend, backend, self.name, self.state, serving, self.health,
            connect_s=said.connect, answer_s=said.answer, still_s=said.still, health_s=said.health,
        )  # fmt: skip


def print_of(said: Mapping[str, Any]) -> str:
    """The same for files that say the same, however they are written."""
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
