"""Many flights, each with chances of its own, so that a run is the same whoever plays it and beside whatever else."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from typing import Final

import numpy as np

from trimtab.ops.simulate.flight import Flight, fly
from trimtab.ops.simulate.source import Source
from trimtab.ops.simulate.world import DAY_S
from trimtab.release.flight.plan import Plan

__all__ = ["Runs", "play"]

_ALONE: Final = 50  # so few flights are played sooner than a process has begun


@dataclass(frozen=True, slots=True)
class Runs:
    """How often. days: over which the flights begin, evenly; since: the first of them, in seconds since 1970.

    processes: that share the work; what comes out does not depend on it.
    """

    count: int = 1000
    days: float = 30.0
    seed: int = 1
    since: float = 0.0
    processes: int = 1


def play(plan: Plan, source: Source, runs: Runs) -> list[Flight]:
    """All flights, in the order of their beginnings."""
    if runs.processes <= 1 or runs.count <= _ALONE:
        return _some(plan, source, runs, range(runs.count))
    parts = [range(first, runs.count, runs.processes) for first in range(runs.processes)]
    with ProcessPoolExecutor(runs.processes, get_context("spawn")) as pool:
        played = list(pool.map(_some, *zip(*((plan, source, runs, part) for part in parts), strict=True)))
    numbered = chain.from_iterable(zip(part, flights, strict=True) for part, flights in zip(parts, played, strict=True))
    return [flight for _, flight in sorted(numbered, key=lambda pair: pair[0])]


def _some(plan: Plan, source: Source, runs: Runs, numbers: Sequence[int]) -> list[Flight]:
    each = runs.days * DAY_S / runs.count
    return [
        fly(plan, source, runs.since + number * each, np.random.default_rng([runs.seed, number])) for number in numbers
    ]
