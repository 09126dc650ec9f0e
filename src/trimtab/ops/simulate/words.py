"""A simulation in words: a line a topic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from trimtab.ops.replay.words import between, percent
from trimtab.ops.simulate.report import OUTCOMES, Report, Scene, Spread
from trimtab.ops.simulate.world import Side, World
from trimtab.release.flight.plan import Limit, Plan

__all__ = ["challenger_text", "limit_text", "lines", "plan_text", "scene_lines", "span", "traffic_text"]

Line: TypeAlias = tuple[str, str]
_UNITS: Final = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"))
_TIMES: Final = ("p50", "p95", "p99", "p999")


def lines(report: Report) -> Iterator[Line]:
    """Topic and text of each line."""
    plan, runs = report.plan, report.runs
    yield "plan", plan_text(plan)
    yield "limits", "; ".join(map(limit_text, plan.limits)) + f"; alpha {percent(plan.alpha)}"
    yield "traffic", report.recorded or traffic_text(report.world)
    yield "played", f"{runs.count:,} flights that begin over {runs.days:g} days, seed {runs.seed}"
    for scene in report.scenes:
        yield from scene_lines(scene)


def scene_lines(scene: Scene) -> Iterator[Line]:
    """What became of one challenger."""
    truth = f"breaks {', '.join(f'`{one}`' for one in scene.breaks)}" if scene.breaks else "keeps to every limit"
    yield "challenger", f"{scene.name}: {truth}"
    for outcome in OUTCOMES:
        odds = scene.odds(outcome)
        if odds.count:
            said = f"{percent(odds.value)} ({between(odds)}) of flights"
            causes = ", ".join(f"`{name}` {count:,}" for name, count in scene.whys)
            yield outcome, said + (f": {causes}" if outcome == "rolled back" else "")
    what = "kept though it breaks a limit" if scene.breaks else "rolled back though it keeps to every limit"
    yield "wrong", f"{percent(scene.wrong.value)} ({between(scene.wrong)}): {what}"
    if (found := scene.detected) is not None:
        yield "detected", f"after {_times(found)}"
    if (found := scene.passed) is not None:
        yield "passed", f"after {_times(found)}"
    yield "exposed", f"{_counts(scene.spread(lambda one: one.exposed))} answers of the challenger"
    if people := scene.spread(lambda one: one.people).median:
        yield "people", f"{people:,.0f} callers had one at least"
    parts = {
        "errors": scene.spread(lambda one: one.failed), "other answers": scene.spread(lambda one: one.differing),
        "late": scene.spread(lambda one: one.slow),
    }  # fmt: skip
    named = ", ".join(f"{spread.median:,.0f} {name}" for name, spread in parts.items() if spread.high)
    yield "bad", f"{_counts(scene.spread(lambda one: one.bad))} of them" + (f": {named}" if named else "")


def _times(spread: Spread) -> str:
    wide = f"{span(spread.median_low)} to {span(spread.median_high)}"
    return f"{span(spread.median)} (half of flights; {wide}), {span(spread.nine)} (9 of 10)"


def _counts(spread: Spread) -> str:
    range_ = f"{spread.low:,.0f} to {spread.high:,.0f} (99 of 100)"
    return f"{spread.median:,.0f} (half of flights), {spread.nine:,.0f} (9 of 10), {range_}"


def plan_text(plan: Plan) -> str:
    """`canary 5 %, 25 %, 50 %, 10 min and 100 answers each, given up after 1 h`."""
    steps = ", ".join(map(percent, plan.steps))
    held = ", held for a person" if plan.hold else ""
    each = f"{span(plan.watch_s)} and {plan.minimum:,} answers each"
    return f"{plan.kind} {steps}, {each}, given up after {span(plan.give_up_s)}{held}"


def limit_text(limit: Limit) -> str:
    """`errors at most 1 % more than the champion's`."""
    name, found = limit.measure, []
    share = name in {"errors", "disagreement"}
    for words, bound in (("at most", limit.at_most), ("at least", limit.at_least)):
        if bound is not None:
            found.append(f"{words} {span(bound) if name in _TIMES else percent(bound) if share else f'{bound:g}'}")
    if limit.worse_by is not None:
        by = limit.worse_by
        if name in _TIMES:
            found.append(f"at most {by:g} times the champion's")
        elif share:
            found.append(f"at most {percent(by)} more than the champion's")
        else:
            found.append(f"at most {by:g} less than the champion's")
    return f"{name} {', '.join(found)}{' (warns)' if limit.warn_only else ''}"


def traffic_text(world: World) -> str:
    """How much is asked, and what the champion makes of it."""
    daily = f", {percent(world.daily)} up and down over the day" if world.daily else ""
    return f"{world.rate:g} requests/s{daily}; champion: {_side(world.champion)}"


def challenger_text(world: World) -> str:
    """What the challenger makes of it."""
    extra = f", {percent(world.differs)} of answers differ" if world.differs else ""
    if world.challenger.shift:
        extra += f", output shifted by {world.challenger.shift:g} sd"
    if world.truths is not None:
        extra += f", {world.truths.name} {world.challenger.quality:g} known after {span(world.truths.delay_s)}"
    return _side(world.challenger) + extra


def _side(side: Side) -> str:
    latency = f"{span(side.latency.quantile(0.5))}, 99 % within {span(side.latency.quantile(0.99))}"
    return f"errors {percent(side.errors)}, {latency}"


def span(seconds: float) -> str:
    """`42 s`, `31 min`, `1.5 h`: three digits."""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return "0 s" if seconds <= 0 else f"{seconds * 1e3:.3g} ms"
