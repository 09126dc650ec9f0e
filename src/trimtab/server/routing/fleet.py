"""The backends of a router: those of the file in force, those of a file that is looked at, those that are drained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from trimtab.core.errors import Problem, UserError
from trimtab.server.gateway.around import Around
from trimtab.server.gateway.backends import Backend
from trimtab.server.gateway.settings import GatewaySettings
from trimtab.server.routing.backing import Backing
from trimtab.server.routing.routes import Routes

__all__ = ["Back", "Fleet"]

Back: TypeAlias = Callable[[str, Backend, Around, GatewaySettings], Backing]
_LONGEST_S: Final = 600.0  # that who is drained may take, whatever is still on its way


class Fleet:
    """Everything on the loop's thread."""

    def __init__(self, around: Around, back: Back = Backing) -> None:
        """Nothing is behind it yet. back: makes what stands for a backend."""
        self._around, self._back = around, back
        self._leaving: list[tuple[Backing, float]] = []
        self.backings: Mapping[str, Backing] = {}

    def begin(self, routes: Routes) -> None:
        """What the file names, well or not."""
        self.backings = {
            name: self._back(name, backend, self._around, routes.settings) for name, backend in routes.backends.items()
        }
        for one in self.backings.values():
            one.begin()

    async def beside(self, routes: Routes) -> dict[str, Backing]:
        """What the file names: those that are there already, new ones beside them.

        UserError P383 where its champion is not well, nor becomes so in time; then nothing has changed.
        """
        wanted: dict[str, Backing] = {}
        new: list[Backing] = []
        for name, backend in routes.backends.items():
            there = self.backings.get(name)
            if there is None or not there.same(backend, routes.settings):
                there = self._back(name, backend, self._around, routes.settings)
                there.begin()
                new.append(there)
            wanted[name] = there
        champion = wanted[routes.champion]
        try:
            well = await champion.well(routes.timeouts.start)
        except BaseException:
            well = False
            raise
        finally:
            if not well:
                for one in new:
                    one.close()
        if not well:
            why = champion.why or "it has not answered yet"
            what = f"the champion `{routes.champion}` is not well: {why}"
            hint = "what answered before goes on; look after the backend, then send SIGHUP again"
            raise UserError(Problem("P383", what, f"{routes.file} version {routes.version}", hint))
        return wanted

    def take(self, wanted: Mapping[str, Backing]) -> None:
        """These, from now on; all others are drained."""
        kept, now = set(wanted.values()), self._around.clock()
        for one in self.backings.values():
            if one not in kept:
                one.retire()
                self._leaving.append((one, now + _LONGEST_S))
        self.backings = wanted
        self.look()

    def look(self) -> None:
        """To be called now and then: what is idle too long is closed, and who is drained is let go."""
        for one in self.backings.values():
            one.pool.look()
        now = self._around.clock()
        for one, until in self._leaving:
            if not one.pool.open or now > until:
                one.close()
        self._leaving = [(one, until) for one, until in self._leaving if one.pool.open and now <= until]

    @property
    def leaving(self) -> Mapping[str, int]:
        """Connections of those that are drained, by their address."""
        return {str(one.backend): one.pool.open for one, _ in self._leaving}

    def close(self) -> None:
        """Every connection."""
        for one in (*self.backings.values(), *(one for one, _ in self._leaving)):
            one.close()
