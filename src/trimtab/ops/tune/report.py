"""What tuning found, as values for a program and as text for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trimtab.core.errors import Problem, RefusedError
from trimtab.ops.tune.measured import Level, Trial, capacity, typical
from trimtab.ops.tune.picture import Point
from trimtab.ops.tune.search import Race, ratio, standings
from trimtab.ops.tune.setting import Setting
from trimtab.ops.tune.wishes import Goal

__all__ = ["Report", "Row", "million", "missed"]


@dataclass(frozen=True, slots=True)
class Row:
    """One setting: its requests a second within the goal, whether it keeps the goal, and the rounds that it ran."""

    arm: int
    setting: Setting
    per_s: float
    keeps: bool
    turns: int
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """best: the setting to take, by number, None for none; check: how it answered requests that came by chance."""

    goal: Goal
    rows_each: int
    space: Sequence[Setting]
    trials: Sequence[Trial]
    curve: Mapping[int, float]
    why: str
    seconds: float
    best: int | None = None
    check: Level | None = None

    @property
    def race(self) -> Race:
        """The race that was run; the present setting was in it to the end."""
        return Race(len(self.space), self.goal, frozenset({0}))

    @property
    def table(self) -> list[Row]:
        """Every setting that answered, best first."""
        found = []
        for one in standings(self.race, self.trials):
            levels = typical(trial for trial in self.trials if trial.arm == one.arm)
            keeps = any(getattr(level, self.goal.quantile) <= self.goal.seconds for level in levels)
            per_s = capacity(levels, self.goal)
            found.append(Row(one.arm, self.space[one.arm], per_s, keeps, one.turns, levels))
        return found

    @property
    def out(self) -> dict[str, str]:
        """Settings that failed, by name, and why."""
        return {str(self.space[trial.arm]): trial.fault for trial in self.trials if trial.fault}

    @property
    def gain(self) -> tuple[float, float, float] | None:
        """How many times the present setting's requests the best one has, with its interval, of common rounds."""
        return None if self.best is None else ratio(self.race, self.trials, self.best, 0)

    @property
    def nearest(self) -> tuple[Setting, float] | None:
        """The setting that comes nearest to the goal, and its least quantile; None when none answered."""
        near = [(min(getattr(level, self.goal.quantile) for level in row.levels), row.setting) for row in self.table]
        return None if not near else (min(near)[1], min(near)[0])

    @property
    def points(self) -> list[Point]:
        """Every setting under every load."""
        return [
            Point(
                getattr(level, self.goal.quantile), level.per_s,
                f"{row.setting}, {level.connections} at once", row.arm == self.best,
            )
            for row in self.table for level in row.levels
        ]  # fmt: skip

    @property
    def sustained(self) -> float | None:
        """Requests a second that came by chance and were answered within the goal."""
        return self.check.per_s if self.check is not None else None

    def plain(self, price: float | None) -> dict[str, Any]:
        """All of it as JSON-ready values."""
        gain, nearest = self.gain, self.nearest
        best = None if self.best is None else self.space[self.best]
        return {
            "goal": str(self.goal),
            "met": best is not None,
            "best": None if best is None else dict(best.keys),
            "present": dict(self.space[0].keys),
            "gain": None if gain is None else {"ratio": gain[0], "low": gain[1], "high": gain[2]},
            "nearest": None if nearest is None else {"setting": dict(nearest[0].keys), "seconds": nearest[1]},
            "sustained_per_s": self.sustained,
            "cost_of_a_million": million(price, self.sustained, self.rows_each),
            "curve": {str(rows): seconds for rows, seconds in self.curve.items()},
            "settings": [
                {"setting": dict(row.setting.keys), "per_s": row.per_s, "keeps_goal": row.keeps, "rounds": row.turns}
                for row in self.table
            ],
            "out": self.out,
            "trials": len(self.trials),
            "seconds": self.seconds,
            "stopped": self.why,
        }


def million(price: float | None, per_s: float | None, rows: int) -> float | None:
    """What a million predictions cost when an hour of the machine costs `price`; None where one of both is unknown."""
    if price is None or not per_s:
        return None
    return price / 3600 / (per_s * rows) * 1e6


def missed(report: Report) -> RefusedError:
    """P806 with the setting that came nearest, or why none answered."""
    nearest = report.nearest
    if nearest is None:
        faults = "; ".join(f"{name}: {fault}" for name, fault in report.out.items())
        return RefusedError(
            Problem("P806", f"no setting answers: {faults}", "trimtab tune", "`trimtab serve` shows more")
        )
    setting, seconds = nearest
    what = f"no setting holds {report.goal}: the nearest has {report.goal.quantile} {seconds * 1e3:.3g} ms ({setting})"
    hint = "a longer goal (`--goal`), fewer rows a request, or a faster machine"
    return RefusedError(Problem("P806", what, "trimtab tune", hint))
