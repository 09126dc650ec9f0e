"""Many flights at once, as arrays: what would be counted of them after each request, and what the tests say of it.

The formulas are those that `decide` uses, which take arrays as well; `tests/unit/release/flight/test_judge.py` shows
that they say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from trimtab.release.sequential.difference import worse, worse_at
from trimtab.release.sequential.tilts import from_any_start, since

__all__ = ["Shares", "Truth", "broken", "flown", "kept", "proved", "rolled_back"]


@dataclass(slots=True)
class Shares:
    """Hits and answers of both arms of many flights in one stratum, which may be over; arrays of one number each."""

    mine: tuple[np.ndarray, np.ndarray]
    theirs: tuple[np.ndarray, np.ndarray]
    over: bool = False
    weighed: dict[float, np.ndarray] = field(default_factory=dict)

    def harm(self, margin: float, which: np.ndarray) -> np.ndarray:
        """What was won by betting that errors are worse by more than a margin, of some flights."""
        if not self.over:
            return worse(*self.of(which), margin)
        if margin not in self.weighed:
            self.weighed[margin] = worse(self.mine, self.theirs, margin)
        return self.weighed[margin][which]

    def no_more(self, margin: float) -> np.ndarray:
        """What that is at most, of all flights, for less work: as if the rate of the champion were what was seen."""
        seen = self.theirs[0] / np.maximum(self.theirs[1], 1.0)
        return worse_at(self.mine, self.theirs, margin, np.clip(seen, max(0.0, -margin), min(1.0, 1.0 - margin)))

    def of(self, which: np.ndarray) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        """The counts of some flights."""
        return tuple(one[which] for one in self.mine), tuple(one[which] for one in self.theirs)


@dataclass(frozen=True, slots=True)
class Truth:
    """How often either arm is wrong, in as many parts of a step as there are numbers; requests: at each step."""

    mine: tuple[float, ...]
    theirs: tuple[float, ...]
    requests: int
    flights: int
    shares: tuple[float, ...] = (0.05, 0.25, 0.5)
    seed: int = 0


def flown(truth: Truth) -> Iterator[list[Shares]]:
    """All strata so far after each request of every flight."""
    chance, over = np.random.default_rng(truth.seed), []
    for share in truth.shares:
        now = Shares(*(tuple(np.zeros(truth.flights) for _ in range(2)) for _ in range(2)))
        for at in range(truth.requests):
            when = at * len(truth.mine) // truth.requests
            asked = chance.random(truth.flights) < share
            wrong = chance.random(truth.flights) < np.where(asked, truth.mine[when], truth.theirs[when])
            for arm, here in ((now.mine, asked), (now.theirs, ~asked)):
                arm[0][:] += here & wrong
                arm[1][:] += here
            yield [*over, now]
        now.over = True
        over.append(now)


def broken(strata: list[Shares], margin: float, alpha: float) -> np.ndarray:
    """Of which flights it is found that errors are worse by more than a margin."""
    found = np.zeros(len(strata[0].mine[0]), bool)
    most = np.stack([one.no_more(margin) if not one.over else one.harm(margin, ~found) for one in strata], axis=-1)
    near = from_any_start(since(most)).max(axis=-1) >= -np.log(alpha)
    if near.any():
        won = np.stack([one.harm(margin, near) for one in strata], axis=-1)
        found[near] = from_any_start(since(won)).max(axis=-1) >= -np.log(alpha)
    return found


def kept(last: Shares, margin: float, alpha: float) -> np.ndarray:
    """Of which flights it is proved that errors are not worse by more than a margin."""
    found = np.zeros(len(last.mine[0]), bool)
    near = Shares(last.theirs, last.mine).no_more(-margin) >= -np.log(alpha)
    if near.any():
        mine, theirs = last.of(near)
        found[near] = worse(theirs, mine, -margin) >= -np.log(alpha)
    return found


def rolled_back(truth: Truth, margin: float, alpha: float) -> float:
    """The share of flights in which they are found worse at any look, of which there is one after each request."""
    back = np.zeros(truth.flights, bool)
    for strata in flown(truth):
        back |= broken(strata, margin, alpha)
    return float(back.mean())


def proved(truth: Truth, margin: float, alpha: float) -> float:
    """The share of flights in which they are proved not to be worse, at any look in the last step."""
    found = np.zeros(truth.flights, bool)
    for strata in flown(truth):
        if len(strata) == len(truth.shares):
            found |= kept(strata[-1], margin, alpha)
    return float(found.mean())
