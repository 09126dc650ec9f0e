"""Which setting to try next, or that enough is known: measurements in, a decision out; no clock, no chance of its own.

Rounds visit every setting that is still in the race once, each round in another order, so that settings are compared
with what ran at about the same time. After a round the worse half leaves, but none within 5 % of the leader. The race
ends when no other setting can be more than 5 % better (signed-rank interval of the paired ratios), or after 12 rounds.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations_with_replacement
from statistics import fmean, median
from typing import Final, TypeAlias

from trimtab.ops.tune.measured import Trial, capacity
from trimtab.ops.tune.wishes import Goal

__all__ = ["Next", "Race", "Standing", "Stop", "decide", "finalists", "interval", "ratio", "standings"]

_HOPELESS: Final = math.log(0.4)  # after one visit, which something else on the machine may have spoiled
_NEAR: Final = math.log(0.95)
_LEAST_KEPT: Final = 3
_LEAST_TURNS: Final = 5  # an interval of fewer pairs says too little
_MOST_TURNS: Final = 12
_FINALISTS: Final = 3
_BETTER: Final = 1.03  # times the capacity: a change must be worth it, and its interval must be above 1
_LEAST_PAIRS: Final = 3  # of rounds, before any change is proposed
_ERROR: Final = 0.05  # on each side of an interval


@dataclass(frozen=True, slots=True)
class Race:
    """Who runs: `arms` settings by number; those in `pinned` stay to the end, to be compared with."""

    arms: int
    goal: Goal
    pinned: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Next:
    """Visit this setting in this round."""

    arm: int
    turn: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing more needs to be tried, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A setting's place: the logarithm of its capacity against its rivals of the same rounds, and how many rounds."""

    arm: int
    score: float
    turns: int


_Scores: TypeAlias = Mapping[int, Mapping[int, float]]  # arm -> round -> logarithm of the capacity


def decide(race: Race, trials: Sequence[Trial]) -> Next | Stop:
    """What to do after these trials, in whatever order they are given."""
    scores, out = _scores(race, trials)
    live = [arm for arm in range(race.arms) if arm not in out]
    for turn in range(_MOST_TURNS):
        if not live:
            return Stop("no setting answers")
        order = _order(live, turn)
        missing = [arm for arm in order if turn not in scores.get(arm, {})]
        if missing:
            return Next(missing[0], turn)
        live = _kept(race, live, scores, turn)
        rivals = [arm for arm in live if arm not in race.pinned]
        best = max(live, key=lambda arm: _score(live, scores, turn)[arm])
        if len(live) == 1 or (len(rivals) <= 1 and best in rivals and turn + 1 >= _LEAST_TURNS):
            return Stop("one setting is left")
        if turn + 1 >= _LEAST_TURNS and _settled(best, live, scores, turn):
            return Stop("no other setting can be more than 5 % better")
    return Stop(f"{_MOST_TURNS} rounds do not tell the last settings apart")


def standings(race: Race, trials: Sequence[Trial]) -> list[Standing]:
    """Every setting that answered, best first: who ran longer comes before who left earlier."""
    scores, out = _scores(race, trials)
    live = [arm for arm in range(race.arms) if arm not in out and scores.get(arm)]
    found: list[Standing] = []
    if not live:
        return []
    for turn in range(_MOST_TURNS):
        if any(turn not in scores[arm] for arm in live):
            break
        kept = _kept(race, live, scores, turn)
        placed = _score(live, scores, turn)
        found += [Standing(arm, placed[arm], turn + 1) for arm in live if arm not in kept]
        live = kept
    turns = min((max(scores[arm]) for arm in live if scores[arm]), default=0)
    complete = [turn for turn in range(turns + 1) if all(turn in scores[arm] for arm in live)]
    placed = _score(live, scores, complete[-1]) if complete else {arm: fmean(scores[arm].values()) for arm in live}
    found += [Standing(arm, placed[arm], len(complete) or len(scores[arm])) for arm in live]
    return sorted(found, key=lambda one: (-one.turns, -one.score, one.arm))


