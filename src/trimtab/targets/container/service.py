"""One container as a value: what a compose file says of it and what an engine is told are both written from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from trimtab.core.deployment import Secret

__all__ = ["CAPABILITIES", "HOST", "LOGS_FILES", "LOGS_SIZE", "RESTART", "TMPFS", "USER", "Mount", "Port", "Service"]

USER: Final = "10001:10001"  # the image's own
HOST: Final = "host"  # the network that is the machine's
RESTART: Final = "unless-stopped"
CAPABILITIES: Final = "all"  # that are dropped
LOGS_SIZE: Final = "10m"
LOGS_FILES: Final = 3
TMPFS: Final = "rw,noexec,nosuid,nodev,mode=1777"


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder of this machine, in the container. source: absolute, or from the compose file on (`./a`).

    kept: what is written there outlives the container.
    """

    source: str
    target: str
    writable: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Port:
    """A port of the container, at an address of this machine."""

    host: str
    outer: int
    inner: int


@dataclass(frozen=True, slots=True)
class Service:
    """One container, which writes nowhere but to its `tmpfs`, has no capability, and is started again where it ends.

    name: of the container. network: `host` for the machine's. entrypoint: instead of the image's; words: after it.
    secrets: files that it is given, whose values are nowhere here. tmpfs: bytes of each. memory: bytes;
    0 of it or of cpu: no limit. stop_s: how long it may take to end. health_port: where its health check asks.
    """

    name: str
    image: str
    words: tuple[str, ...]
    labels: Mapping[str, str]
    entrypoint: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()
    mounts: tuple[Mount, ...] = ()
    tmpfs: Mapping[str, int] = field(default_factory=dict)
    network: str = HOST
    ports: tuple[Port, ...] = ()
    memory: int = 0
    cpu: float = 0.0
    pids: int = 512
    stop_s: int = 30
    health_port: int = 8080

    @property
    def variables(self) -> dict[str, str]:
        """What its own health check reads; whatever else a server is to know is in its settings."""
        return {"PORT": str(self.health_port)}
