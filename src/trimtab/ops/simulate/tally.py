"""What was answered in some time, as arrays that are quickly added up and divided; and as counts of a server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.flights import LATENCY_S, ArmCounts, Counts, Moments

__all__ = ["BUCKETS", "DIFFERS", "FAILED", "GRID", "NOTHING", "SAME", "Tally", "counts_of"]

BUCKETS: Final = len(LATENCY_S) + 1
SAME, FAILED, DIFFERS = range(3)  # kinds of answers: as the champion would have said, an error, another one
GRID: Final = np.linspace(-4.0, 4.0, 33)  # what an output may be, in standard deviations of the champion's


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """answers: [arm, kind, bucket of latency]; values: [arm, place of GRID]; truths: [arm, wrong or right]."""

    answers: Array
    values: Array
    truths: Array

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(self.answers + other.answers, self.values + other.values, self.truths + other.truths)


NOTHING: Final = Tally(
    np.zeros((2, 3, BUCKETS), np.int64), np.zeros((2, len(GRID)), np.int64), np.zeros((2, 2), np.int64)
)


def counts_of(tally: Tally, measure: str = "", *, shadow: bool = False, values: bool = True) -> Counts:
    """As a server has counted it. measure: what the truths are a measure of; values: whether outputs are counted."""
    kinds = tally.answers.sum(axis=2)
    champion, challenger = (
        ArmCounts(
            int(kinds[arm].sum()),
            int(kinds[arm, FAILED]),
            tuple(tally.answers[arm].sum(axis=0).tolist()),
            {"output": _moments(tally.values[arm], GRID)} if values else {},
            {measure: _moments(tally.truths[arm], np.array([0.0, 1.0]))} if measure else {},
        )
        for arm in range(2)
    )
    if not shadow:
        return Counts(champion, challenger)
    own = ArmCounts(values=challenger.values, measures=challenger.measures)
    differ = int(kinds[1, DIFFERS])
    return Counts(
        champion,
        own,
        mirrored=challenger.requests,
        failed=challenger.errors,
        compared=challenger.requests - challenger.errors,
        disagreed=differ,
        delay=challenger.latency,
    )


def _moments(counts: Array, numbers: Array) -> Moments:
    there = np.flatnonzero(counts)
    if not len(there):
        return Moments()
    total, squares = float(counts @ numbers), float(counts @ numbers**2)
    return Moments(int(counts.sum()), total, squares, float(numbers[there[0]]), float(numbers[there[-1]]))
