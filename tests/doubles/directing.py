"""A ledger and wishes in memory, a rule of thumb in place of statistics, and somebody who kills at the nth step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.airborne import Clock, Flown, Server

from trimtab.ops.flights.book import Book
from trimtab.ops.flights.director import Director, Means, Seen
from trimtab.ops.flights.standing import Standing
from trimtab.release.flight.plan import Plan
from trimtab.release.flight.states import Action, Evidence, Finding, Snapshot
from trimtab.release.ledger.flights import Begun, Wish
from trimtab.release.ledger.lines import FORMAT, OPENING, Entry, follow


class Killed(BaseException):
    """At that very place."""


@dataclass
class MemoryLedger:
    """Obeys `Ledger`."""

    clock: Clock
    path: str = "memory"
    kept: list[Entry] = field(default_factory=list)

    def entries(self, about: str = "") -> list[Entry]:
        return [entry for entry in self.kept if not about or entry.about == about]

    def append(self, kind: str, about: str, body: Any) -> Entry:
        if not self.kept:
            self.kept.append(follow(None, self.clock(), OPENING, "", {"format": FORMAT}))
        self.kept.append(follow(self.kept[-1], self.clock(), kind, about, body))
        return self.kept[-1]


@dataclass
class MemoryWishes:
    """Obeys `Wishes`."""

    wish: Wish | None = None

    def read(self) -> Wish | None:
        return self.wish

    def done(self, wish: Wish) -> None:
        if self.wish == wish:
            self.wish = None


@dataclass
class Killer:
    """Counts what is done to the world, and ends the process before or after the nth."""

    at: int = -1
    after: bool = False
    count: int = 0

    def wrapped(self, thing: Any, *names: str) -> Any:
        """The same thing, whose calls of these names are counted."""
        killer = self

        class Wrapped:
            def __getattr__(self, name: str) -> Any:
                found = getattr(thing, name)
                return killer.step(found) if name in names else found

        return Wrapped()

    def step(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **named: Any) -> Any:
            number, self.count = self.count, self.count + 1
            if number == self.at and not self.after:
                raise Killed
            answer = call(*args, **named)
            if number == self.at:
                raise Killed
            return answer

        return counted


def thumb(plan: Plan, snapshot: Snapshot, evidence: Evidence) -> Action:
    """In place of `decide`: more than a tenth of errors goes back, enough time and answers goes on."""
    phase, step = snapshot.phase, snapshot.step
    if phase in ("promoting", "rolling back"):
        do, then = ("promote", "promoted") if phase == "promoting" else ("end", "rolled back")
        return Action("wait" if snapshot.server == "gone" else do, then, step, None, phase)
    if (asked := _asked(snapshot)) is not None:
        return asked
    if snapshot.server in ("loading", "gone"):
        return Action("wait", phase, step, None, snapshot.server)
    if snapshot.server == "failed":
        return Action("roll back", "rolling back", step, 0.0, snapshot.why)
    if phase == "loading":
        return Action("begin", "flying", 0, plan.steps[0], "it is ready")
    return _weighed(plan, snapshot, evidence)


def _asked(snapshot: Snapshot) -> Action | None:
    phase, step = snapshot.phase, snapshot.step
    match snapshot.asked:
        case "abort":
            return Action("roll back", "rolling back", step, 0.0, "asked for")
        case "promote" if snapshot.server == "ready":
            return Action("promote", "promoting", step, None, "asked for")
        case "pause" if phase == "flying":
            return Action("pause", "paused", step, None, "asked for")
        case "resume" if phase == "paused":
            return Action("resume", "flying", step, None, "asked for")
    return None


def _weighed(plan: Plan, snapshot: Snapshot, evidence: Evidence) -> Action:
    phase, step = snapshot.phase, snapshot.step
    counts = evidence.strata[-1].counts
    n, bad = (counts.compared, counts.failed) if plan.kind == "shadow" else _answers(evidence)
    verdict = "FAIL" if bad > max(n / 10, 3) else "PASS" if n >= plan.minimum else "UNKNOWN"
    found = (Finding("errors", 0.1, verdict, bad / n if n else None, None, None, n, f"errors {bad} of {n}"),)
    if verdict == "FAIL" or snapshot.now - snapshot.began > plan.give_up_s:
        why = "errors are above 10 %" if verdict == "FAIL" else "time is over"
        return Action("roll back", "rolling back", step, 0.0, why, found)
    if snapshot.now - snapshot.step_began < plan.watch_s or verdict == "UNKNOWN" or phase == "paused":
        return Action("wait", phase, step, None, "not yet", found)
    if step + 1 < len(plan.steps):
        return Action("advance", "flying", step + 1, plan.steps[step + 1], "all is kept", found)
    if plan.kind in ("ab", "shadow"):
        return Action("end", "ended", step, 0.0, "time is over", found)
    return Action("promote", "promoting", step, None, "all is kept", found)


def _answers(evidence: Evidence) -> tuple[int, int]:
    arms = [stratum.counts.challenger for stratum in evidence.strata]
    return sum(arm.requests for arm in arms), sum(arm.errors for arm in arms)


@dataclass
class Tower:
    """A server, a ledger, and whoever directs: until killed, and then somebody else."""

    server: Server
    plan: Plan
    clock: Clock
    ledger: MemoryLedger
    wishes: MemoryWishes
    told: list[Seen] = field(default_factory=list)
    measures: Any = None

    @classmethod
    def of(cls, plan: Plan, **server: Any) -> Tower:
        clock = Clock()
        return cls(Server(clock, **server), plan, clock, MemoryLedger(clock), MemoryWishes())

    def director(self, killer: Killer | None = None) -> Director:
        """Of the flight that is on, or of a new one."""
        killer = killer or Killer()
        book = killer.wrapped(Book(killer.wrapped(self.ledger, "append")))
        standing = book.on("churn")
        if standing is None:
            begun = Begun("churn", "sha256:new", "http://here", self.plan)
            standing = book.begin(begun, lambda count: len(self.ledger.kept).to_bytes(count, "big"))
        else:
            standing = book.resume(standing, self.clock())
        return Director(standing, self.means(standing, book, killer), self.told.append)

    def means(self, standing: Standing, book: Any, killer: Killer) -> Means:
        flown = killer.wrapped(Flown(self.server, standing.flight), "status", "steer", "promote", "end", "start")
        wishes = killer.wrapped(self.wishes, "done")
        clock = self.clock
        return Means(flown, flown.start, book, wishes, thumb, clock, clock.sleep, self.measures)

    def ask(self, asked: Any, by: str = "t") -> None:
        """A person asks for something."""
        on = Book(self.ledger).on("churn")
        self.wishes.wish = Wish("" if on is None else on.flight, asked, by, "a person")
