"""What a person asks of tuning, as values: the latency goal, the time it may take, what a machine costs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from trimtab.core.errors import Problem, UserError
from trimtab.project.units import DURATIONS, UnitError, quantity

__all__ = ["Goal", "Quantile", "Wishes", "default_goal", "duration_text", "parse_budget", "parse_goal", "parse_price"]

Quantile: TypeAlias = Literal["p50", "p95", "p99"]

_GOAL: Final = re.compile(r"\s*(p\d+)\s*(?:=|<=)\s*(\S.*?)\s*")
_PRICE: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*/\s*h\s*")
_CALLS: Final = 20  # a goal that we choose leaves a request the time of so many calls
_LEAST_GOAL_S: Final = 0.01
_LEAST_BUDGET_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Goal:
    """A quantile of the latency and the seconds that it may take at most."""

    quantile: Quantile
    seconds: float

    def __str__(self) -> str:
        """As it is typed: `p99=20ms`."""
        return f"{self.quantile}={duration_text(self.seconds)}"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the load is like and how long to look. rows: of a request; connections: the most that ask at once."""

    goal: Goal | None = None
    budget_s: float = 120.0
    rows: int = 1
    connections: int = 64


def parse_goal(text: str) -> Goal:
    """The goal that `p99=20ms` says; raises UserError (P801)."""
    found = _GOAL.fullmatch(text)
    hint = "for example `--goal p99=20ms`; `p50` and `p95` are measured too"
    if found is None:
        raise UserError(Problem("P801", f"`{text}` is no latency goal", "--goal", hint))
    name, limit = found.groups()
    for quantile in ("p50", "p95", "p99"):
        if name == quantile:
            return Goal(quantile, _duration(limit, "--goal", hint))
    raise UserError(Problem("P801", f"`{name}` is not measured", "--goal", hint))


def parse_budget(text: str) -> float:
    """Seconds of `2m`, at least five of them; raises UserError (P801)."""
    seconds = _duration(text, "--budget", "for example `--budget 2m`")
    if seconds < _LEAST_BUDGET_S:
        what = f"`{text}` is too short to measure anything"
        raise UserError(Problem("P801", what, "--budget", "at least `5s`; `2m` is a good beginning"))
    return seconds


def parse_price(text: str) -> float:
    """What an hour of the machine costs, of `0.20/h` in whatever currency; raises UserError (P801)."""
    found = _PRICE.fullmatch(text)
    if found is None:
        raise UserError(Problem("P801", f"`{text}` is no price of a machine hour", "--price", "for example `0.20/h`"))
    return float(found[1])


def _duration(text: str, where: str, hint: str) -> float:
    try:
        seconds = quantity(text, DURATIONS)
    except UnitError as error:
        raise UserError(Problem("P801", error.what, where, error.hint)) from None
    if seconds <= 0:
        raise UserError(Problem("P801", f"`{text}` is no time", where, hint))
    return seconds


def default_goal(call_s: float) -> Goal:
    """A goal for those who say none: p99 within twenty calls, at least 10 ms, rounded up to 1, 2 or 5."""
    least = max(_LEAST_GOAL_S, _CALLS * call_s)
    power = 10.0 ** math.floor(math.log10(least) + 1e-9)
    step = next(step for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))
    return Goal("p99", step * power)


def duration_text(seconds: float) -> str:
    """As the project file writes it: `20ms`, `2.5s`; digits enough to tell settings apart."""
    value, unit = (seconds, "s") if seconds >= 1 or seconds == 0 else (seconds * 1e3, "ms")
    return f"{float(f'{value:.3g}'):.10g}{unit}"
