"""The router itself, on one loop: takes what the routes file says, and does what a director of flights wants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from trimtab.core.errors import TrimtabError, did_you_mean
from trimtab.core.flights import FlightStatus
from trimtab.core.traffic import Arm, Traffic
from trimtab.server.flights.refusing import another_on, no_challenger, none_on, not_ready, one_and_the_same
from trimtab.server.gateway.around import Around
from trimtab.server.gateway.choosing import Choosing, check_split
from trimtab.server.gateway.health import LOOK_S
from trimtab.server.gateway.shadow import Shadow
from trimtab.server.gateway.state import write_state
from trimtab.server.gateway.tally import Tally
from trimtab.server.logs import Log
from trimtab.server.routing.aloft import Aloft
from trimtab.server.routing.backing import Backing
from trimtab.server.routing.fleet import Back, Fleet
from trimtab.server.routing.named import named
from trimtab.server.routing.routes import Routes
from trimtab.server.routing.rule import State, is_new, must_stay, taken

__all__ = ["Router", "Write"]

Write: TypeAlias = Callable[[State], None]


class Router:
    """Everything on the loop's thread. refused: what the last file was refused for, as long as it is."""

    def __init__(
        self, routes: Routes, state: State, log: Log, write: Write | None = None, back: Back = Backing
    ) -> None:
        """routes, state: what it begins with. write: puts a state on the disk, in a thread. back: see `Fleet`."""
        self.routes, self.state, self.refused = routes, state, ""
        self.looks = 0  # at the file, since the start
        self.seen = routes.version  # of the file as it was looked at last; 0 where it has none
        self.around = Around(routes.settings, {}, Choosing(""), Tally(), log, self._suspect)
        self.around.mirror = Shadow(self.around)
        self.fleet = Fleet(self.around, back)
        self.aloft: Aloft | None = None
        self._log = log
        self._write = write or (lambda state: write_state(routes.state, state))
        self._changing = asyncio.Lock()

    def begin(self) -> None:
        """Backends are asked how they are; the champion answers, well or not."""
        self.fleet.begin(self.routes)
        self.around.sides["champion"] = self.champion.side("champion")

    @property
    def champion(self) -> Backing:
        """What answers."""
        return self.fleet.backings[self.routes.champion]

    @property
    def ready(self) -> bool:
        """Whether what answers is well, and more is taken."""
        return self.champion.state == "ready" and not self.around.stopping

    def _suspect(self, arm: Arm) -> None:
        if arm == "champion":
            self.champion.nudged.set()
        elif self.aloft is not None:
            self.aloft.challenger.nudged.set()

    async def look(self) -> None:
        """Whose time is up, four times a second; never ends."""
        while True:
            await asyncio.sleep(LOOK_S)
            now, aloft = self.around.clock(), self.aloft
            self.around.deadlines.look(now)
            self.fleet.look()
            if aloft is None:
                continue
            if aloft.look():
                self._fail(aloft, aloft.why)
            if aloft.until and now > aloft.until:
                self._calm(aloft)
                self._log("lease over", {"level": "warning", "flight": aloft.id})

    async def reread(self, read: Callable[[], Routes]) -> None:
        """Takes the file as it is now, or says in `refused` why not: then all is as it was before."""
        async with self._changing:
            self.refused, self.seen = "", 0  # of an earlier file, while this one is looked at
            try:
                routes = await asyncio.to_thread(read)
                self.seen = routes.version
                if is_new(self.state, routes):
                    must_stay(self.routes, routes)
                    await self._take(routes)
            except TrimtabError as error:
                self.refused = "; ".join(f"{one.where}: {one.what}" for one in error.problems)
                self._log("routes refused", {"level": "error", "why": self.refused})
            finally:
                self.looks += 1

    async def _take(self, routes: Routes) -> None:
        wanted, state = await self.fleet.beside(routes), taken(routes)
        try:
            await asyncio.to_thread(self._write, state)
        except BaseException:
            for name, one in wanted.items():
                if self.fleet.backings.get(name) is not one:
                    one.close()
            raise
        self._ground(wanted, wanted[routes.champion])
        self.routes, self.state = routes, state
        self.around.settings = routes.settings
        self.around.sides["champion"] = wanted[routes.champion].side("champion")
        self.fleet.take(wanted)
        self._log("routes taken", {"level": "info", "version": routes.version, "champion": routes.champion})

    def _ground(self, wanted: dict[str, Backing], champion: Backing) -> None:
        """The flight has failed whose arms are not what they were."""
        aloft = self.aloft
        if aloft is None or aloft.why:
            return
        if champion is not self.champion:
            self._fail(aloft, f"the routes file made `{champion.name}` the champion")
        elif wanted.get(aloft.challenger.name) is not aloft.challenger:
            self._fail(aloft, f"`{aloft.challenger.name}` has gone from the routes file, or has another address")

    def _fail(self, aloft: Aloft, why: str) -> None:
        aloft.why = why
        self.around.choosing.ejected = True
        self.around.sides.pop("challenger", None)
        self._calm(aloft)
        self._log("flight failed", {"level": "error", "flight": aloft.id, "why": why})

    def _calm(self, aloft: Aloft) -> None:
        aloft.until = 0.0
        self.around.choosing.traffic = replace(self.around.choosing.traffic, share=0.0, shadow=0.0)

    def _on(self, flight: str) -> Aloft:
        if self.aloft is None:
            raise none_on(self.routes.name)
        if self.aloft.id != flight:
            raise another_on(self.routes.name, self.aloft.id)
        return self.aloft

    def status(self) -> FlightStatus:
        """What is known of the flight; UserError P362 where none is on."""
        aloft = self.aloft
        if aloft is None:
            raise none_on(self.routes.name)
        left = max(0.0, aloft.until - self.around.clock()) if aloft.until else 0.0
        return FlightStatus(
            self.routes.name, self.routes.champion, aloft.challenger.name, self.around.choosing.traffic,
            aloft.state, self.around.tally.counts(), aloft.why, round(left, 3),
        )  # fmt: skip

    async def fly(self, flight: str, challenger: str) -> bool:
        """A flight begins, weight nothing; whether it is new. UserError P361, P363."""
        async with self._changing:
            if self.aloft is not None:
                self._on(flight)
                return False
            backings, around = self.fleet.backings, self.around
            name = named(challenger, self.routes.name, backings)
            if name == self.routes.champion:
                raise one_and_the_same(challenger)
            if name not in backings:
                raise no_challenger(challenger, "the routes file names no such backend", did_you_mean(name, backings))
            around.tally = Tally()
            around.choosing.ejected, around.choosing.traffic = False, Traffic(flight)
            around.sides["challenger"] = backings[name].side("challenger")
            self.aloft = Aloft(flight, backings[name])
            return True

    def steer(self, traffic: Traffic, lease_s: float) -> bool:
        """From the next request on; whether that is another way. UserError P361, P362, P364, P371."""
        aloft = self._on(traffic.flight)
        check_split(traffic.split)
        if traffic.share or traffic.shadow:
            self._must_be_ready(aloft)
        before, self.around.choosing.traffic = self.around.choosing.traffic, traffic
        aloft.until = self.around.clock() + lease_s if traffic.share or traffic.shadow else 0.0
        return traffic != before

    def _must_be_ready(self, aloft: Aloft) -> None:
        aloft.look()
        if aloft.state != "ready":
            raise not_ready(aloft.id, aloft.why, loading=aloft.state == "loading")

    async def promote(self, flight: str) -> bool:
        """The challenger is the champion, on the disk first; False where it is so already. UserError P361 to P364."""
        async with self._changing:
            if self.aloft is None and flight == self.state.flight:
                return False
            aloft = self._on(flight)
            self._must_be_ready(aloft)
            name = aloft.challenger.name
            state = State(self.state.version, self.state.print, name, flight)
            await asyncio.to_thread(self._write, state)
            self.state, self.routes = state, replace(self.routes, champion=name)
            self.around.sides["champion"] = aloft.challenger.side("champion")
            self._land()
            self._log("flight promoted", {"level": "info", "flight": flight, "champion": name})
            return True

    async def end(self, flight: str) -> bool:
        """No challenger any more; whether there was one. UserError P361."""
        async with self._changing:
            if self.aloft is None:
                return False
            self._on(flight)
            self._land()
            self._log("flight ended", {"level": "info", "flight": flight})
            return True

    def _land(self) -> None:
        self.aloft = None
        self.around.sides.pop("challenger", None)
        self.around.choosing.traffic = Traffic("")
        self.around.choosing.ejected = False
