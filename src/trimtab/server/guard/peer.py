"""The other end of a connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trimtab.server.guard.principal import Known

__all__ = ["LOCAL", "Peer"]


@dataclass(frozen=True, slots=True)
class Peer:
    """Its address, empty for a socket of this machine, and who its certificate says it is, if it showed one."""

    address: str
    certificate: Known | None = None


LOCAL: Final = Peer("")
