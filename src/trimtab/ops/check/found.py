"""What a check found, and what it comes to: the worst of its measures; of no measure nothing is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from trimtab.core.attestations import Measure
from trimtab.core.verdicts import Verdict

__all__ = ["Found", "Interval", "held_to", "verdict_of", "within"]

_WORST: Final[tuple[Verdict, ...]] = ("FAIL", "UNKNOWN", "WARN", "PASS")


@dataclass(frozen=True, slots=True)
class Found:
    """Measures, and what else belongs to them. against: digest of the bundle that it was compared with.

    environment: where it holds, empty for everywhere.
    """

    measures: tuple[Measure, ...]
    facts: Mapping[str, object] = field(default_factory=dict)
    against: str = ""
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """A number that was measured, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """The ends, short."""
        return f"{self.low:.4g} to {self.high:.4g}"


def verdict_of(measures: Iterable[Measure]) -> Verdict:
    """The worst of them; UNKNOWN if there is none."""
    said = {one.verdict for one in measures}
    return next((one for one in _WORST if one in said), "UNKNOWN")


def within(interval: Interval, *, at_most: float | None = None, at_least: float | None = None) -> Verdict:
    """FAIL where a bound is broken by the whole interval, PASS where all of it keeps to both, UNKNOWN in between."""
    most, least = float("inf") if at_most is None else at_most, float("-inf") if at_least is None else at_least
    if interval.low > most or interval.high < least:
        return "FAIL"
    return "PASS" if interval.high <= most and interval.low >= least else "UNKNOWN"


def held_to(name: str, value: float, at_most: float, *, count: int = 0, says: str = "", unit: str = "") -> Measure:
    """A number that was not drawn by chance, and the most that it may be."""
    verdict: Verdict = "PASS" if value <= at_most else "FAIL"
    return Measure(name, value, verdict, at_most, unit, count, says)
