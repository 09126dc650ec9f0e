"""One flight on a virtual clock: the decisions are those of `decide`, and so are the looks, where they matter.

A director looks twice a second. Here a look is taken when the time at a step has grown by a third; only where that
look decides something, the time before it is gone through in ever shorter parts, down to the director's own. What a
look between two others would have decided, and neither of both does, is missed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Final, Literal, TypeAlias

import numpy as np

from trimtab.core.flights import bucket_of
from trimtab.ops.simulate.source import Piece, Source, Stretch
from trimtab.ops.simulate.tally import DIFFERS, FAILED, NOTHING, SAME, Tally, counts_of
from trimtab.release.flight.decide import decide
from trimtab.release.flight.plan import Plan
from trimtab.release.flight.states import Action, Evidence, Snapshot, Stratum

__all__ = ["Flight", "Outcome", "fly"]

Outcome: TypeAlias = Literal["promoted", "rolled back", "given up", "held", "ended"]
Decide: TypeAlias = Callable[[Plan, Snapshot, Evidence], Action]
LOOK_S: Final = 0.5  # between two looks of a director
ACT_S: Final = 0.25  # from a look until the traffic is elsewhere
GROWS: Final = 1 / 3  # of the time at a step
_FEW: Final = 4  # answers of the challenger: fewer decide nothing
_PARTS: Final = 4
_ROOM_S: Final = 1e-3  # what is to have been watched for ten minutes has been, whatever floats say


@dataclass(frozen=True, slots=True)
class Flight:
    """How it came out. seconds: until it was over; steps: (seconds, share) from which each share was flown.

    outcome: `rolled back` for a broken limit, `given up` for want of proof; `held` for a person to promote; `ended`, a
    shadow that kept to its limits. exposed: answers that the challenger gave; failed, differing, slow: of these, each
    in one only: errors, not what the champion would have said, later than 99 % of the champion's. people: callers who
    had any. why: as the ledger has it.
    """

    outcome: Outcome
    seconds: float
    exposed: int
    failed: int
    differing: int
    slow: int
    people: int
    asked: int
    looks: int
    steps: tuple[tuple[float, float], ...]
    why: str

    @property
    def bad(self) -> int:
        """Answers that nobody should have had."""
        return self.failed + self.differing + self.slow


def fly(
    plan: Plan, source: Source, began: float, chance: np.random.Generator, *, decide: Decide = decide,
    grows: float = GROWS,
) -> Flight:  # fmt: skip
    """A flight that begins then, until it is over. grows: 0 for all looks of a director, which takes its time."""
    return _Aloft(plan, source, began, chance, decide, grows).flown()


@dataclass(slots=True)
class _Aloft:
    """A flight that is on. now, step_began: seconds since it began."""

    plan: Plan
    source: Source
    began: float
    chance: np.random.Generator
    decide: Decide
    grows: float
    step: int = -1
    share: float = 0.0
    now: float = 0.0
    step_began: float = 0.0
    closed: list[Stratum] = field(default_factory=list)
    total: Tally = NOTHING  # of this step
    flown_before: Tally = NOTHING
    past: list[tuple[float, float, float]] = field(default_factory=list)
    looks: int = 0

    def flown(self) -> Flight:
        """Until it is over."""
        action = self._decide(NOTHING, 0.0, "loading")
        while action.do in {"begin", "advance", "wait"} and not self._held(action):
            if action.do != "wait":
                self._turn_to(action)
            action = self._next()
        return self._over(action)

    def _turn_to(self, action: Action) -> None:
        """Another share from now on."""
        if self.step >= 0:
            self.closed.append(self._stratum(NOTHING, self.now))
            self.past.append((self.began + self.step_began, self.began + self.now, self.share))
        self.flown_before, self.total = self.flown_before.plus(self.total), NOTHING
        self.step, self.share, self.step_began = action.step, action.share or 0.0, self.now

    def _next(self) -> Action:
        """The next look, however far away, or the first one before it that decides something."""
        bound = self._bound()
        few = _FEW / max(self.source.world.rate * self.share, 1e-9) if self.grows else 0.0
        end = min(self.now + max(LOOK_S, few, self.grows * (self.now - self.step_began)), bound)
        shadow = self.plan.kind == "shadow"
        stretch = Stretch(self.began + self.now, self.began + end, self.share, shadow, tuple(self.past))
        return self._looked(self.source.draw(stretch, self.chance), at_bound=end == bound)

    def _bound(self) -> float:
        """When time itself decides something, at the next."""
        watch = max(self.plan.watch_s, self.plan.keep_s) if self.plan.kind == "blue-green" else self.plan.watch_s
        bounds = (self.step_began + watch + _ROOM_S, self.plan.give_up_s + _ROOM_S)
        return min((bound for bound in bounds if bound > self.now + _ROOM_S / 2), default=self.now + LOOK_S)

    def _looked(self, piece: Piece, *, at_bound: bool = False) -> Action:
        """The first look in the piece that decides something, or the one at its end; what was counted is kept."""
        end = piece.end - self.began
        action = self._decide(piece.tally, end)
        quiet = action.do == "wait" or (at_bound and all(one.verdict != "FAIL" for one in action.findings))
        if quiet or end - self.now <= LOOK_S * 1.001:
            self.total, self.now = self.total.plus(piece.tally), end
            return action
        for part in piece.split(min(_PARTS, ceil((end - self.now) / LOOK_S)), self.chance):
            found = self._looked(part)
            if found.do != "wait":
                return found
        return action

    def _decide(self, more: Tally, now: float, phase: Literal["loading", "flying"] = "flying") -> Action:
        self.looks += 1
        snapshot = Snapshot(phase, self.step, self.began, self.began + self.step_began, self.began + now)
        strata = () if self.step < 0 else (*self.closed, self._stratum(more, now))
        return self.decide(self.plan, snapshot, Evidence(strata))

    def _stratum(self, more: Tally, now: float) -> Stratum:
        truths, shadow = self.source.world.truths, self.plan.kind == "shadow"
        values = any(one.measure == "shift" for one in self.plan.limits)
        counts = counts_of(self.total.plus(more), truths.name if truths else "", shadow=shadow, values=values)
        return Stratum(self.share, now - self.step_began, counts)

    def _held(self, action: Action) -> bool:
        """Whether all is proved, and a person is waited for."""
        strict = [one for one in action.findings if not one.warn_only]
        proved = bool(strict) and all(one.verdict == "PASS" for one in strict)
        return (
            self.plan.hold
            and action.do == "wait"
            and proved
            and self.step == len(self.plan.steps) - 1
            and (action.why.startswith("somebody is to decide"))
        )

    def _over(self, action: Action) -> Flight:
        whole = self.flown_before.plus(self.total)
        if action.do == "roll back" and self.step >= 0:
            whole = whole.plus(self._meanwhile())
        shadow = self.plan.kind == "shadow"
        own = whole.answers[1] * (not shadow)
        late = bucket_of(self.source.world.champion.latency.quantile(0.99)) + 1
        exposed = int(own.sum())
        steps = (*((begin - self.began, share) for begin, _, share in self.past), (self.step_began, self.share))
        return Flight(
            outcome=_outcome(action),
            seconds=self.now,
            exposed=exposed,
            failed=int(own[FAILED].sum()),
            differing=int(own[DIFFERS].sum()),
            slow=int(own[SAME, late:].sum()),
            people=self._people(exposed),
            asked=int(whole.answers[0].sum()) + exposed,
            looks=self.looks,
            steps=steps if self.step >= 0 else (),
            why=action.why,
        )

    def _meanwhile(self) -> Tally:
        """What is answered until a challenger that goes back is off the traffic."""
        now = self.began + self.now
        stretch = Stretch(now, now + ACT_S, self.share, self.plan.kind == "shadow", tuple(self.past))
        return self.source.draw(stretch, self.chance).tally

    def _people(self, exposed: int) -> int:
        """Callers who had any of so many answers; where arms are divided by caller, of those who may have had."""
        callers = self.source.world.callers
        if not callers or not exposed:
            return 0
        if self.plan.split.by == "principal":
            callers = max(int(self.chance.binomial(callers, self.share)), 1)
        return int(np.count_nonzero(self.chance.multinomial(exposed, np.full(callers, 1 / callers))))


def _outcome(action: Action) -> Outcome:
    match action.do:
        case "promote":
            return "promoted"
        case "end":
            return "ended"
        case "roll back":
            return "rolled back" if any(one.verdict == "FAIL" for one in action.findings) else "given up"
        case _:
            return "held"
