"""The control plane in a process of its own: it asks the supervisor on a line, and takes no part in serving.

A crash of it, or of the framework under it, costs a control request and nothing else. It beats as serving processes do,
out of the event loop that takes its requests: when that hangs, it falls silent.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from typing import Final, Literal

import msgspec

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.server.admin import NOT_LOADED, Control, Entry
from trimtab.server.admin_listener import open_admin
from trimtab.server.changes import Shelf
from trimtab.server.desk import LONGEST, Order, Report, version_of
from trimtab.server.door import Doorways
from trimtab.server.flights.orders import FlightOrder, Reply
from trimtab.server.guard.make import open_guard
from trimtab.server.logs import Log
from trimtab.server.settings import Settings

__all__ = ["Remote", "attend"]

_encode: Final = msgspec.json.Encoder().encode
_BEAT: Final = _encode(Order(0, "beat"))
_read: Final = msgspec.json.Decoder(Report).decode


class Remote:
    """A repository at the other end of a line; any thread may ask while one runs `listen`."""

    def __init__(self, line: socket.socket, shelf: Shelf) -> None:
        """line: to the supervisor, blocking, one message at a time."""
        self._line = line
        self._shelf = shelf
        self._lock = threading.Lock()
        self._ids = count(1)
        self._waiting: dict[int, Future[Report]] = {}
        self._over = False

    def listen(self) -> None:
        """Hand reports to those who wait for them; returns when the supervisor has no more to say."""
        try:
            while data := self._line.recv(LONGEST):
                report = _read(data)
                with self._lock:
                    future = self._waiting.pop(report.id, None)
                if future is not None:
                    future.set_result(report)
        except OSError:
            pass
        finally:
            with self._lock:
                self._over = True
                left = [*self._waiting.values()]
                self._waiting.clear()
            for future in left:
                future.set_exception(_stopping())

    def _ask(
        self, do: Literal["index", "load", "unload", "fly"], name: str = "", flight: FlightOrder | None = None
    ) -> Report:
        future: Future[Report] = Future()
        with self._lock:
            if self._over:
                raise _stopping()
            order = Order(next(self._ids), do, name, flight)
            self._waiting[order.id] = future
        try:
            self._line.send(_encode(order))
        except OSError:
            raise _stopping() from None
        report = future.result()
        if report.problems:
            raise (OutsideError if report.ours else UserError)(*report.problems)
        return report

    def beat(self) -> None:
        """Say that we live; never waits. The supervisor may be busy: then there is enough for it to read."""
        with suppress(OSError):
            self._line.send(_BEAT, socket.MSG_DONTWAIT)

    def index(self) -> Sequence[Entry]:
        """What is served, then what could be."""
        entries = self._ask("index").models
        names = {entry.name for entry in entries}
        others = {name: digest for name, digest in sorted(self._shelf.known().items()) if name not in names}
        return entries + [Entry(name, "UNAVAILABLE", version_of(digest), NOT_LOADED) for name, digest in others.items()]

    def load(self, name: str) -> None:
        """See `Repository`."""
        self._ask("load", name)

    def unload(self, name: str) -> None:
        """See `Repository`."""
        self._ask("unload", name)

    def fly(self, order: FlightOrder) -> Reply:
        """See `Repository`."""
        return self._ask("fly", order.endpoint, order).flight


def _stopping() -> OutsideError:
    return OutsideError(Problem("P316", "the server is stopping"))


def attend(doorways: Doorways, line: socket.socket, shelf: Shelf, log: Log, settings: Settings) -> int:
    """Answer control requests until the line ends; the exit status."""
    remote = Remote(line, shelf)
    guard = open_guard(settings, log, shares=False)
    guard.attach(0)

    def beat() -> None:
        remote.beat()
        guard.look()

    hosts = (settings.host, settings.admin_host, *settings.guard.hosts)
    control = Control(remote, log, guard, hosts)
    admin = open_admin(control, doorways.http, beat, doorways.tls, settings.header_timeout_s)
    remote.listen()
    admin.close()
    guard.close()
    return 0
