"""The loop around a flight: look, decide, write down, act. What was written down and not done is done first.

kill where                    what the ledger has     what the next director does
before `decided` is written   nothing new             looks and decides anew
between `decided` and done    `decided`               does it again: steer, promote and end may be said twice
between done and `applied`    `decided`               the same
after `applied`               `applied`               goes on from there
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol, TypeAlias

from trimtab.core.errors import OutsideError, UserError
from trimtab.core.flights import Counts, FlightStatus, Moments
from trimtab.core.traffic import ARMS, Arm
from trimtab.ops.flights.act import act, share_after, traffic_of
from trimtab.ops.flights.flown import Flown
from trimtab.ops.flights.standing import Standing, after, strata_of
from trimtab.ops.flights.wishes import Wishes
from trimtab.release.flight.plan import Plan
from trimtab.release.flight.states import Action, Evidence, Phase, Snapshot
from trimtab.release.ledger.flights import Applied, Decided, Ended, Note, Resumed, Wish

__all__ = ["EVERY_S", "LEASE_S", "Decide", "Director", "Means", "Measures", "Notebook", "Seen"]

EVERY_S: Final = 0.5  # between two looks
LEASE_S: Final = 10.0  # a share is nothing again when nobody has looked for so long
_Server: TypeAlias = Literal["loading", "ready", "failed", "gone", "lost", "unbegun"]
# what it means that a server has no such flight: what is being promoted, or ended, may be so already
_WITHOUT: Final[Mapping[Phase, _Server]] = {"loading": "unbegun", "promoting": "ready", "rolling back": "ready"}
NOTED_S: Final = 60.0  # at least so often it is noted that nothing is done, and why
NEWS_S: Final = 5.0  # not more often, however verdicts come and go
Decide: TypeAlias = Callable[[Plan, Snapshot, Evidence], Action]
Measures: TypeAlias = Callable[[Standing], Mapping[Arm, Mapping[str, Moments]]]


class Notebook(Protocol):
    """Where it is written down."""

    def note(self, flight: str, note: Note) -> float:
        """It survives a power cut from now on; the time of the entry."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a director sees and acts by. start: begin the flight where it is served, which may be said twice.

    clock: seconds since 1970. measures: quality and rewards of each arm so far, where truth is to be had.
    """

    flown: Flown
    start: Callable[[], None]
    book: Notebook
    wishes: Wishes
    decide: Decide
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    measures: Measures | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one look, for whoever watches. why: nobody answers, as it was said; empty where somebody does."""

    standing: Standing
    evidence: Evidence
    action: Action | None
    status: FlightStatus | None
    now: float
    why: str = ""


