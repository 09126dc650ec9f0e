"""Starts the serving processes, replaces those that die, hang or grow too large, renews them all, and stops them.

The supervisor owns the listening sockets, one a process, all on one port: the connections that wait on the socket of a
process that dies are taken by its replacement. It runs no event loop and no thread, so that it can always fork.
"""

from __future__ import annotations

import select
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from math import inf
from typing import Final, Protocol

from trimtab.core.errors import OutsideError, Problem, TrimtabError, UserError
from trimtab.server.children import Child, Signals
from trimtab.server.forked import resident
from trimtab.server.logs import Log
from trimtab.server.settings import Settings

__all__ = ["Birth", "Supervisor"]

_LOOK_S: Final = 0.25
_QUICK_S: Final = 10.0  # a process that ends sooner makes the next one wait longer
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 5.0
_MARGIN_S: Final = 1.0  # between the longest drain and the kill
_RECYCLE_S: Final = 60.0  # a limit that no process can keep must not have one loaded every turn
_LOADING_TIMES: Final = 12  # a process that loads may be silent for so many times longer: imports hold Python's lock


class Birth(Protocol):
    """Where serving processes come from, and what they serve."""

    def fork(self, number: int, *, fresh: bool, first: bool) -> Child:
        """A serving process on the socket of that number.

        fresh: it serves what `renew` found, and takes no connection before it is ready; first: nobody is there yet.
        """

    def renew(self) -> bool:
        """Look up what is to be served from now on; False, after it was logged, when that is not possible."""

    def settle(self, *, fresh: bool) -> None:
        """From now on every process serves what was looked up last, or what was served before."""


