"""The control plane of a router: flights by the same routes as a server's, and what the router says of itself."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, TypeVar

import msgspec

from trimtab.core.errors import OutsideError, Problem, TrimtabError
from trimtab.core.traffic import Traffic
from trimtab.server.admin import ROUTES, Ask, Control, Entry, Way
from trimtab.server.faults import refused
from trimtab.server.flights.orders import FlightOrder, Reply
from trimtab.server.guard.guard import Guard
from trimtab.server.logs import Log
from trimtab.server.metrics import exposed
from trimtab.server.routing.backing import version_of
from trimtab.server.routing.router import Router
from trimtab.server.routing.routes import Routes
from trimtab.server.routing.sums import Totals, families
from trimtab.server.routing.views import ready_answer, status_of
from trimtab.server.wire import Answer

__all__ = ["RoutingControl", "Steered"]

T = TypeVar("T")
_PATIENCE_S: Final = 100.0  # less than a director has for what waits for a disk, or for a new champion to be well
_SHOWN: Final = 100
_encode: Final = msgspec.json.Encoder().encode


class Steered:
    """A router as a `Repository` of one endpoint; threads ask, its loop does it."""

    def __init__(
        self, router: Router, totals: Totals, loop: asyncio.AbstractEventLoop, read: Callable[[], Routes]
    ) -> None:
        """loop: the router's. read: the file as it is now."""
        self._router, self._totals, self._loop, self._read = router, totals, loop, read

    def call(self, what: Callable[[Router], T]) -> T:
        """What that finds, on the router's thread."""

        async def do() -> T:
            return what(self._router)

        return self._wait(do())

    def _wait(self, doing: Coroutine[Any, Any, T]) -> T:
        """What comes of it; where that takes too long it is done all the same, and whoever asks again finds it so."""
        try:
            told = asyncio.run_coroutine_threadsafe(doing, self._loop)
        except RuntimeError:  # the loop has ended
            doing.close()
            raise _gone() from None
        try:
            return told.result(_PATIENCE_S)
        except (TimeoutError, concurrent.futures.CancelledError):
            raise _gone() from None

    def index(self) -> Sequence[Entry]:
        """The endpoint, and which revision answers."""
        return self.call(_index)

    def load(self, name: str) -> None:
        """See `_nothing`."""
        raise _nothing(name)

    def unload(self, name: str) -> None:
        """See `_nothing`."""
        raise _nothing(name)

    def fly(self, order: FlightOrder) -> Reply:
        """See `Flying`."""
        router, flight = self._router, order.flight
        if order.endpoint != router.routes.name:
            raise refused("P385", f"no endpoint `{order.endpoint[:_SHOWN]}`", hint=f"this is `{router.routes.name}`")
        match order.do:
            case "status":
                return self.call(Router.status)
            case "begin":
                return self._wait(router.fly(flight, order.challenger))
            case "steer":
                traffic = order.traffic or Traffic(flight)
                return self.call(lambda router: router.steer(traffic, order.lease_s))
            case "promote":
                return self._wait(router.promote(flight))
            case "end":
                return self._wait(router.end(flight))

    def reread(self) -> None:
        """Look at the file again; returns when it is in force, or refused."""
        self._wait(self._router.reread(self._read))

    def families(self) -> list[Any]:
        """For Prometheus."""
        return self.call(lambda router: list(families(router, self._totals)))


def _gone() -> OutsideError:
    return OutsideError(Problem("P384", "the router does not answer, or not any more"))


def _index(router: Router) -> Sequence[Entry]:
    one = router.champion
    state = {"ready": "READY", "loading": "LOADING", "failed": "UNAVAILABLE"}[one.state]
    return [Entry(router.routes.name, state, version_of(one.name), one.why)]  # type: ignore[arg-type]


def _nothing(name: str) -> TrimtabError:
    hint = "write the routes file, and send SIGHUP"
    return refused("P385", f"a router loads and unloads nothing, `{name[:_SHOWN]}` neither", hint=hint)


class RoutingControl(Control):
    """A `Control` with what only a router has."""

    def __init__(self, steered: Steered, log: Log, guard: Guard, hosts: Sequence[str] = ()) -> None:
        """hosts: see `Control`."""
        super().__init__(steered, log, guard, hosts)
        self._steered = steered

    def state(self, _ask: Ask) -> Answer:
        """See `status_of`."""
        return Answer(200, _encode(self._steered.call(status_of)))

    def reread(self, ask: Ask) -> Answer:
        """As at SIGHUP; the answer says what came of it."""
        try:
            self._steered.reread()
        finally:
            client = self._guard.client(ask.headers, ask.peer)
            self._guard.audit.control(ask.caller.name, "routes", "", client, "looked at")
        return self.state(ask)

    def readyz(self, _ask: Ask) -> Answer:
        """See `ready_answer`."""
        return self._steered.call(ready_answer)

    def metrics(self, _ask: Ask) -> Answer:
        """For Prometheus."""
        kind, text = exposed(self._steered.families())
        return Answer(200, text, kind)


RoutingControl.routes = {
    **ROUTES,
    "GET /v1/routes": Way("read", RoutingControl.state),  # type: ignore[arg-type]
    "POST /v1/routes": Way("operate", RoutingControl.reread),  # type: ignore[arg-type]
    "GET /livez": Way(None, Control.live),
    "GET /readyz": Way(None, RoutingControl.readyz),  # type: ignore[arg-type]
    "GET /metrics": Way("read", RoutingControl.metrics),  # type: ignore[arg-type]
}
