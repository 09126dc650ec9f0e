"""What may be varied for one bundle on one machine; what cannot work, or cannot differ, is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from trimtab.ops.tune.setting import Setting
from trimtab.project import ServerPart

__all__ = ["Facts", "batch_levels", "space"]

_OVERSUBSCRIBED = 2  # processes that run a model, for each processor, at most: some models wait more than they compute


@dataclass(frozen=True, slots=True)
class Facts:
    """What the space follows from. curve: seconds of a call by its rows; goal_s: the latency that is wanted.

    inline: the bundle may run in the serving processes. joined: its rows may share a call. pooled: more native threads
    make a call faster. threads: the number that the environment prescribes. asked: most rows that wait at once.
    """

    cores: int
    inline: bool
    curve: Mapping[int, float]
    goal_s: float
    asked: int = 64
    joined: bool = True
    pooled: bool = False
    threads: int | None = None
    present: Setting | None = field(default=None)


def space(facts: Facts) -> tuple[Setting, ...]:
    """Every setting worth a trial, the present one first, if it is known, then by name; none twice."""
    levels = batch_levels(facts)
    found: set[Setting] = set()
    if facts.inline:
        for processes, batch in product(_powers(facts.cores), levels):
            found |= {Setting("inline", processes, 0, threads, batch) for threads in _threads(facts, processes)}
    for processes, batch in product(_powers(facts.cores), levels):
        for workers in _powers(_OVERSUBSCRIBED * facts.cores // processes):
            if processes * workers <= max(_OVERSUBSCRIBED * facts.cores, processes):
                runners = processes * workers
                found |= {
                    Setting("workers", processes, workers, threads, batch) for threads in _threads(facts, runners)
                }
    first = [] if facts.present is None else [facts.present]
    return (*first, *sorted(found - set(first)))


def batch_levels(facts: Facts) -> tuple[float, ...]:
    """Limits of a joined call in seconds that lead to different numbers of rows, by the curve; 0 joins none.

    A call may take a part of the goal, since a request waits for one while it is not in the next; 50 ms is the default.
    """
    if not facts.joined or facts.asked <= 1:
        return (0.0,)
    default = ServerPart().batch
    levels, seen = [0.0], {1}
    for limit in (facts.goal_s / 8, facts.goal_s / 3, max(facts.goal_s, default)):
        rows = _rows(facts, limit)
        if rows not in seen:
            seen.add(rows)
            # where the default leads to the same rows, nothing is written that need not be
            levels.append(default if rows == _rows(facts, default) else limit)
    return tuple(levels)


def _rows(facts: Facts, limit: float) -> int:
    """The most rows that a call within the limit has, of those that wait."""
    return min(max((size for size, seconds in facts.curve.items() if seconds <= limit), default=1), facts.asked)


def _threads(facts: Facts, runners: int) -> tuple[int, ...]:
    if facts.threads is not None:
        return (facts.threads,)
    most = max(1, facts.cores // runners)
    return (1, most) if facts.pooled and most > 1 else (1,)


def _powers(most: int) -> tuple[int, ...]:
    """1, 2, 4, ... and the most itself."""
    powers = {1 << at for at in range(max(most, 1).bit_length())}
    return tuple(sorted({*powers, max(most, 1)}))
