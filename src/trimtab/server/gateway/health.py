"""Whether a backend is well: its health path is asked once a second, and at once when it took no connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from trimtab.core.flights import FlightState
from trimtab.server.gateway.asking import Broken
from trimtab.server.gateway.backends import Backend
from trimtab.server.gateway.collecting import Collected, Collecting
from trimtab.server.gateway.deadlines import Deadlines
from trimtab.server.gateway.pool import Pool

__all__ = ["LOOK_S", "PATHS", "Asked", "Health", "Looks", "ask", "look", "rest"]

LOOK_S: Final = 0.25  # between two looks at what is late, or unwell
_PATIENCE_S: Final = 2.0
_START_S: Final = 60.0  # who is not well by then is not going to be

# of the Open Inference Protocol (ours, KServe, MLServer, Triton), MLflow, BentoML and ours, many others
PATHS: Final = ("/v2/health/ready", "/ping", "/readyz", "/healthz")
_WELL: Final = range(200, 400)
_FAILED: Final = 500
_STRIKES: Final = 2  # so many looks in a row find it unwell: then it is


class Health:
    """Of one arm. A challenger that was ready and is not any more has `failed`, for good."""

    def __init__(self, path: str) -> None:
        """path: to be asked; empty: the first of `PATHS` that is answered well."""
        self._paths = (path,) if path else PATHS
        self._given = bool(path)
        self._at = 0  # which path
        self._found = bool(path)
        self._strikes = 0
        self.state: FlightState = "loading"
        self.why = ""

    @property
    def path(self) -> str:
        """What to ask next."""
        return self._paths[self._at]

    def saw(self, what: Collected | Broken) -> None:
        """The answer to that question."""
        if isinstance(what, Broken) and what.ending == "full":
            return  # it has so much to do that it could not even be asked
        if isinstance(what, Broken):
            self._strike(f"`{self.path}`: {what.why}" if what.ending != "refused" else what.why, silent=True)
        elif what.status in _WELL:
            self._found, self._strikes = True, 0
            if self.state == "loading":
                self.state = "ready"
        elif self._found or what.status >= _FAILED:
            self._strike(f"`{self.path}` answers {what.status}")
        elif self._at + 1 < len(self._paths):
            self._at += 1  # this one it does not have
        else:
            self._at, self._strikes = 0, 0
            self.state = (
                "ready" if self.state == "loading" else self.state
            )  # it answers, and has no path that says more

    def _strike(self, why: str, *, silent: bool = False) -> None:
        self._strikes += 1
        if self.state == "ready" and self._strikes >= _STRIKES:
            self.state = "failed"
        if silent or self.state != "ready":
            self.why = why

    @property
    def steady(self) -> bool:
        """Whether there is no hurry to look again."""
        return self._strikes == 0

    def recovered(self) -> None:
        """A champion is never given up: it begins anew."""
        self.state, self._strikes = "loading", 0


class Asked(Protocol):
    """A backend, and the connections to it."""

    @property
    def backend(self) -> Backend:
        """Its address."""

    @property
    def pool(self) -> Pool:
        """What it is asked over."""


class Looks(Protocol):
    """By what a look is timed."""

    deadlines: Deadlines

    @property
    def clock(self) -> Callable[[], float]:
        """Seconds, of whatever beginning."""


async def look(side: Asked, health: Health, around: Looks, began: float) -> None:
    """Ask once; who has not been well for too long since it began has failed."""
    loading = health.state == "loading"
    await ask(side, health, around.deadlines, around.clock() + _PATIENCE_S)
    if loading and health.state == "loading" and around.clock() - began > _START_S:
        health.state, health.why = "failed", health.why or "it was not ready in time"


async def rest(nudged: asyncio.Event, wait_s: float, *, steady: bool) -> None:
    """Until it is time to ask again, which is soon where it is suspected, or was not well the last time."""
    try:
        async with asyncio.timeout(wait_s if steady else min(wait_s, LOOK_S)):
            await nudged.wait()
    except TimeoutError:
        return
    await asyncio.sleep(LOOK_S / 5)  # suspected by many at once: that is one look


async def ask(side: Asked, health: Health, deadlines: Deadlines, until: float) -> None:
    """One look; ends with its answer."""
    told: asyncio.Future[Collected | Broken] = asyncio.get_running_loop().create_future()

    def tell(what: Collected | Broken) -> None:
        if not told.done():
            told.set_result(what)

    backend = side.backend
    path = backend.path + health.path
    data = f"GET {path} HTTP/1.1\r\nhost: {backend.authority}\r\nuser-agent: trimtab\r\naccept: */*\r\n\r\n".encode()
    asking = Collecting(data, 0, tell)
    asking.until(until, deadlines)
    side.pool.take(asking, safe=True)
    health.saw(await told)
