"""What a call costs, engine beside engine."""

from __future__ import annotations

import time
from collections.abc import Mapping
from statistics import median
from typing import Final

import numpy as np

from trimtab.bundle.compiled.trial import quietly
from trimtab.bundle.engines.costs import COUNTS, Costs
from trimtab.bundle.predictor import Predictor
from trimtab.core.table import Table

__all__ = ["measure"]

_ROUNDS: Final = 15
_ONE_S: Final = 0.2  # for all rounds of one count; at least five rounds are run
_LEAST: Final = 5


def measure(engines: Mapping[str, Predictor], sample: Table) -> Costs:
    """Medians of interleaved calls with 1, 32 and 1000 rows of the sample; another row each call."""
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    with quietly():
        for count in COUNTS:
            taken = _rounds(engines, sample, count)
            for name, times in taken.items():
                seconds[name].append(median(times))
    return Costs(COUNTS, {name: tuple(times) for name, times in seconds.items()})


def _rounds(engines: Mapping[str, Predictor], sample: Table, count: int) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in engines}
    start = time.perf_counter()
    for number in range(_ROUNDS + 1):
        table = sample.rows((np.arange(count) + number * count) % sample.height)
        for name, engine in engines.items():
            began = time.perf_counter()
            engine(table)
            if number:  # the first round warms up
                taken[name].append(time.perf_counter() - began)
        if number >= _LEAST and time.perf_counter() - start > _ONE_S:
            break
    return taken