class Director:
    """Of one flight; it must have the helm of its endpoint."""

    def __init__(self, standing: Standing, means: Means, tell: Callable[[Seen], None] = lambda _: None) -> None:
        """standing: as the ledger has it. tell: is told of every look."""
        self.standing = standing
        self._means, self._tell = means, tell
        self._seen = standing.base
        self._status: FlightStatus | None = None
        self._why = ""
        self._gone_at = 0.0
        self._noted: tuple[str, ...] = ()

    def run(self) -> Ended:
        """Until the flight is over, or what serves it refuses (UserError): then it is still on, and may be resumed."""
        while (ended := self.standing.ended) is None:
            self.turn()
            if self.standing.ended is None:
                self._means.sleep(EVERY_S)
        return ended

    def turn(self) -> None:
        """One look, and what follows from it."""
        now = self._means.clock()
        if self.standing.pending is not None or self.standing.over is not None:
            action = None if self.standing.pending is None else self.standing.pending.action
            self._finish_what_was_decided()
        else:
            action = self._decide(now)
        evidence = Evidence(strata_of(self.standing, self._seen, now))
        self._tell(Seen(self.standing, evidence, action, self._status, now, self._why))

    def _decide(self, now: float) -> Action | None:
        server = self._look()
        if server == "lost":
            why = "the server knows nothing of the flight any more: it was restarted, or somebody ended it there"
            self._note(Ended("rolled back", why))
            return None
        if server == "unbegun":
            self._begin()
            return None
        standing, plan = self.standing, self.standing.begun.plan
        wish = self._wish()
        strata = strata_of(standing, self._seen, now)
        why = self._why if self._status is None or server == "gone" else self._status.why
        snapshot = Snapshot(
            standing.phase, standing.step, standing.began, standing.step_began, now, server, why,
            wish.asked if wish else "",
        )  # fmt: skip
        action = self._means.decide(plan, snapshot, Evidence(strata))
        if action.do != "wait" or wish is not None or self._is_news(action, now):
            self._note(Decided(action, strata, wish))
            self._noted = _verdicts(action)
        if wish is not None:
            self._means.wishes.done(wish)
        if action.do == "wait":
            self._renew()
        else:
            self._finish_what_was_decided()
        return action

    def _look(self) -> _Server:
        """What is known of the challenger at the server now."""
        try:
            status = self._means.flown.status()
        except OutsideError as error:
            self._why, self._gone_at = error.problems[0].what, self._gone_at or self._means.clock()
            return "gone"
        self._why, self._status = "", status
        self._know_gap()
        if status is None:
            return _WITHOUT.get(self.standing.phase, "lost")
        self._seen = self._with_measures(status.counts)
        return status.state

    def _know_gap(self) -> None:
        """Time without an answer, beyond the lease, was no time in which anybody was watched."""
        gone_at, self._gone_at = self._gone_at, 0.0
        if gone_at and (away_s := self._means.clock() - gone_at - LEASE_S) > 0:
            self._note(Resumed(away_s))

    def _with_measures(self, counts: Counts) -> Counts:
        if self._means.measures is None:
            return counts
        found = self._means.measures(self.standing)
        arms = {arm: replace(getattr(counts, arm), measures=found.get(arm, {})) for arm in ARMS}
        return replace(counts, champion=arms["champion"], challenger=arms["challenger"])

    def _begin(self) -> None:
        """The server has not heard of it yet, or has forgotten it before anything was exposed."""
        try:
            self._means.start()
        except OutsideError as error:
            self._why = error.problems[0].what
        except UserError as error:
            self._note(Ended("refused", error.problems[0].what))
            raise

    def _wish(self) -> Wish | None:
        """What a person asks for, if it is new and about this flight."""
        wish = self._means.wishes.read()
        if wish is None or (wish.flight == self.standing.flight and wish.token not in self.standing.handled):
            return wish
        self._means.wishes.done(wish)
        return None

    def _is_news(self, action: Action, now: float) -> bool:
        quiet_s = now - self.standing.last
        return quiet_s >= NOTED_S or (quiet_s >= NEWS_S and _verdicts(action) != self._noted)

    def _renew(self) -> None:
        """Somebody still looks: the share stays for another lease."""
        standing = self.standing
        if standing.share > 0 and not self._why:
            try:
                self._means.flown.steer(traffic_of(standing, standing.share), LEASE_S)
            except OutsideError as error:
                self._why = error.problems[0].what
            except UserError:
                status = self._means.flown.status()
                if status is not None and status.state == "ready":
                    raise  # else the next look finds what has happened

    def _finish_what_was_decided(self) -> None:
        """Do it, and say that it is done; it is tried again at the next turn where nobody answers."""
        standing = self.standing
        try:
            if standing.pending is not None:
                action = standing.pending.action
                act(self._means.flown, standing, action, LEASE_S)
                status = self._means.flown.status()
                if status is not None:
                    self._status, self._seen = status, self._with_measures(status.counts)
                self._note(self._applied(action))
            if (over := self.standing.over) is not None:
                self._means.flown.end()
                self._note(Ended(over, "" if (told := self.standing.decided) is None else told.action.why))
        except OutsideError as error:
            self._why = error.problems[0].what
        except UserError as error:
            self._give_way(error)
        else:
            self._why = ""

    def _applied(self, action: Action) -> Applied:
        champion, challenger = ("", "") if self._status is None else (self._status.champion, self._status.challenger)
        step, share = action.step, share_after(self.standing, action)
        return Applied(action.do, action.phase, step, share, self._seen, champion, challenger)

    def _give_way(self, error: UserError) -> None:
        """The server refuses what was decided: then it goes back, unless that is what is refused."""
        try:
            lost = self._means.flown.status() is None
        except OutsideError as gone:
            self._why = gone.problems[0].what
            return
        pending, why = self.standing.pending, error.problems[0].what
        if lost:
            self._note(Ended(self.standing.over or "rolled back", f"the server has no such flight any more: {why}"))
        elif pending is not None and pending.action.do != "roll back":
            step = self.standing.step
            back = Action("roll back", "rolling back", step, 0.0, f"the server refuses to {pending.action.do}: {why}")
            self._note(Decided(back))
        else:
            raise error

    def _note(self, note: Note) -> None:
        self.standing = after(self.standing, note, self._means.book.note(self.standing.flight, note))


def _verdicts(action: Action) -> tuple[str, ...]:
    return tuple(f"{one.measure} {one.verdict}" for one in action.findings)
