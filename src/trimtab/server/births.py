"""Where processes come from: serving ones over the sockets, and the control plane's own."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from trimtab.bundle.keeping.leases import keep_only
from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.core.flights import FlightStatus
from trimtab.server.app import open_app
from trimtab.server.changes import Bundles, Change, OnlyThose, Shelf
from trimtab.server.children import Child
from trimtab.server.door import Doorways
from trimtab.server.endpoint import ServedBundle
from trimtab.server.faults import refused
from trimtab.server.flights.aloft import Aloft
from trimtab.server.flights.arms import everything
from trimtab.server.flights.flights import Flights
from trimtab.server.forked import as_child, keep_secrets
from trimtab.server.given import NOTHING, Given, spread
from trimtab.server.guard.guard import Guard
from trimtab.server.logs import Log
from trimtab.server.metrics import Metrics
from trimtab.server.opening import fork_nurseries
from trimtab.server.process import serve
from trimtab.server.renewal import Renewal
from trimtab.server.settings import Settings

if TYPE_CHECKING:
    from trimtab.server.journal.make import Journal

__all__ = ["Around", "Births", "Bundles", "OnlyThose", "fork_control", "runs_inline"]

_SHOWN: Final = 100
_ROOM: Final = 64  # models that may be loaded later and are counted without beginning anew


def runs_inline(served: Mapping[str, ServedBundle], settings: Settings) -> bool:
    """Whether every model runs in the serving processes; P308 for one that may not and is told to."""
    foreign = [name for name, bundle in served.items() if not bundle.inline]
    if foreign and settings.engine == "inline":
        hint = '`engine = "auto"` gives it worker processes'
        where = "trimtab.toml server.engine"
        raise UserError(
            *(Problem("P308", f"model `{name}` runs Python of yours: not inline", where, hint) for name in foreign)
        )
    return settings.engine != "workers" and not foreign


@dataclass(frozen=True, slots=True)
class Around:
    """What the processes have in common with the supervisor. bound: all sockets; handed: others took them before."""

    log: Log
    guard: Guard
    tls: Renewal
    journal: Journal | None = None
    bound: Given = NOTHING
    handed: bool = False


class Births:
    """Forks serving processes over the sockets, with the bundles that are served now or are to be served next."""

    def __init__(
        self,
        shelf: Shelf,
        served: Mapping[str, ServedBundle],
        sockets: list[socket.socket],
        settings: Settings,
        around: Around,
        beside: Sequence[socket.socket] = (),
    ) -> None:
        """sockets: one a process; beside: those for gRPC, if it is wanted."""
        self._shelf = shelf
        self._served = self._fresh = served
        self._sockets = sockets
        self._beside = beside
        self._bound, self._handed = around.bound, around.handed
        self._settings = settings
        self._log, self._guard, self._tls = around.log, around.guard, around.tls
        self._journal = around.journal
        self._metrics = self._counters()
        self.flights = Flights(shelf, len(sockets), self._log)
        self._flying = ""  # the endpoint whose challenger fresh processes have, which nobody has yet

    def served(self) -> Mapping[str, str]:
        """The digest of every model that is served now."""
        return {name: bundle.digest for name, bundle in self._served.items()}

    def aloft(self) -> Mapping[str, FlightStatus]:
        """The flight that is on, by endpoint."""
        return {name: self.flights.status(name) for name in self.flights.champions()}

    def bundle(self, name: str) -> ServedBundle | None:
        """What is served under that name now."""
        return self._served.get(name)

    def fork(self, number: int, *, fresh: bool, first: bool) -> Child:
        """See `Birth`."""
        served = self._fresh if fresh else self._served
        if not first and not fresh:
            self._metrics.count_restart(number)
        # a process that still loads would say so to callers whom another one could answer already: they wait
        early = first and len(self._sockets) == 1 and not self._handed
        aloft = self.flights.carried(self._flying if fresh else "")
        return _fork(number, lambda line: self._serve(served, aloft, number, line, early=early))

    def _serve(
        self,
        served: Mapping[str, ServedBundle],
        aloft: Mapping[str, Aloft],
        number: int,
        line: socket.socket,
        *,
        early: bool,
    ) -> int:
        bundles = [*served.values(), *(one.bundle for one in aloft.values())]
        keep_only(getattr(bundle, "lease", None) for bundle in bundles)
        _keep_secrets(self._settings)
        self._metrics.attach(number)
        self._guard.attach(number)
        app = open_app(served, self._settings, self._log, self._metrics, self._guard)
        app.plane.journal = self._journal
        for name, one in aloft.items():
            app.fly(name, one.bundle, one.page)
        nurseries = fork_nurseries(everything(app.plane.endpoints), self._settings)
        line.setblocking(False)
        return serve(app, nurseries, self._doorways(number), line, early=early)

    def _doorways(self, number: int) -> Doorways:
        """What was given beyond one socket a process is taken care of, too."""
        count = len(self._sockets)
        more, more_grpc = (spread(sockets, count)[number][1:] for sockets in (self._bound.http, self._bound.grpc))
        grpc = self._beside[number] if self._beside else None
        return Doorways(self._sockets[number], self._tls, grpc, more, more_grpc)

    def renew(self, change: Change) -> bool:
        """See `Birth`."""
        served, self._flying = self._served, ""
        match change.do:
            case "renew":
                self._guard.audit.control("signal", "renew", "", "local", "asked")
                stay = self.flights.champions()
                fresh = {name: one if name in stay else self._shelf.find(name) for name, one in served.items()}
            case "fly" | "land" | "promote":
                return self._renew_arms(change)
            case "load":
                self._refuse_unknown(change.name)
                self.flights.require_none(change.name)
                found = self._shelf.find(change.name)
                if change.name in served and served[change.name].digest == found.digest:
                    return False
                fresh = {**served, change.name: found}
            case "unload":
                self._refuse_unknown(change.name)
                self.flights.require_none(change.name)
                if change.name not in served:
                    return False
                fresh = {name: bundle for name, bundle in served.items() if name != change.name}
        self._may_be(fresh)
        self._fresh = fresh
        if not self._metrics.add(fresh):
            self._metrics = self._counters()  # they begin anew, as when the server does
        return True

    def _renew_arms(self, change: Change) -> bool:
        """A challenger comes, goes, or is the champion from this moment on, whatever becomes of the processes."""
        if change.do == "promote":
            bundle = self.flights.promote(change.name, change.flight)
            if bundle is None:
                return False
            self._served = {**self._served, change.name: bundle}
            change.told(None)
        elif change.do == "fly":
            if change.name not in self._served:
                raise refused("P312", f"no model `{change.name}` any more")
            self._flying = change.name
            carried = self.flights.carried(change.name).values()
            self._may_be({**self._served, **{f"{one.endpoint}@challenger": one.bundle for one in carried}})
        self._fresh = self._served
        return True

    def _may_be(self, bundles: Mapping[str, ServedBundle]) -> None:
        """UserError for what may not be served here."""
        runs_inline(bundles, self._settings)
        if self._journal is not None:
            self._journal.check(bundles)

    def seen(self, unfit: Mapping[str, str]) -> None:
        """See `Birth`."""
        self.flights.look(unfit)

    def died(self, state: str) -> None:
        """See `Birth`."""
        self.flights.died(state)

    def _refuse_unknown(self, name: str) -> None:
        if name not in self._served and name not in (known := self._shelf.known()):
            raise refused("P312", f"no model `{name[:_SHOWN]}`", hint=did_you_mean(name[:_SHOWN], known))

    def _counters(self) -> Metrics:
        return Metrics(self._fresh, len(self._sockets), 0 if self._settings.admin_port is None else _ROOM)

    def settle(self, *, fresh: bool) -> None:
        """See `Birth`."""
        self._flying = ""
        if fresh:
            self._served = self._fresh
        else:
            self._fresh = self._served


def fork_control(doorways: Doorways, shelf: Shelf, log: Log, settings: Settings) -> Child:
    """A process that answers control requests on the first of these."""

    def attend(line: socket.socket) -> int:
        from trimtab.server.admin_process import attend

        keep_only(())
        _keep_secrets(settings)
        return attend(doorways, line, shelf, log, settings)

    return _fork(0, attend)


def _keep_secrets(settings: Settings) -> None:
    if settings.tls is not None or settings.guard.asks:
        keep_secrets()


def _fork(number: int, run: Callable[[socket.socket], int]) -> Child:
    """A process that runs this with its end of a line to us."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        ours.close()
        as_child(parent, lambda: run(theirs))
    theirs.close()
    return Child(number, pid, ours)
