"""What is wrong with a plan: all faults at once, before anything is flown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Final

from trimtab.core.errors import Problem
from trimtab.core.traffic import Split
from trimtab.release.flight.claims import CHANCES, claims_of
from trimtab.release.flight.plan import Limit, Plan

__all__ = ["check_plan"]

_WHOLE: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Of:
    """A measure that we take ourselves. at_most: what may stand there; worse_by: above that and below, or none."""

    at_most: tuple[float, float]
    worse_by: tuple[float, float] | None


_SHARE: Final = (0.0, 1.0)
_OWN: Final = {
    "errors": _Of(_SHARE, _SHARE),
    "disagreement": _Of(_SHARE, None),
    "shift": _Of((0.0, float("inf")), None),
    **{name: _Of((0.0, float("inf")), (1.0, 100.0)) for name in CHANCES},
}


def check_plan(plan: Plan) -> list[Problem]:
    """The faults of a plan, in the order of its keys; none where it can be flown."""
    limits = (problem for limit in plan.limits for problem in _limit(plan, limit))
    return [*_steps(plan), *_numbers(plan), *_split(plan.split), *limits, *_together(plan)]


def _steps(plan: Plan) -> Iterator[Problem]:
    where, steps = "steps", plan.steps
    shown = ", ".join(f"{step * 100:g} %" for step in steps)
    if not steps:
        yield Problem("P410", "a flight has no step", where, "steps = [5, 25, 50], in percent of the requests")
    elif not all(0.0 < step <= _WHOLE for step in steps):
        yield Problem("P410", f"a step is no share: {shown}", where, "each is above 0 % and at most 100 %")
    elif any(later <= step for step, later in pairwise(steps)):
        yield Problem("P410", f"the steps do not grow: {shown}", where, "who has come to the challenger stays there")
    elif plan.kind == "ab" and len(steps) > 1:
        yield Problem("P410", f"an A/B has one share, not {len(steps)}: {shown}", where, "steps = [50]")
    elif plan.kind == "blue-green" and steps != (_WHOLE,):
        yield Problem("P410", f"blue-green is all at once, not {shown}", where, 'steps = [100], or kind = "canary"')


def _numbers(plan: Plan) -> Iterator[Problem]:
    for name in ("watch_s", "give_up_s", "keep_s"):
        value = getattr(plan, name)
        if not (isfinite(value) and value >= 0.0):
            yield Problem("P411", f"`{name}` is no duration: {value:g} s", name, "such as 600 s")
    if not 0.0 < plan.alpha < 1.0:
        yield Problem("P411", f"`alpha` is no chance of being wrong: {plan.alpha:g}", "alpha", "alpha = 0.05")
    if plan.minimum < 1:
        yield Problem("P411", f"`minimum` is less than one answer: {plan.minimum}", "minimum", "minimum = 100")
    watched = len(plan.steps) * plan.watch_s
    if plan.kind == "blue-green":
        watched = max(plan.watch_s, plan.keep_s)
    if isfinite(watched) and watched >= plan.give_up_s >= 0.0:
        what = f"the flight gives up after {plan.give_up_s:g} s, and watching alone takes {watched:g} s"
        yield Problem("P411", what, "give_up", "a longer `give_up`, a shorter `watch` or fewer steps")


def _split(split: Split) -> Iterator[Problem]:
    if split.by in {"header", "column"} and not split.name:
        yield Problem("P412", f"requests are split by a {split.by} without a name", "split", f"name the {split.by}")


def _limit(plan: Plan, limit: Limit) -> Iterator[Problem]:
    where = f"limits.{limit.measure}"
    values = {name: getattr(limit, name) for name in ("at_most", "at_least", "worse_by")}
    values = {name: value for name, value in values.items() if value is not None}
    if not values:
        yield Problem("P413", f"the limit of `{limit.measure}` says nothing", where, "at_most, at_least or worse_by")
    for name, value in values.items():
        if not isfinite(value):
            yield Problem("P413", f"`{name}` of `{limit.measure}` is no number: {value:g}", where, "a number")
    own = _OWN.get(limit.measure)
    if own is not None:
        yield from _own(limit, own, where)
    elif plan.kind == "shadow":
        hint = "a shadow answers nobody, so nothing comes of its answers: a canary or an A/B measures it"
        yield Problem("P414", f"a shadow has no `{limit.measure}`", where, hint)
    if limit.measure == "disagreement" and plan.kind == "blue-green":
        hint = "a shadow, a canary and an A/B ask both arms the same"
        yield Problem(
            "P414", "`disagreement` needs an answer of the champion too, and `blue-green` has none", where, hint
        )


def _own(limit: Limit, own: _Of, where: str) -> Iterator[Problem]:
    name = limit.measure
    if limit.at_least is not None:
        yield Problem("P413", f"`{name}` is better the smaller it is", where, "at_most or worse_by")
    if limit.at_most is not None and not own.at_most[0] < limit.at_most < own.at_most[1]:
        yield Problem("P413", f"`at_most` of `{name}` cannot be {limit.at_most:g}", where, _between(own.at_most))
    if limit.worse_by is not None and own.worse_by is None:
        yield Problem("P413", f"`{name}` is a comparison already", where, "at_most")
    elif limit.worse_by is not None and own.worse_by and not own.worse_by[0] < limit.worse_by < own.worse_by[1]:
        yield Problem("P413", f"`worse_by` of `{name}` cannot be {limit.worse_by:g}", where, _between(own.worse_by))


def _between(bounds: tuple[float, float]) -> str:
    low, high = bounds
    return f"above {low:g}" + (f" and below {high:g}" if isfinite(high) else "")


def _together(plan: Plan) -> Iterator[Problem]:
    claims = claims_of(plan)
    if not any(not claim.warn_only for claim in claims):
        hint = "errors = { at_most = 0.005 }, without `warn_only`"
        yield Problem("P415", "no limit can say no, so nothing could ever be proved", "limits", hint)
    compared = [claim.measure for claim in claims if claim.how == "worse_by" and not claim.warn_only]
    if compared and plan.kind in {"canary", "ab"} and plan.steps and plan.steps[-1] == _WHOLE:
        what = f"at 100 % nobody is left to compare `{compared[0]}` with, so it could never be proved"
        yield Problem("P415", what, "steps", "a last step below 100 %, or `at_most` in place of `worse_by`")
