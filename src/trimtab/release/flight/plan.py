"""What is wanted of a flight, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

from trimtab.core.traffic import Split

__all__ = ["KINDS", "Kind", "Limit", "Plan"]

# canary: a growing share, then promoted; ab: one share, compared until somebody decides or the time is over;
# blue-green: all at once, the old one kept; shadow: asked and compared, never answering
Kind: TypeAlias = Literal["canary", "ab", "blue-green", "shadow"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Limit:
    """What a measure of the challenger must keep to.

    measure: `errors` (share of answers), `p50` `p95` `p99` `p999` (seconds), `disagreement` (share of pairs), `shift`
    (of the mean of each output, in standard deviations of the champion's), or the name of a quality or reward.
    at_most, at_least: of the challenger alone. worse_by: than the champion: a difference; for latencies a factor above
    1, as 1.5. A quality or reward is better the larger it is. warn_only: said, and no reason to go back.
    """

    measure: str
    at_most: float | None = None
    at_least: float | None = None
    worse_by: float | None = None
    warn_only: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A flight.

    steps: shares of the challenger, growing, each in (0, 1]; of a shadow, shares that are mirrored. watch_s: the least
    time at each step. give_up_s: of the whole flight, after which it goes back if it is not done. minimum: answers
    (pairs, of a shadow) of the challenger at each step before anything is proved. alpha: the chance, over all
    measures, looks and steps, that a challenger that keeps to every limit is rolled back, and as much again that one
    that does not is promoted. keep_s: how long a blue-green flight can still go back. hold: at the end somebody
    decides by hand, instead of promotion.
    """

    kind: Kind = "canary"
    steps: tuple[float, ...] = (0.05, 0.25, 0.5)
    watch_s: float = 600.0
    give_up_s: float = 3600.0
    minimum: int = 100
    limits: tuple[Limit, ...] = (Limit("errors", worse_by=0.01), Limit("p99", worse_by=2.0))
    alpha: float = 0.05
    split: Split = field(default_factory=Split)
    keep_s: float = 600.0
    hold: bool = False
