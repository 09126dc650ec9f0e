"""Counts as a server has them, out of arrays."""

import numpy as np
import pytest

from trimtab.core.flights import LATENCY_S, Moments
from trimtab.ops.simulate.tally import BUCKETS, DIFFERS, FAILED, GRID, NOTHING, SAME, Tally, counts_of


@pytest.fixture
def tally():
    answers = np.zeros((2, 3, BUCKETS), np.int64)
    answers[0, SAME, 3], answers[0, FAILED, 4] = 90, 1
    answers[1, SAME, 3], answers[1, FAILED, 5], answers[1, DIFFERS, 3] = 7, 2, 1
    values = np.zeros((2, len(GRID)), np.int64)
    values[1, 0], values[1, -1] = 1, 3
    return Tally(answers, values, np.array([[1, 9], [2, 3]]))


def test_of_a_canary(tally):
    counts = counts_of(tally, "right")
    assert (counts.champion.requests, counts.champion.errors) == (91, 1)
    assert (counts.challenger.requests, counts.challenger.errors) == (10, 2)
    assert len(counts.challenger.latency) == len(LATENCY_S) + 1
    assert counts.challenger.latency[3:6] == (8, 0, 2)
    assert counts.challenger.measures == {"right": Moments(5, 3.0, 3.0, 0.0, 1.0)}
    assert counts.challenger.values == {"output": Moments(4, 8.0, 64.0, -4.0, 4.0)}
    assert counts.champion.values == {"output": Moments()}
    assert (counts.mirrored, counts.compared) == (0, 0)


def test_of_a_shadow(tally):
    counts = counts_of(tally, shadow=True, values=False)
    assert (counts.mirrored, counts.failed, counts.compared, counts.disagreed) == (10, 2, 8, 1)
    assert counts.challenger.requests == 0
    assert counts.delay[3:6] == (8, 0, 2)
    assert counts.challenger.values == {}


def test_together(tally):
    assert counts_of(tally.plus(NOTHING)) == counts_of(tally)
    assert counts_of(tally.plus(tally)).champion.requests == 182
