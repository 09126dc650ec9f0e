"""Steps, watch time and minimum for a risk that is stated: a small search, played before it is believed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from trimtab.core.errors import Problem, RefusedError, UserError
from trimtab.ops.replay.words import percent
from trimtab.ops.simulate.play import Runs
from trimtab.ops.simulate.report import Report, Scene
from trimtab.ops.simulate.simulate import Cast, simulate
from trimtab.ops.simulate.words import plan_text, span
from trimtab.project.units import DURATIONS, UnitError, quantity
from trimtab.release.flight.plan import Plan

__all__ = ["Risk", "flight_lines", "keeps", "parse_risk", "plans", "suggest"]

_STEPS: Final = (
    (0.05, 0.25, 0.5), (0.1, 0.5), (0.02, 0.1, 0.5), (0.01, 0.05, 0.25, 0.5), (0.05, 0.5), (0.25, 0.5), (0.5,),
    (0.005, 0.02, 0.1, 0.5),
)  # fmt: skip
_WATCH_S: Final = (60.0, 180.0, 600.0, 1800.0)
_MINIMA: Final = (100, 300)
_FIRST: Final = 24  # flights of each plan in the first round
_LEFT: Final = 6  # plans that are played once more
_SECOND: Final = 200
_PART: Final = re.compile(r"(bad|wrong|within)=(\S+)")
_HINT: Final = "for example `--risk bad=30,wrong=5%,within=1h`"


@dataclass(frozen=True, slots=True)
class Risk:
    """What may happen. bad: answers in nine of ten flights of the bad challenger; wrong: odds of either wrong decision.

    within_s: until a healthy challenger is promoted, in nine of ten flights.
    """

    bad: float = 30.0
    wrong: float = 0.05
    within_s: float = 3600.0


def parse_risk(text: str) -> Risk:
    """`bad=30,wrong=5%,within=1h`, each of them once at most; UserError P433."""
    said: dict[str, float] = {}
    for part in text.split(","):
        found = _PART.fullmatch(part.strip())
        if found is None or found[1] in said:
            raise UserError(Problem("P433", f"`{part.strip()}` is no part of a risk", "--risk", _HINT))
        said[found[1]] = _number(found[1], found[2])
    usual = Risk()
    return Risk(said.get("bad", usual.bad), said.get("wrong", usual.wrong), said.get("within", usual.within_s))


def _number(name: str, text: str) -> float:
    try:
        if name == "within":
            return quantity(text, DURATIONS)
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (UnitError, ValueError):
        raise UserError(Problem("P433", f"`{text}` is no {name} of a risk", "--risk", _HINT)) from None


def plans(plan: Plan, risk: Risk) -> Iterator[Plan]:
    """What is tried: ladders of shares, times and least answers that may be done in time."""
    for steps in _STEPS:
        for watch_s in _WATCH_S:
            if watch_s * len(steps) < risk.within_s:
                for minimum in _MINIMA:
                    give_up_s = max(plan.give_up_s, 2 * risk.within_s)
                    yield replace(plan, steps=steps, watch_s=watch_s, minimum=minimum, give_up_s=give_up_s)


def keeps(report: Report, risk: Risk) -> float:
    """By how much the risk is missed, summed over what was asked; 0 where it is kept."""
    missed = 0.0
    for scene in report.scenes:
        missed += max(scene.wrong.value - risk.wrong, 0.0) / risk.wrong if risk.wrong else scene.wrong.value
        if scene.breaks:
            missed += max(scene.spread(lambda one: one.bad).nine / max(risk.bad, 1.0) - 1, 0.0)
        else:
            late = sum(_late(scene, risk)) / len(scene.flights)
            missed += max(late - 0.1, 0.0)
    return missed


def _late(scene: Scene, risk: Risk) -> list[bool]:
    return [one.outcome not in {"promoted", "held", "ended"} or one.seconds > risk.within_s for one in scene.flights]


def suggest(plan: Plan, cast: Cast, risk: Risk, runs: Runs, tell: Callable[[str, str], None]) -> Plan:
    """Of the plans that keep to the risk, the one that is done soonest; RefusedError P434 names the nearest otherwise.

    All are played a few times, the most promising ones again.
    """
    tried = list(plans(plan, risk))
    count = min(_FIRST, runs.count)
    tell("tries", f"{len(tried)} plans, {count} flights of each challenger")
    first = [(_miss(one, cast, risk, runs, count), one) for one in tried]
    ranked = sorted(first, key=lambda pair: pair[0])[:_LEFT]
    second = [(_miss(one, cast, risk, runs, min(_SECOND, runs.count)), one) for _, one in ranked]
    if not second:
        raise _none(plan, risk)
    (miss, _), best = min(second, key=lambda pair: pair[0])
    tell("best", plan_text(best))
    if miss > 0:
        raise _none(best, risk)
    return best


def _miss(plan: Plan, cast: Cast, risk: Risk, runs: Runs, count: int) -> tuple[float, float]:
    """By how much it is missed, then how long a healthy challenger takes: what is less is better."""
    report = simulate(plan, cast, replace(runs, count=count))
    passed = report.scenes[-1].passed
    return keeps(report, risk), passed.median if passed else float("inf")


def _none(nearest: Plan, risk: Risk) -> RefusedError:
    asked = f"{risk.bad:g} bad answers in 9 of 10 flights, {percent(risk.wrong)} wrong, {span(risk.within_s)}"
    what = f"no plan that was tried keeps to {asked}; the nearest: {plan_text(nearest)}"
    hint = "more time (`within`), more bad answers (`bad`), or looser limits in `[limits]`"
    return RefusedError(Problem("P434", what, "--risk", hint))


def flight_lines(plan: Plan) -> list[str]:
    """The lines for trimtab.toml."""
    steps = ", ".join(f"{100 * step:g}" for step in plan.steps)
    return [
        "[flight]",
        f"steps = [{steps}]",
        f'watch = "{plan.watch_s:g}s"',
        f"minimum = {plan.minimum}",
        f'give_up = "{plan.give_up_s:g}s"',
    ]
