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
from typing import Final

from trimtab.core.errors import OutsideError, Problem, TrimtabError, UserError
from trimtab.server.changes import Change
from trimtab.server.children import Child, Signals
from trimtab.server.forked import resident
from trimtab.server.logs import Log
from trimtab.server.process import LOADING_TIMES, Beat
from trimtab.server.seat import Asked
from trimtab.server.settings import Settings
from trimtab.server.takeover import Birth, Takeover, unfit_of

__all__ = ["Supervisor"]

_LOOK_S: Final = 0.25
_AWAY_S: Final = 2.0  # a turn that takes longer: the container was frozen, or a large bundle was read
_QUICK_S: Final = 10.0  # a process that ends sooner makes the next one wait longer
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 5.0
_MARGIN_S: Final = 1.0  # between the longest drain and the kill
_RECYCLE_S: Final = 60.0  # a limit that no process can keep must not have one loaded every turn


class Supervisor:
    """Keeps `count` processes, numbered from 0."""

    def __init__(
        self,
        count: int,
        birth: Birth,
        settings: Settings,
        log: Log,
        clock: Callable[[], float] = time.monotonic,
        desk: Asked | None = None,
    ) -> None:
        """Nothing is started yet. desk: where changes are asked for, beside SIGHUP."""
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
        self._takeover = Takeover(birth, count, log)
        self._desk = desk
        self._looked = clock()
        self._told = 0  # the signal that ends everything
        self._stopping = self._asked = False
        self._answered = False  # every process has been ready once

    def run(self, ready: Callable[[], None]) -> None:
        """Until SIGTERM or SIGINT, or SIGUSR1: another server has the sockets; SIGHUP renews without a failed request.

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
            elif not self._at_desk(fd):
                self._hear(fd)
        if self._told and not self._stopping:
            self._stop()
        now = self._clock()
        self._excuse(now)
        for child in [*self._children.values()]:
            self._judge(child, now)
        if self._stopping:
            return
        if self._desk is not None and self._answered:
            self._desk.keep(self._poll)
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

    def _at_desk(self, fd: int) -> bool:
        if self._desk is None:
            return False
        return self._desk.hear(fd, self._poll, self._takeover.ask, unfit_of(self._children.values()))

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
                raise _error(child.beat)
            said = "; ".join(problem.what for problem in child.beat.problems)
            self._log("models cannot be loaded", {"level": "error", "why": said})
        if child.fresh:
            self._leave([*self._takeover.fail(_error(child.beat), self._children.values())])
        else:
            self._birth.died(child.beat.state)
            self._again(child)

    def _again(self, child: Child) -> None:
        """Another one in its place: at once after a long life, later after a short one."""
        now = self._clock()
        quick = self._quick.get(child.number, 0) + 1 if now - child.began < _QUICK_S else 0
        self._quick[child.number] = quick
        self._waits[child.number] = now + (min(_FIRST_WAIT_S * 2 ** (quick - 1), _LONGEST_WAIT_S) if quick else 0.0)

    def _excuse(self, now: float) -> None:
        """Silence counts only while we listen: who was frozen together with us gets time to speak."""
        away_s, self._looked = now - self._looked, now
        if away_s > _AWAY_S:
            for child in self._children.values():
                child.heard = min(child.heard + away_s, now)

    def _judge(self, child: Child, now: float) -> None:
        """Kill one that is silent or does not end when told to; renew one that is too large."""
        settings = self._settings
        silence_s = settings.heartbeat_timeout_s * (LOADING_TIMES if child.beat.state == "loading" else 1)
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
            self._takeover.recycle(child.number)
            self._start(child.number, fresh=True)

    def _is_too_large(self, child: Child, now: float) -> bool:
        waits = now - self._recycled.get(child.number, -inf) < _RECYCLE_S
        may = not (waits or self._takeover.busy or self._stopping or child.leaving) and child.beat.state == "ready"
        return may and 0 < self._settings.memory < resident(child.pid)

    def _renew(self) -> None:
        """Fresh processes take over when all of them are ready, not before."""
        children = self._children.values()
        if self._asked:
            self._asked = False
            self._takeover.ask(Change("renew"))
        for number in self._takeover.begin(children):
            self._start(number, fresh=True)
        self._leave(self._takeover.look(children))
        for child in children:
            if not child.fresh and not child.leaving:
                self._waits.pop(child.number, None)

    def _leave(self, children: Iterable[Child]) -> None:
        """Another one is in their place, or they were never needed."""
        for child in children:
            if not child.leaving:
                child.leaving = self._clock()
                child.signal(signal.SIGUSR1)

    def _signalled(self, number: int) -> None:
        """Only noted: a signal may come in the middle of a fork."""
        self._asked = self._asked or number == signal.SIGHUP
        self._told = self._told if number == signal.SIGHUP else number

    def _stop(self) -> None:
        self._stopping = True
        self._waits.clear()
        self._takeover.stop()
        for child in self._children.values():
            if not child.leaving:
                child.leaving = self._clock()
                child.signal(self._told)
        if self._desk is not None:
            self._desk.close(self._poll)

    def _kill_all(self) -> None:
        """Whatever happened: no process is left."""
        if self._desk is not None:
            self._desk.close(self._poll)
        for child in self._children.values():
            child.signal(signal.SIGKILL)
            child.end()
        self._children.clear()


def _error(beat: Beat) -> TrimtabError:
    """What a process said of its end; one that said nothing was ended from outside."""
    if not beat.problems:
        return OutsideError(Problem("P305", "a serving process ended while it loaded"))
    return (OutsideError if beat.outside else UserError)(*beat.problems)