class Supervisor:
    """Keeps `count` processes, numbered from 0."""

    def __init__(
        self, count: int, birth: Birth, settings: Settings, log: Log, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Nothing is started yet."""
        self._count = count
        self._birth = birth
        self._settings = settings
        self._log = log
        self._clock = clock
        self._children: dict[int, Child] = {}  # by process descriptor
        self._waits: dict[int, float] = {}  # number -> when it may be started again
        self._quick: dict[int, int] = {}  # number -> how often in a row it has ended soon after its start
        self._recycled: dict[int, float] = {}  # number -> when its process was last found too large
        self._poll = select.poll()
        self._renewing: frozenset[int] = frozenset()  # numbers that a fresh process is to take over
        self._told = 0  # the signal that ends everything
        self._stopping = self._asked = False
        self._answered = False  # every process has been ready once

    def run(self, ready: Callable[[], None]) -> None:
        """Until SIGTERM or SIGINT; SIGHUP renews every process without a failed request.

        ready: called once, when every process answers. Raises the error of a process that cannot load at first.
        """
        for _ in self.turns(ready):
            pass

    def turns(self, ready: Callable[[], None]) -> Iterator[None]:
        """The same, turn by turn: whoever iterates may look between two of them."""
        with Signals(self._signalled) as signals:
            self._poll.register(signals, select.POLLIN)
            try:
                for number in range(self._count):
                    self._start(number, first=True)
                while self._children or self._waits:
                    yield
                    self._turn(signals)
                    if not self._answered and len(self._ready()) == self._count:
                        self._answered = True
                        ready()
            finally:
                self._kill_all()

    def _turn(self, signals: Signals) -> None:
        """One look at everything."""
        for fd, _ in self._poll.poll(_LOOK_S * 1000):
            if fd == signals.fileno():
                signals.clear()
            elif fd in self._children:
                self._reap(self._children[fd])
            else:
                self._hear(fd)
        if self._told and not self._stopping:
            self._stop()
        now = self._clock()
        for child in [*self._children.values()]:
            self._judge(child, now)
        if self._stopping:
            return
        self._renew()
        for number in [number for number, when in self._waits.items() if when <= now]:
            del self._waits[number]
            self._start(number)

    def _start(self, number: int, *, fresh: bool = False, first: bool = False) -> None:
        child = self._birth.fork(number, fresh=fresh, first=first)
        child.fresh = fresh
        child.began = child.heard = self._clock()
        self._children[child.fileno()] = child
        self._poll.register(child, select.POLLIN)
        self._poll.register(child.line, select.POLLIN)

    def _ready(self) -> set[int]:
        """Numbers whose process answers."""
        return {child.number for child in self._children.values() if child.beat.state == "ready"}

    def _hear(self, fd: int) -> None:
        child = next((child for child in self._children.values() if child.line.fileno() == fd), None)
        if child is not None and child.hear():
            child.heard = self._clock()
        elif child is not None:
            self._poll.unregister(fd)  # its end is closed; the process descriptor says the rest

    def _reap(self, child: Child) -> None:
        child.hear()
        self._poll.unregister(child)
        with suppress(KeyError):  # it was found closed before
            self._poll.unregister(child.line)
        del self._children[child.fileno()]
        status = child.end()
        if child.leaving or self._stopping:
            return
        self._log("serving process ended", {"level": "error", "pid": child.pid, "status": status})
        if child.beat.state == "failed":
            if not self._answered:
                raise _error(child.beat.problems)
            said = "; ".join(problem.what for problem in child.beat.problems)
            self._log("models cannot be loaded", {"level": "error", "why": said})
        if child.fresh:
            self._give_up()
        else:
            self._again(child)

    def _again(self, child: Child) -> None:
        """Another one in its place: at once after a long life, later after a short one."""
        now = self._clock()
        quick = self._quick.get(child.number, 0) + 1 if now - child.began < _QUICK_S else 0
        self._quick[child.number] = quick
        self._waits[child.number] = now + (min(_FIRST_WAIT_S * 2 ** (quick - 1), _LONGEST_WAIT_S) if quick else 0.0)

    def _judge(self, child: Child, now: float) -> None:
        """Kill one that is silent or does not end when told to; renew one that is too large."""
        settings = self._settings
        silence_s = settings.heartbeat_timeout_s * (_LOADING_TIMES if child.beat.state == "loading" else 1)
        grace_s = settings.drain_delay_s + settings.drain_timeout_s + _MARGIN_S
        if child.leaving and now - child.leaving > grace_s:
            child.leaving = now
            child.signal(signal.SIGKILL)
        elif child.leaving and child.beat.state == "loading":
            child.signal(self._told or signal.SIGTERM)  # again: it may not have been listening yet
        elif not child.leaving and now - child.heard > silence_s:
            self._log("serving process hangs", {"level": "error", "pid": child.pid})
            child.heard = now
            child.signal(signal.SIGKILL)
        elif self._is_too_large(child, now):
            self._log("serving process recycled", {"level": "warning", "pid": child.pid, "why": "memory"})
            self._recycled[child.number] = now
            self._renewing = frozenset({child.number})
            self._start(child.number, fresh=True)

    def _is_too_large(self, child: Child, now: float) -> bool:
        waits = now - self._recycled.get(child.number, -inf) < _RECYCLE_S
        may = not (waits or self._renewing or self._stopping or child.leaving) and child.beat.state == "ready"
        return may and 0 < self._settings.memory < resident(child.pid)

    def _renew(self) -> None:
        """Fresh processes take over when all of them are ready, not before."""
        if self._asked and not self._renewing:
            self._asked = False
            if self._birth.renew():
                self._renewing = frozenset(range(self._count))
                for number in self._renewing:
                    self._start(number, fresh=True)
        fresh = [child for child in self._children.values() if child.fresh]
        if fresh and {child.number for child in fresh if child.beat.state == "ready"} == self._renewing:
            self._birth.settle(fresh=True)
            self._leave(
                child for child in self._children.values() if not child.fresh and child.number in self._renewing
            )
            for child in fresh:
                child.fresh = False
            for number in self._renewing:
                self._waits.pop(number, None)
            self._log("renewed", {"level": "info", "pids": [child.pid for child in fresh]})
            self._renewing = frozenset()

    def _give_up(self) -> None:
        """A fresh process has failed: those that serve go on."""
        self._birth.settle(fresh=False)
        self._renewing = frozenset()
        self._leave(child for child in self._children.values() if child.fresh)
        for child in self._children.values():
            child.fresh = False

    def _leave(self, children: Iterable[Child]) -> None:
        for child in children:
            if not child.leaving:
                child.leaving = self._clock()
                child.signal(signal.SIGTERM)

    def _signalled(self, number: int) -> None:
        """Only noted: a signal may come in the middle of a fork."""
        if number == signal.SIGHUP:
            self._asked = True
        else:
            self._told = number

    def _stop(self) -> None:
        self._stopping = True
        self._waits.clear()
        for child in self._children.values():
            if not child.leaving:
                child.leaving = self._clock()
                child.signal(self._told)

    def _kill_all(self) -> None:
        """Whatever happened: no process is left."""
        for child in self._children.values():
            child.signal(signal.SIGKILL)
            child.end()
        self._children.clear()


def _error(problems: list[Problem]) -> TrimtabError:
    return (
        UserError(*problems) if problems else OutsideError(Problem("P305", "a serving process ended while it loaded"))
    )
