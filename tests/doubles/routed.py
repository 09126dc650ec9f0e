"""A router whose backends are in memory: well or not as a test says, with as many connections as it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trimtab.core.errors import OutsideError, Problem
from trimtab.core.flights import FlightState
from trimtab.server.gateway.around import Around
from trimtab.server.gateway.backends import Backend
from trimtab.server.gateway.settings import GatewaySettings
from trimtab.server.routing.backing import Backing
from trimtab.server.routing.router import Router
from trimtab.server.routing.routes import Routes, Timeouts
from trimtab.server.routing.rule import State, beginning

__all__ = ["Harbour", "MemoryBacking"]


class MemoryBacking(Backing):
    """Nobody asks it how it is: `says` is told."""

    def __init__(self, name: str, backend: Backend, around: Around, settings: GatewaySettings) -> None:
        super().__init__(name, backend, around, settings)
        self.gone = self.closed = False

    def begin(self) -> None:
        """It is well, unless its name says that it is not."""
        self.says("loading" if "ill" in self.name else "ready")

    def says(self, state: FlightState, why: str = "") -> None:
        self.state, self.why = state, why

    def retire(self) -> None:
        self.gone = True
        super().retire()

    def close(self) -> None:
        self.closed = True
        super().close()


@dataclass
class Harbour:
    """Files, states on a disk that may be full, and the routers that were made of them."""

    disk: State | None = None
    full: bool = False
    written: list[State] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    made: dict[str, MemoryBacking] = field(default_factory=dict)

    def file(self, version: int, champion: str, *names: str) -> Routes:
        """Backends by their names; `a2` is at another address than `a`."""
        backends = {name.rstrip("0123456789"): Backend("http", name, 80) for name in names or (champion,)}
        return Routes(
            Path("routes.json"), version, f"{version}{champion}{names}", "churn", ("127.0.0.1", 1), ("127.0.0.1", 2),
            backends, champion, Path("state"), timeouts=Timeouts(start=0.01),
        )  # fmt: skip

    def write(self, state: State) -> None:
        if self.full:
            raise OutsideError(Problem("P377", "no space left on device"))
        self.disk = state
        self.written.append(state)

    def start(self, routes: Routes) -> Router:
        """As `process.py` does it; on a loop."""
        begun, state = beginning(routes, self.disk)
        self.write(state)
        router = Router(begun, state, lambda event, _: self.log.append(event), self.write, self._back)
        router.begin()
        return router

    def _back(self, *what: Any) -> Backing:
        one = self.made[str(what[0])] = MemoryBacking(*what)
        return one
