"""The control plane's process as its supervisor sees it: started, heard, replaced when it dies or falls silent.

It says what it wants on a line, one message at a time, and is told on it what became of that. What it has asked for is
done whether or not it lives to hear of it.
"""

from __future__ import annotations

import select
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, Literal

import msgspec

from trimtab.core.errors import OutsideError, Problem, TrimtabError
from trimtab.server.admin import Entry, State
from trimtab.server.changes import Change
from trimtab.server.children import Child
from trimtab.server.flights.orders import FlightOrder, Fly, Reply
from trimtab.server.logs import Log
from trimtab.server.process import LOADING_TIMES, Beat

__all__ = ["LONGEST", "Desk", "Order", "Report", "version_of"]

LONGEST: Final = 160 * 2**10  # bytes of a message
_QUICK_S: Final = 10.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 5.0
_FAREWELL_S: Final = 1.0
_VERSION: Final = 12
_SPEAKS: Final = Beat("ready")
_DOING: Final[Mapping[str, State]] = {"load": "LOADING", "unload": "UNLOADING"}


class Order(msgspec.Struct):
    """What the control plane wants; the report on it carries the same id. A `beat` wants nothing, and has no report."""

    id: int
    do: Literal["beat", "index", "load", "unload", "fly"]
    name: str = ""
    flight: FlightOrder | None = None


class Report(msgspec.Struct):
    """What became of an order: nothing wrong, or problems; `ours`: they are no fault of the caller's."""

    id: int
    problems: list[Problem] = []
    ours: bool = False
    models: list[Entry] = []
    flight: Reply = False


_encode: Final = msgspec.json.Encoder().encode
_read: Final = msgspec.json.Decoder(Order).decode


def version_of(digest: str) -> str:
    """What routes call the bundle of this digest."""
    return digest.removeprefix("sha256:")[:_VERSION]


def _flown(number: int, result: Reply | TrimtabError) -> Report:
    if isinstance(result, TrimtabError):
        return Report(number, list(result.problems), isinstance(result, OutsideError))
    return Report(number, flight=result)


class Desk:
    """Keeps one control process going; everything on the supervisor's thread."""

    def __init__(
        self,
        fork: Callable[[], Child],
        served: Callable[[], Mapping[str, str]],
        log: Log,
        clock: Callable[[], float],
        patience_s: float,
        fly: Fly | None = None,
    ) -> None:
        """served: the digest of every model that is served now. patience_s: silence after which the process hangs.

        fly: does what is wanted of flights.
        """
        self._fly = fly
        self._fork = fork
        self._served = served
        self._log = log
        self._clock = clock
        self._patience_s = patience_s
        self._child: Child | None = None
        self._pending: list[Change] = []
        self._quick = 0
        self._due = 0.0  # when it is to be started
        self._closed = False

    def keep(self, poll: select.poll) -> None:
        """Start it if it is not there and it is time; kill it if it is silent."""
        now = self._clock()
        if self._child is not None:
            self._judge(self._child, now)
        elif not self._closed and now >= self._due:
            self._child = child = self._fork()
            child.began = child.heard = now
            poll.register(child, select.POLLIN)
            poll.register(child.line, select.POLLIN)

    def _judge(self, child: Child, now: float) -> None:
        if now - child.heard > self._patience_s * (LOADING_TIMES if child.beat.state == "loading" else 1):
            self._log("control plane hangs", {"level": "error", "pid": child.pid})
            child.heard = now
            child.signal(signal.SIGKILL)

    def hear(self, fd: int, poll: select.poll, ask: Callable[[Change], None], unfit: Mapping[str, str]) -> bool:
        """Whether the descriptor is its; if so, what it wants is asked for, and its death is noticed."""
        child = self._child
        if child is None or fd not in (child.fileno(), child.line.fileno()):
            return False
        alive = self._orders(child, ask, unfit)
        if fd == child.fileno() or not alive:
            self._ended(child, poll)
        return True

    def _orders(self, child: Child, ask: Callable[[Change], None], unfit: Mapping[str, str]) -> bool:
        """Read what it wants; False when it will say no more, or nothing that makes sense."""
        try:
            while data := child.line.recv(LONGEST):
                self._take(child, _read(data), ask, unfit)
        except BlockingIOError:
            return True
        except (OSError, msgspec.DecodeError):
            return False
        return False

    def _take(self, child: Child, order: Order, ask: Callable[[Change], None], unfit: Mapping[str, str]) -> None:
        child.heard, child.beat = self._clock(), _SPEAKS
        if order.do == "beat":
            return
        if order.do == "index":
            self._report(child, Report(order.id, models=self.models(unfit)))
            return

        if order.do == "fly":
            if order.flight is not None and self._fly is not None:
                self._fly(order.flight, ask, lambda result: self._report(child, _flown(order.id, result)))
            return

        def told(error: TrimtabError | None) -> None:
            self._pending.remove(change)
            problems = [] if error is None else list(error.problems)
            self._report(child, Report(order.id, problems, isinstance(error, OutsideError)))

        change = Change(order.do, order.name, told)
        self._pending.append(change)
        ask(change)

    def models(self, unfit: Mapping[str, str]) -> list[Entry]:
        """What is served, and what is about to be."""
        doing = {change.name: _DOING[change.do] for change in self._pending}
        served = self._served()
        found = [
            Entry(name, "UNAVAILABLE", version_of(digest), unfit[name])
            if name in unfit
            else Entry(name, "UNLOADING" if doing.get(name) == "UNLOADING" else "READY", version_of(digest))
            for name, digest in served.items()
        ]
        return found + [Entry(name, "LOADING") for name, do in doing.items() if do == "LOADING" and name not in served]

    def _report(self, child: Child, report: Report) -> None:
        """Said to the process that asked, if it is still there; one that does not read is of no use."""
        if child is not self._child:
            return
        try:
            child.line.send(_encode(report))
        except OSError:
            with suppress(OSError):
                child.signal(signal.SIGKILL)

    def _ended(self, child: Child, poll: select.poll) -> None:
        poll.unregister(child)
        poll.unregister(child.line)
        self._child = None
        with suppress(OSError):
            child.signal(signal.SIGKILL)
        status = child.end()
        if self._closed:
            return
        now = self._clock()
        self._quick = self._quick + 1 if now - child.began < _QUICK_S else 0
        self._due = now + (min(_FIRST_WAIT_S * 2 ** (self._quick - 1), _LONGEST_WAIT_S) if self._quick else 0.0)
        self._log("control plane ended", {"level": "error", "pid": child.pid, "status": status})

    def close(self, poll: select.poll) -> None:
        """No more of it: what it was told last it still says to its callers, for a moment."""
        self._closed = True
        child = self._child
        if child is None:
            return
        with suppress(OSError):
            child.line.shutdown(1)  # SHUT_WR: it has heard all
        farewell = select.poll()
        farewell.register(child, select.POLLIN)
        farewell.poll(_FAREWELL_S * 1000)
        self._ended(child, poll)
