"""One destination's part of a pass: whether it is time, what goes, what is noted; never in the way of the others."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from trimtab.core.errors import Problem, TrimtabError
from trimtab.journal.ship.carrier import Carrier, DamagedError, OpenCarrier, Parcel, Tools
from trimtab.journal.ship.destination import Destination
from trimtab.journal.ship.keysent import prune
from trimtab.journal.ship.logbook import Logbook
from trimtab.journal.ship.retry import LONGEST_S, due, next_try
from trimtab.journal.ship.sealed import Sealed, version_of
from trimtab.journal.ship.standing import Standing, damaged, standing_of, waiting

__all__ = ["Lane", "Machine", "Outcome"]

_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Machine:
    """What of the world shipping depends on: seconds since 1970, seconds that never go back, chance in [0, 1)."""

    clock: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one pass came to at one destination.

    sent: files that are there now and were not before. problem: why not all of them are, also where it was not time
    to try again. damaged: what this machine cannot read, file by file. busy: a pass is still at it.
    """

    standing: Standing
    sent: int = 0
    sent_bytes: int = 0
    problem: Problem | None = None
    damaged: tuple[Problem, ...] = ()
    busy: bool = False


class Lane:
    """The way from a journal to one destination."""

    def __init__(
        self, journal: Path, destination: Destination, logbook: Logbook, machine: Machine, opener: OpenCarrier
    ) -> None:
        """Touches nothing."""
        self._journal = journal
        self._destination = destination
        self._machine = machine
        self._open = opener
        self.logbook = logbook

    def run(self, files: Sequence[Sealed], tools: Tools, until: float) -> Outcome:
        """Ship what waits of these files until that time of the steady clock; whatever fails is in the outcome."""
        state = self.logbook.state
        files = [sealed for sealed in files if sealed.stream in state.streams]
        sent: list[Sealed] = []
        problem = None
        now = self._machine.clock()
        left = waiting(state, files)
        try:
            if any(self._is_tried(sealed, now) for sealed in left):
                if due(now, state.next_try):
                    self._ship(files, tools, until, sent)
            elif state.failures and not left:  # what could not be noted is there all the same
                self.logbook.note("well")
        except TrimtabError as error:
            problem = self._failed(error.problems[0], now)
        unread = damaged(state, waiting(state, files))
        return Outcome(
            standing_of(state, files), len(sent), sum(sealed.size for sealed in sent), problem or state.problem,
            tuple(one for name, why in unread.items() for one in DamagedError(why, name).problems),
        )  # fmt: skip

    def _ship(self, files: Sequence[Sealed], tools: Tools, until: float, sent: list[Sealed]) -> None:
        there = {sealed.name for sealed in files}
        self.logbook.tidy(there.__contains__)
        prune(tools.spool, there)
        self.logbook.note("begun")  # what cannot be noted is not shipped: it would be shipped again and again
        with closing(self._open(self._destination, tools)) as carrier:
            carrier.reach()
            for count, sealed in enumerate(waiting(self.logbook.state, files)):
                if count and self._machine.steady() >= until:  # one at least, however long it took to get there
                    break
                try:
                    done = self._send(carrier, sealed, until)
                except DamagedError as error:
                    self._note_damage(sealed, error.problems[0].what)
                    continue
                if done:
                    sent.append(sealed)
        if self.logbook.state.failures:
            self.logbook.note("well")

    def _send(self, carrier: Carrier, sealed: Sealed, until: float) -> bool:
        opened = _opened(self._journal / sealed.name)
        if opened is None:  # retention took it
            return False
        with opened as file:
            status = os.fstat(file.fileno())
            version = version_of(status)  # perhaps a newer one than was listed
            before, rows = self.logbook.state.part.get(sealed.name, ("", 0))
            parcel = Parcel(
                sealed.name, file, status.st_size, rows if before == version else 0,
                lambda there: self.logbook.note("part", name=sealed.name, version=version, rows=there),
                lambda: until - self._machine.steady(),
            )  # fmt: skip
            try:
                done = carrier.send(parcel)
            except DamagedError:
                raise
            except TrimtabError:
                times = self.logbook.state.trouble.get(sealed.name, 0) + 1
                self.logbook.note("trouble", name=sealed.name, times=times)
                raise
        if done:
            self.logbook.note("shipped", name=sealed.name, version=version)
        return done

    def _is_tried(self, sealed: Sealed, now: float) -> bool:
        """One that cannot be read is no reason to ask anybody, but for now and then: it may be well again."""
        version, _, time = self.logbook.state.damaged.get(sealed.name, ("", "", 0.0))
        return version != sealed.version or due(now, time + LONGEST_S)

    def _note_damage(self, sealed: Sealed, why: str) -> None:
        now = self._machine.clock()
        known = self.logbook.state.damaged.get(sealed.name, ("", "", 0.0))
        if known[:2] != (sealed.version, why) or due(now, known[2] + LONGEST_S):
            self.logbook.note("damaged", name=sealed.name, version=sealed.version, why=why, time=now)

    def _failed(self, problem: Problem, now: float) -> Problem:
        """Take down the failure and when to try again; what cannot be taken down is the problem then."""
        state = self.logbook.state
        failures = state.failures + 1
        try:
            self.logbook.note(
                "failed", failures=failures, since=state.since or now,
                next_try=now + next_try(failures, self._machine.chance()),
                problem=[problem.code, problem.what, problem.where, problem.hint],
            )  # fmt: skip
        except TrimtabError as error:
            return error.problems[0]
        return problem


def _opened(path: Path) -> BinaryIO | None:
    try:
        return os.fdopen(os.open(path, _OPEN), "rb")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DamagedError(f"it cannot be opened: {(error.strerror or str(error)).lower()}", path.name) from None
