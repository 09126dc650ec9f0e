"""What a trial saw, and what follows from several of them: the load at which the latency goal still holds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

import msgspec

from trimtab.ops.tune.wishes import Goal

__all__ = ["Level", "Trial", "capacity", "typical"]

_NEARNESS = 2.0  # how steeply a setting that misses the goal everywhere falls behind with the distance


class Level(msgspec.Struct, frozen=True):
    """One segment of load. rate: requests a second that came by chance, 0 for callers who wait for their answer.

    requests: answered; per_s: of them a second; quantiles in seconds; failed: refused, broken or unanswered.
    """

    connections: int
    requests: int
    per_s: float
    p50: float
    p95: float
    p99: float
    failed: int = 0
    rate: float = 0.0


class Trial(msgspec.Struct, frozen=True):
    """One visit to one setting, `arm` of the space, in one round. fault: why the setting is out, else empty."""

    arm: int
    turn: int
    levels: tuple[Level, ...] = ()
    fault: str = ""


def capacity(levels: Sequence[Level], goal: Goal) -> float:
    """Requests a second at the heaviest load that keeps the goal, between two levels on a straight line of logarithms.

    Where no level keeps it the lightest one counts, less by the square of how far it is off: so the nearest setting
    still comes first, and stays below `per_s` of the lightest load.
    """
    if not levels:
        return 0.0
    path = [(math.log(max(level.per_s, 1e-9)), math.log(_latency(level, goal) / goal.seconds)) for level in levels]
    within = [rate for rate, over in path if over <= 0]
    if not within:
        rate, over = min(path, key=lambda point: point[1])
        return math.exp(rate - _NEARNESS * over)
    for (rate, over), (next_rate, next_over) in pairwise(path):
        if over <= 0 < next_over:
            share = -over / (next_over - over)
            within.append(rate + share * (next_rate - rate))
    return math.exp(max(within))


def _latency(level: Level, goal: Goal) -> float:
    seconds: float = getattr(level, goal.quantile)
    return max(seconds, 1e-9)


def typical(trials: Iterable[Trial]) -> tuple[Level, ...]:
    """Each level's medians over the trials; in the order of the connections."""
    levels: dict[int, list[Level]] = {}
    for trial in trials:
        for level in trial.levels:
            levels.setdefault(level.connections, []).append(level)
    return tuple(_median(connections, levels[connections]) for connections in sorted(levels))


def _median(connections: int, levels: Sequence[Level]) -> Level:
    per_s, p50, p95, p99 = (median(getattr(one, name) for one in levels) for name in ("per_s", "p50", "p95", "p99"))
    return Level(
        connections, sum(one.requests for one in levels), per_s, p50, p95, p99, sum(one.failed for one in levels)
    )
