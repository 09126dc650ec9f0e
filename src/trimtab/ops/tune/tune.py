"""Tuning as a story: measure calls, lay out what may be tried, race the settings, check the winner, report."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

import msgspec

from trimtab.ops.tune.curve import Curve, curve_of, pooled
from trimtab.ops.tune.measured import Level, capacity, typical
from trimtab.ops.tune.report import Report
from trimtab.ops.tune.search import Race, Stop, decide, finalists
from trimtab.ops.tune.setting import present
from trimtab.ops.tune.space import Facts, space
from trimtab.ops.tune.state import State, facts_of_machine, only_one, read_state, write_state
from trimtab.ops.tune.subject import Subject
from trimtab.ops.tune.trial import Stand, connections_of
from trimtab.ops.tune.wishes import Goal, Wishes, default_goal
from trimtab.project import ServerPart
from trimtab.server.threads import POOLS, cores

__all__ = ["Place", "tune"]

_VISITS: Final = 4.0  # segments are so long that each setting could have so many visits in the time there is
_SEGMENT_S: Final = (0.15, 1.0)
_FOR_CHECK: Final = 0.15  # of the time is kept for the check at the end
# of a setting's capacity, at which requests then come by chance; twice each, since a machine may do something else
_SHARES: Final = (0.8, 0.8, 0.6, 0.6, 0.4, 0.4)
_KEPT: Final = {"body": "B", "rows": "", "timeout": "s", "idle": "s", "memory": "B"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the state is kept, the settings of today, and whom to tell what happens."""

    state: Path
    part: ServerPart
    tell: Callable[[str, str], None]
    fresh: bool = False


def tune(subject: Subject, wishes: Wishes, place: Place, clock: Callable[[], float] = time.monotonic) -> Report:
    """Run until the race is decided or the time is up, whichever comes first; goes on from what was measured before."""
    begin = clock()
    with only_one(place.state), _ended_cleanly():
        state = _state(subject, wishes, place)
        race = Race(
            len(state.space), Goal(wishes.goal.quantile if wishes.goal else "p99", state.goal_s), frozenset({0})
        )
        tried = f"{len(state.space)} settings" + (f", {len(state.trials)} trials so far" if state.trials else "")
        place.tell("settings", tried)
        kept = _kept(place.part)
        with Stand(subject, kept, wishes.connections, state.segment_s) as stand:
            state, why = _raced(race, state, stand, place, lambda: clock() - begin < wishes.budget_s * (1 - _FOR_CHECK))
            best, check = _checked(race, state, stand)
    seconds = clock() - begin
    return Report(race.goal, wishes.rows, state.space, state.trials, state.curve, why, seconds, best, check)


def _raced(race: Race, state: State, stand: Stand, place: Place, in_time: Callable[[], bool]) -> tuple[State, str]:
    """Trials until the search has enough or the time is up; each is kept at once."""
    while not isinstance(step := decide(race, state.trials), Stop):
        if not in_time() and state.trials:
            return state, "the time is up"
        setting = state.space[step.arm]
        trial = stand.visit(step.arm, step.turn, setting)
        said = f"out: {trial.fault}" if trial.fault else f"{capacity(trial.levels, race.goal):.0f} requests/s"
        place.tell("trial", f"{len(state.trials) + 1}, round {step.turn + 1}: {setting}: {said}")
        state = msgspec.structs.replace(state, trials=(*state.trials, trial))
        write_state(place.state, state)
    return state, step.why


def _checked(race: Race, state: State, stand: Stand) -> tuple[int | None, Level | None]:
    """The best setting that keeps the goal with requests by chance too; None, and the last try, when none does."""
    last: Level | None = None
    for arm in finalists(race, state.trials):
        levels = typical(trial for trial in state.trials if trial.arm == arm)
        if all(getattr(level, race.goal.quantile) > race.goal.seconds for level in levels):
            continue
        for share in _SHARES:
            rate = share * capacity(levels, race.goal)
            last = stand.check(state.space[arm], rate, max(1.0, 2 * state.segment_s))
            if last is not None and not last.failed and getattr(last, race.goal.quantile) <= race.goal.seconds:
                return arm, last
    return None, last


def _state(subject: Subject, wishes: Wishes, place: Place) -> State:
    """What was measured before, where it holds for this; else calls are measured and the settings laid out."""
    threads = _prescribed()
    bound = facts_of_machine() | {
        "bundle": subject.bundle.digest,
        "golden rows a request": str(wishes.rows),
        "connections": str(wishes.connections),
        "goal": str(wishes.goal or "chosen by the calls"),
        "threads of the environment": str(threads),
        "[server]": _digest_of(place.part),
    }
    before, why = (None, "it is to be measured afresh") if place.fresh else read_state(place.state, bound)
    if before is not None:
        place.tell("goes on", f"{place.state.name}: {len(before.trials)} trials of an earlier run")
        return before
    if why and place.state.exists():
        place.tell("discarded", f"{place.state}: {why}")
    curve, faster = _curves(subject, threads)
    per_request = _at(curve.points, wishes.rows)
    goal = wishes.goal or default_goal(per_request)
    inline = subject.bundle.inline
    today = present(place.part, inline=inline, cores=cores(), threads=threads)
    asked = wishes.connections * wishes.rows
    facts = Facts(cores(), inline, curve.points, goal.seconds, asked, not curve.alone, faster, threads, today)
    settings = space(facts)
    visits = len(settings) * len(connections_of(wishes.connections)) * _VISITS
    segment_s = min(max(wishes.budget_s / 2 / visits, _SEGMENT_S[0]), _SEGMENT_S[1])
    return State(bound, dict(curve.points), goal.seconds, settings, segment_s, curve.alone)


def _curves(subject: Subject, threads: int | None) -> tuple[Curve, bool]:
    """The curve with one native thread (or as the environment says), and whether more would pay."""
    plan = subject.bundle.plan
    single = plan is not None and plan.model.kind in ("linear", "forest")
    one = curve_of(subject, None if threads else 1)
    if threads or single or cores() == 1:
        return one, False
    return one, pooled(one, curve_of(subject, cores()))


def _at(points: Mapping[int, float], rows: int) -> float:
    """Seconds of a call of so many rows: the next size that was measured, or the largest in proportion."""
    above = [size for size in points if size >= rows]
    largest = max(points)
    return points[min(above)] if above else points[largest] * rows / largest


def _kept(part: ServerPart) -> dict[str, Any]:
    """Those keys of the user's `[server]` that a trial must have too."""
    default = ServerPart()
    said = {name: getattr(part, name) for name in _KEPT if getattr(part, name) != getattr(default, name)}
    return {
        name: f"{value:g}{_KEPT[name]}" if _KEPT[name] == "s" else f"{value}B" if _KEPT[name] else value
        for name, value in said.items()
    }


def _prescribed() -> int | None:
    """Threads of native pools by the environment, which comes before any key."""
    said = os.environ.get(POOLS[0], "")
    return int(said) if said.isdecimal() and int(said) else None


def _digest_of(part: ServerPart) -> str:
    """A short word for all keys that trials depend on."""
    keys = {name: getattr(part, name) for name in (*_KEPT, "engine", "processes", "workers", "threads", "batch")}
    return hashlib.sha256(json.dumps(keys, sort_keys=True).encode()).hexdigest()[:12]


@contextmanager
def _ended_cleanly() -> Iterator[None]:
    """SIGTERM ends us as Ctrl-C does, so that what we started is stopped."""

    def stop(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
