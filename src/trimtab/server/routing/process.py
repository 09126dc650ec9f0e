"""A router from start to end: bind, answer, look at the file again at SIGHUP, drain at SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from trimtab.core.secrets import Secret, read_secret
from trimtab.server.door import Door, Doorways
from trimtab.server.gateway.binding import address_of, bound, guarded
from trimtab.server.gateway.state import decoded, write_state
from trimtab.server.gateway.taking import Taking
from trimtab.server.guard.guard import Guard
from trimtab.server.guard.make import open_guard
from trimtab.server.guard.settings import GuardSettings
from trimtab.server.listener import Listener
from trimtab.server.logs import Log, to_stderr
from trimtab.server.process import event_loop, many_files
from trimtab.server.renewal import Renewal, Watch
from trimtab.server.routing.answering import Answering
from trimtab.server.routing.control import RoutingControl, Steered
from trimtab.server.routing.open import must_be_guarded
from trimtab.server.routing.reading import read_routes
from trimtab.server.routing.router import Router
from trimtab.server.routing.routes import Routes
from trimtab.server.routing.rule import State, beginning
from trimtab.server.routing.sums import Totals
from trimtab.server.routing.views import own_paths
from trimtab.server.settings import Settings

__all__ = ["Up", "route"]

_STATE: Final = msgspec.json.Decoder(State)
_LOOK_S: Final = 1.0
_HINT: Final = "where the backends ask, `insecure = true`; or `listen = 127.0.0.1:PORT`, behind what asks"
_LAST_S: Final = 0.2  # for an answer of the control plane that is on its way when all else is done


@dataclass(frozen=True, slots=True)
class Up:
    """It takes connections. address, control: URLs."""

    name: str
    address: str
    control: str
    version: int
    champion: str


def route(file: Path, ready: Callable[[Up], None], environ: Mapping[str, str], log: Log = to_stderr) -> None:
    """Answer until SIGTERM or SIGINT, then finish what was taken. At SIGHUP the file counts as it is then.

    ready: called once. UserError P38x, P370 for the file, P303, P304, P306 for its places, P344 for the token, P376
    for the state of an earlier router; OutsideError P377 where none can be written.
    """
    with ExitStack() as stack:
        # one that comes before there is a loop must not end it: the file is looked at again then in any case
        stack.callback(signal.signal, signal.SIGHUP, signal.signal(signal.SIGHUP, signal.SIG_IGN))
        routes = read_routes(file)
        secret = read_secret(routes.token, {}, environ) if routes.token else None
        must_be_guarded(routes)
        serving, (host, port) = routes.settings.serving, routes.control
        guarded(serving, f"{routes.file.name} listen", _HINT)
        tls = Renewal(serving)
        many_files()
        listening = stack.enter_context(bound(serving, "listen = "))
        steering = Settings(host=host, port=port, tls=routes.control_tls)
        control = stack.enter_context(bound(steering, "control = "))
        left = decoded(routes.state, _STATE)
        begun, state = beginning(routes, left)
        if state != left:
            write_state(routes.state, state)
        router = Router(begun, state, log)
        doorways = Doorways(control, tls if steering.tls else Renewal(steering))
        process = _Process(router, (doorways, tls), _guard(routes, secret, log), log)
        urls = address_of(listening, serving), address_of(control, steering)
        up = Up(routes.name, *urls, state.version, begun.champion)
        with asyncio.Runner(loop_factory=event_loop()) as runner:
            runner.run(process.run(listening, lambda: ready(up), partial(read_routes, file)))


def _guard(routes: Routes, secret: Secret | None, log: Log) -> Guard:
    settings = Settings(host=routes.control[0], guard=GuardSettings(owner=secret, hosts=routes.hosts))
    return open_guard(settings, log, shares=False)


class _Process:
    def __init__(self, router: Router, doors: tuple[Doorways, Renewal], guard: Guard, log: Log) -> None:
        self._router, self._guard, self._log = router, guard, log
        self._control, self._tls = doors
        self._totals = Totals()
        self._stop, self._again = asyncio.Event(), asyncio.Event()

    async def run(self, listening: socket.socket, ready: Callable[[], None], read: Callable[[], Routes]) -> None:
        """Until it is told to stop. read: the file as it is then, which may be another one than at the start."""
        loop, router = asyncio.get_running_loop(), self._router
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._again.set)
        self._again.set()
        router.around.own, router.around.sums = own_paths(router), self._totals
        router.begin()
        steered = Steered(router, self._totals, loop, read)
        answering = Answering(RoutingControl(steered, self._log, self._guard, self._guard.hosts), loop)
        callers: set[Listener] = set()
        door = Door(lambda: Listener(answering, callers, loop), self._control.tls, "http/1.1")
        await door.open(self._control.http)
        tasks = [asyncio.ensure_future(one) for one in (router.look(), self._reread(read), self._keep())]
        try:
            await Taking(router.around).run(listening, self._tls, ready, self._stop)
        finally:
            answering.plane.stopping = True
            door.close()
            await self._end(callers)
            answering.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            router.fleet.close()
            self._guard.close()
            await asyncio.sleep(0)  # their ends are told in the next turn

    async def _reread(self, read: Callable[[], Routes]) -> None:
        """At each SIGHUP, one after another; those that come while the file is looked at are one."""
        while True:
            await self._again.wait()
            self._again.clear()
            await self._router.reread(read)

    async def _keep(self) -> None:
        """What has gone is counted no longer; what has changed on the disk counts."""
        watch = Watch(self._tls, self._log)
        while True:
            await asyncio.sleep(_LOOK_S)
            self._totals.keep({one.backend for one in self._router.fleet.backings.values()})
            self._guard.look()
            watch.look()

    @staticmethod
    async def _end(callers: set[Listener]) -> None:
        """Whoever of the control plane waits for an answer has a moment for it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _LAST_S
        while callers and loop.time() < until:
            for one in tuple(callers):
                one.drain()
            await asyncio.sleep(0.01)
        for one in tuple(callers):
            one.end()
