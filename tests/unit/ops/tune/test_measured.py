import math

import pytest

from trimtab.ops.tune.measured import Level, Trial, capacity, typical
from trimtab.ops.tune.wishes import Goal

GOAL = Goal("p99", 0.02)


def level(connections, per_s, p99):
    return Level(connections, 10, per_s, p99 / 4, p99 / 2, p99)


def test_capacity_is_that_of_the_heaviest_load_that_keeps_the_goal():
    assert capacity([level(1, 100, 0.001), level(4, 300, 0.002), level(16, 350, 0.01)], GOAL) == pytest.approx(350)
    assert capacity([level(1, 100, 0.001), level(4, 90, 0.002)], GOAL) == pytest.approx(100)


def test_between_two_levels_it_lies_on_the_line_of_their_logarithms():
    found = capacity([level(1, 100, 0.01), level(4, 400, 0.04)], GOAL)
    assert found == pytest.approx(200)
    assert capacity([level(1, 100, 0.01), level(4, 400, 0.04)], Goal("p95", 0.02)) == pytest.approx(400)


def test_who_misses_the_goal_falls_behind_by_how_far():
    near, far = capacity([level(1, 100, 0.04)], GOAL), capacity([level(1, 100, 0.2)], GOAL)
    assert near == pytest.approx(25)
    assert far == pytest.approx(1)
    assert capacity([], GOAL) == 0
    assert math.isfinite(capacity([level(1, 0, 10.0)], GOAL))


def test_the_typical_levels_are_medians():
    trials = [Trial(0, turn, (level(1, per_s, 0.01), level(4, 50, 0.02))) for turn, per_s in enumerate((1, 100, 3))]
    first, second = typical(trials)
    assert (first.connections, first.per_s, first.requests) == (1, 3, 30)
    assert (second.connections, second.per_s) == (4, 50)