def finalists(race: Race, trials: Sequence[Trial]) -> list[int]:
    """The first settings, best first; a pinned one goes before those that were not shown to be better than it."""
    places = standings(race, trials)
    order = [one.arm for one in places]
    if not order:
        return []
    few = places[0].turns < _LEAST_PAIRS
    for arm in sorted(race.pinned & set(order)):
        found = ratio(race, trials, order[0], arm)
        if order[0] != arm and found is not None and (few or found[0] < _BETTER or found[1] < 1):
            order.remove(arm)
            order.insert(0, arm)
    return order[:_FINALISTS]


def ratio(race: Race, trials: Sequence[Trial], arm: int, other: int) -> tuple[float, float, float] | None:
    """How many times the other's capacity an arm has, with an interval, of the rounds that both ran; else None."""
    scores, _ = _scores(race, trials)
    pairs = scores.get(arm, {}).keys() & scores.get(other, {}).keys()
    differences = [scores[arm][turn] - scores[other][turn] for turn in pairs]
    if not differences:
        return None
    low, middle, high = (math.exp(value) for value in interval(differences))
    return middle, low, high


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Low, middle, high: where the middle of what they are drawn from lies, with 90 % confidence from five values on.

    The estimate and the interval that go with Wilcoxon's signed-rank test (Hodges and Lehmann): they count how far a
    pair that contradicts the others is off, where a sign test needs eight pairs before one may contradict at all. They
    take the logarithms of ratios to spread alike on both sides.
    """
    middles = sorted((one + other) / 2 for one, other in combinations_with_replacement(values, 2))
    at = max(_left_out(len(values)) - 1, 0)
    return middles[at], median(middles), middles[-1 - at]


def _left_out(count: int) -> int:
    """How many sums of ranks, from 0 up, are together no likelier than the error on one side."""
    ways = [1]  # to choose ranks that have this sum
    for rank in range(1, count + 1):
        ways = [
            (ways[total] if total < len(ways) else 0) + (ways[total - rank] if total >= rank else 0)
            for total in range(len(ways) + rank)
        ]
    return sum(tail <= _ERROR * 2**count for tail in accumulate(ways))


def _scores(race: Race, trials: Sequence[Trial]) -> tuple[_Scores, set[int]]:
    scores: dict[int, dict[int, float]] = {}
    for trial in trials:
        if not trial.fault:
            value = max(capacity(trial.levels, race.goal), 1e-9)
            scores.setdefault(trial.arm, {})[trial.turn] = math.log(value)
    return scores, {trial.arm for trial in trials if trial.fault}


def _order(live: Sequence[int], turn: int) -> list[int]:
    """Another order each round, the same whenever it is asked for; the first round begins with the present setting."""
    order = list(live)
    if turn:
        random.Random(turn).shuffle(order)  # noqa: S311  # an order is no secret
    return order


def _score(live: Sequence[int], scores: _Scores, turn: int) -> dict[int, float]:
    """Each one's median over the rounds so far, of what it had beyond the middle of that round."""
    middles = [median(scores[arm][one] for arm in live) for one in range(turn + 1)]
    return {arm: median(scores[arm][one] - middles[one] for one in range(turn + 1)) for arm in live}


def _kept(race: Race, live: Sequence[int], scores: _Scores, turn: int) -> list[int]:
    """Who runs on after this round."""
    placed = _score(live, scores, turn)
    order = sorted(live, key=lambda arm: -placed[arm])
    best = placed[order[0]]
    if turn == 0:
        stay = {arm for arm in order if placed[arm] - best >= _HOPELESS}
    else:
        stay = set(order[: max(_LEAST_KEPT, math.ceil(len(order) / 2))])
        stay |= {arm for arm in order if placed[arm] - best >= _NEAR}
    if turn + 1 >= _LEAST_TURNS:
        stay = {arm for arm in stay if arm == order[0] or not _beaten(arm, order[0], scores, turn)}
    return [arm for arm in live if arm in stay or arm in race.pinned]


def _beaten(arm: int, best: int, scores: _Scores, turn: int) -> bool:
    _, middle, high = interval([scores[arm][one] - scores[best][one] for one in range(turn + 1)])
    return high < 0 and middle < _NEAR


def _settled(best: int, live: Sequence[int], scores: _Scores, turn: int) -> bool:
    rivals = [arm for arm in live if arm != best]
    uppers = [interval([scores[arm][one] - scores[best][one] for one in range(turn + 1)])[2] for arm in rivals]
    return all(upper <= -_NEAR for upper in uppers)
