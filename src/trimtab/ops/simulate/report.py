"""What many flights came to: how often it was decided rightly, how soon, and at what price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from trimtab.ops.replay.estimate import Share, share
from trimtab.ops.simulate.flight import Flight, Outcome
from trimtab.ops.simulate.health import broken
from trimtab.ops.simulate.play import Runs
from trimtab.ops.simulate.world import World
from trimtab.release.flight.plan import Plan

__all__ = ["OUTCOMES", "Report", "Scene", "Spread", "scene_of"]

OUTCOMES: Final[tuple[Outcome, ...]] = ("promoted", "ended", "held", "given up", "rolled back")


@dataclass(frozen=True, slots=True)
class Spread:
    """A number of each flight: its median, what nine of ten flights stay within, and the range that holds 99 of 100.

    median_low, median_high: a 95 % interval of the median over all such flights, by their order.
    """

    flights: int
    median: float
    median_low: float
    median_high: float
    nine: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scene:
    """One challenger. breaks: measures whose limits it breaks in truth; none of a healthy one."""

    name: str
    breaks: tuple[str, ...]
    flights: tuple[Flight, ...]

    def odds(self, outcome: Outcome) -> Share:
        """How often it comes out so."""
        return _share([one.outcome == outcome for one in self.flights])

    @property
    def wrong(self) -> Share:
        """Rolled back though it keeps to every limit, or promoted (passed, as a shadow) though it does not."""
        outcomes = {"promoted", "ended", "held"} if self.breaks else {"rolled back"}
        return _share([one.outcome in outcomes for one in self.flights])

    @property
    def detected(self) -> Spread | None:
        """Seconds until it was rolled back for a broken limit, of the flights that were."""
        return _spread([one.seconds for one in self.flights if one.outcome == "rolled back"])

    @property
    def passed(self) -> Spread | None:
        """Seconds until it was promoted, or waited for a person to do it, or ended well."""
        return _spread([one.seconds for one in self.flights if one.outcome in {"promoted", "ended", "held"}])

    def spread(self, number: Callable[[Flight], float]) -> Spread:
        """Of a number of every flight."""
        found = _spread([number(one) for one in self.flights])
        assert found is not None  # noqa: S101  # a scene has flights
        return found

    @property
    def whys(self) -> list[tuple[str, int]]:
        """Which limits had it rolled back, as the ledger names them, and how often."""
        named = [one.why.partition(" ")[0].rstrip(":") for one in self.flights if one.outcome == "rolled back"]
        return sorted(Counter(named).items(), key=lambda pair: (-pair[1], pair[0]))

    def plain(self) -> dict[str, Any]:
        """All of it as JSON-ready values."""
        numbers = {
            "exposed": lambda one: one.exposed, "bad": lambda one: one.bad, "failed": lambda one: one.failed,
            "differing": lambda one: one.differing, "slow": lambda one: one.slow, "people": lambda one: one.people,
        }  # fmt: skip
        return {
            "challenger": self.name,
            "breaks": list(self.breaks),
            "flights": len(self.flights),
            "wrong": _odds(self.wrong),
            "outcomes": {outcome: _odds(self.odds(outcome)) for outcome in OUTCOMES},
            "rolled_back_for": dict(self.whys),
            "detected_s": _plain(self.detected),
            "passed_s": _plain(self.passed),
            **{name: _plain(self.spread(number)) for name, number in numbers.items()},
        }


@dataclass(frozen=True, slots=True)
class Report:
    """A plan, what it was played against, and the challengers that were flown."""

    plan: Plan
    world: World
    runs: Runs
    recorded: str
    scenes: Sequence[Scene]

    def plain(self) -> dict[str, Any]:
        """All of it as JSON-ready values."""
        plan = asdict(self.plan)
        return {
            "plan": plan,
            "traffic": {"rate": self.world.rate, "daily": self.world.daily, "recorded": self.recorded or None},
            "runs": {"count": self.runs.count, "days": self.runs.days, "seed": self.runs.seed},
            "scenes": [scene.plain() for scene in self.scenes],
        }


def scene_of(name: str, plan: Plan, world: World, flights: Sequence[Flight]) -> Scene:
    """The flights of one challenger, with what it breaks in truth."""
    return Scene(name, broken(plan, world), tuple(flights))


def _share(has: Sequence[bool]) -> Share:
    return share(np.array(has, bool), np.ones(len(has)), np.arange(len(has)))


def _spread(numbers: Sequence[float]) -> Spread | None:
    """By order alone: nothing is said of how the numbers are distributed."""
    if not numbers:
        return None
    ordered, count = np.sort(np.asarray(numbers, float)), len(numbers)
    half = 0.98 * count**0.5  # 1.96 standard deviations of how many of them are below the median
    first, last = max(int(count / 2 - half), 0), min(int(np.ceil(count / 2 + half)), count - 1)
    median, nine, low, high = (float(np.quantile(ordered, chance)) for chance in (0.5, 0.9, 0.005, 0.995))
    return Spread(count, median, float(ordered[first]), float(ordered[last]), nine, low, high)


def _odds(found: Share) -> dict[str, Any]:
    return {"share": found.value, "low": found.low, "high": found.high, "count": found.count}


def _plain(spread: Spread | None) -> dict[str, Any] | None:
    return None if spread is None else asdict(spread)
