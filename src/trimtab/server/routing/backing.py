"""One backend of a router: its connections, and how it is."""

from __future__ import annotations

import asyncio
from typing import Final

from trimtab.core.flights import FlightState
from trimtab.core.traffic import Arm
from trimtab.server.gateway.around import Around, Side
from trimtab.server.gateway.backends import Backend
from trimtab.server.gateway.health import Health, look, rest
from trimtab.server.gateway.outgoing import REVISION
from trimtab.server.gateway.pool import Pool
from trimtab.server.gateway.settings import GatewaySettings

__all__ = ["Backing", "version_of"]

_DIGITS: Final = 12


def version_of(name: str) -> str:
    """What answers call a revision: the first digits of a digest, as a server does; any other name as it is."""
    return name.removeprefix("sha256:")[:_DIGITS] if name.startswith("sha256:") else name


class Backing:
    """Everything on the loop's thread. state: as of the last look; who is not well any more may be so again."""

    def __init__(self, name: str, backend: Backend, around: Around, settings: GatewaySettings) -> None:
        """name: of the revision. It is not asked yet."""
        self.name, self.backend = name, backend
        self.pool = Pool(backend, settings.connect_s, settings.connections, around.clock)
        self.state: FlightState = "loading"
        self.why = ""
        self.nudged = asyncio.Event()
        self._around, self._settings = around, settings
        self._health = Health(settings.health)
        self._told: list[asyncio.Event] = []
        self._task: asyncio.Task[None] | None = None

    def side(self, arm: Arm) -> Side:
        """It, as an arm."""
        return Side(arm, self.backend, self.pool, b"%b: %b\r\n" % (REVISION, version_of(self.name).encode()))

    def same(self, backend: Backend, settings: GatewaySettings) -> bool:
        """Whether it is what these would make."""
        own = self._settings
        return (self.backend, own.health, own.connect_s) == (backend, settings.health, settings.connect_s)

    def begin(self) -> None:
        """It is asked from now on how it is."""
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        around, health, began = self._around, self._health, self._around.clock()
        while True:
            self.nudged.clear()
            await look(self, health, around, began)
            self._saw(health)
            if health.state == "failed":
                health.recovered()
            await rest(self.nudged, around.settings.health_s, steady=health.steady)

    def _saw(self, health: Health) -> None:
        before = self.state
        if health.state != "loading":
            self.state = health.state
        self.why = "" if self.state == "ready" else health.why
        if self.state != before:
            level = "error" if self.state == "failed" else "info"
            self._around.log("backend", {"level": level, "revision": self.name, "state": self.state, "why": self.why})
        for told in self._told:
            told.set()

    async def well(self, wait_s: float) -> bool:
        """Whether it is ready, or is so before that time is over."""
        told = asyncio.Event()
        self._told.append(told)
        try:
            async with asyncio.timeout(wait_s):
                while self.state != "ready":
                    await told.wait()
                    told.clear()
        except TimeoutError:
            return False
        finally:
            self._told.remove(told)
        return True

    def retire(self) -> None:
        """It has gone from the file: who asks it already gets its answer, and nobody else asks."""
        if self._task is not None:
            self._task.cancel()
        self.pool.retire()

    def close(self) -> None:
        """Every connection, whoever waits on it."""
        self.retire()
        self.pool.close()
