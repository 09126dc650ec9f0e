"""The gateway itself, on one loop: takes connections, looks after the arms, and does what a director wants."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace

import msgspec

from trimtab.core.errors import Problem, UserError
from trimtab.core.flights import FlightStatus
from trimtab.core.traffic import Arm, Traffic
from trimtab.server.gateway.around import Around, Side
from trimtab.server.gateway.backends import Backend
from trimtab.server.gateway.choosing import Choosing, check_split
from trimtab.server.gateway.health import LOOK_S, Health, look, rest
from trimtab.server.gateway.keeping import Keeping
from trimtab.server.gateway.outgoing import REVISION
from trimtab.server.gateway.pool import Pool
from trimtab.server.gateway.settings import GatewaySettings
from trimtab.server.gateway.shadow import Shadow
from trimtab.server.gateway.state import State
from trimtab.server.gateway.taking import Taking
from trimtab.server.gateway.tally import Tally
from trimtab.server.logs import Log
from trimtab.server.renewal import Renewal

__all__ = ["Gateway"]


class Gateway:
    """Everything on the loop's thread; see `running.py` for the others."""

    def __init__(self, settings: GatewaySettings, state: State, log: Log) -> None:
        """state: what was promoted before."""
        self._settings, self._state, self._log = settings, state, log
        self._nudged: dict[Arm, asyncio.Event] = {"champion": asyncio.Event(), "challenger": asyncio.Event()}
        self._health: dict[Arm, Health] = {arm: Health(settings.health) for arm in self._nudged}
        self._lease_until = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        answers = settings.challenger if state.answers == str(settings.challenger) else settings.champion
        choosing = Choosing(settings.pin)
        sides: dict[Arm, Side] = {}
        self._pools: list[Pool] = []  # of all sides that there were
        self._around = Around(settings, sides, choosing, Tally(), log, lambda arm: self._nudged[arm].set())
        self._around.mirror = Shadow(self._around)
        sides["champion"] = self._side("champion", answers)
        if answers == settings.champion:
            sides["challenger"] = self._side("challenger", settings.challenger)

    def _side(self, arm: Arm, backend: Backend) -> Side:
        pool = Pool(backend, self._settings.connect_s, self._settings.connections, self._around.clock)
        self._pools.append(pool)
        return Side(arm, backend, pool, b"%b: %b\r\n" % (REVISION, str(backend).encode()))

    @property
    def around(self) -> Around:
        """What is shared with gRPC."""
        return self._around

    async def run(self, listening: socket.socket, tls: Renewal, ready: Callable[[], None], stop: asyncio.Event) -> None:
        """Answer until told to stop, then finish what was taken."""
        around, settings = self._around, self._settings
        keeping = None
        if settings.journal is not None:
            keeping = Keeping(settings.journal, settings.name, asyncio.get_running_loop(), self._log)
            around.keeps = keeping
        self._tasks = [asyncio.ensure_future(self._look(keeping))]
        self._tasks += [asyncio.ensure_future(self._watch(arm)) for arm in self._nudged]
        try:
            await Taking(around).run(listening, tls, ready, stop)
        finally:
            for task in self._tasks:
                task.cancel()
            for pool in self._pools:
                pool.close()
            await asyncio.sleep(0)  # their ends are told in the next turn
            if keeping is not None:
                keeping.close()

    async def _look(self, keeping: Keeping | None) -> None:
        """Whose time is up; four times a second."""
        around = self._around
        while True:
            await asyncio.sleep(LOOK_S)
            now = around.clock()
            around.deadlines.look(now)
            for pool in self._pools:
                pool.look()
            if self._lease_until and now > self._lease_until:
                self._calm()
                self._log("lease over", {"level": "warning", "flight": around.choosing.traffic.flight})
            if keeping is not None:
                keeping.look()

    async def _watch(self, arm: Arm) -> None:
        """Ask an arm how it is, every second, and when it is suspected."""
        around, began = self._around, self._around.clock()
        while (side := around.sides.get(arm)) is not None:
            health, nudged = self._health[arm], self._nudged[arm]
            nudged.clear()
            before = health.state
            await look(side, health, around, began)
            if health.state != before:
                level = "error" if health.state == "failed" else "info"
                self._log("backend", {"level": level, "arm": arm, "state": health.state, "why": health.why})
            if health.state == "failed":
                if arm == "challenger":
                    around.choosing.ejected = True
                    return
                health.recovered()
            await rest(nudged, self._settings.health_s, steady=health.steady)

    def status(self) -> FlightStatus | None:
        """What is known; None before a flight has begun, and when it has ended."""
        settings, around, health = self._settings, self._around, self._health["challenger"]
        traffic = around.choosing.traffic
        if not traffic.flight:
            return None
        left = max(0.0, self._lease_until - around.clock()) if self._lease_until else 0.0
        return FlightStatus(
            settings.name, str(around.sides["champion"].backend), str(settings.challenger), traffic,
            health.state, around.tally.counts(), health.why if health.state == "failed" else "", left,
        )  # fmt: skip

    def begin(self, flight: str) -> None:
        """A flight of this id, weight nothing; may be said twice. UserError P379 where another is on, or it was."""
        around = self._around
        self._must_be(flight, "")
        if "challenger" not in around.sides:
            what = f"`{self._settings.challenger}` is the champion already, or was rolled back"
            hint = "to fly another one, start the gateway with what answers now as `--champion`"
            raise UserError(Problem("P379", what, f"gateway {self._settings.name}", hint))
        if not around.choosing.traffic.flight:
            around.choosing.traffic = Traffic(flight)
            around.tally = Tally()

    def steer(self, traffic: Traffic, lease_s: float) -> None:
        """From the next request on. UserError P379 where another flight is on or none, P371 for a split by bodies."""
        check_split(traffic.split)
        self._must_be(traffic.flight)
        around = self._around
        if "challenger" in around.sides:
            around.choosing.traffic = traffic
            self._lease_until = around.clock() + lease_s

    def _must_be(self, *flights: str) -> None:
        flight = self._around.choosing.traffic.flight
        if flight not in flights:
            what = f"the flight `{flight}` is on" if flight else f"the flight `{flights[0]}` is not on"
            raise UserError(Problem("P379", what, f"gateway {self._settings.name}"))

    def promoted(self) -> State:
        """The state after a promotion, to be written down before `promote`."""
        flight = self._around.choosing.traffic.flight or self._state.flight
        return msgspec.structs.replace(self._state, answers=str(self._settings.challenger), flight=flight)

    def promote(self, state: State) -> None:
        """It is written down: the challenger is the champion."""
        around = self._around
        self._state = state
        challenger = around.sides.pop("challenger", None)
        if challenger is not None:
            self._calm()
            around.sides["champion"] = Side("champion", challenger.backend, challenger.pool, challenger.revision)
            self._health["champion"] = Health(self._settings.health)

    def end(self) -> None:
        """No challenger any more; who was asked before still answers."""
        self._around.choosing.traffic = Traffic("")
        self._lease_until = 0.0
        self._around.sides.pop("challenger", None)

    def _calm(self) -> None:
        self._lease_until = 0.0
        self._around.choosing.traffic = replace(self._around.choosing.traffic, share=0.0, shadow=0.0)
