"""How long a call takes by its rows, and the batch that follows from it."""

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.server.batching.curve import Curve

SECONDS = st.floats(1e-6, 10)
NOTES = st.lists(st.tuples(st.integers(1, 5000), SECONDS), max_size=30)


def curve_of(notes):
    curve = Curve()
    for rows, seconds in notes:
        curve.note(rows, seconds)
    return curve


@given(NOTES, SECONDS, st.integers(1, 5000))
def test_the_best_size_is_one_that_may_be(notes, goal_s, most):
    curve = curve_of(notes)
    assert 1 <= curve.best_rows(goal_s, most) <= most
    assert curve.best_rows(goal_s, most) == curve.best_rows(goal_s, most)


@given(NOTES.filter(bool))
def test_more_rows_are_not_expected_to_take_less_than_the_known_size_below(notes):
    curve = curve_of(notes)
    known = sorted(curve.points)
    for below, above in pairwise(known):
        between = [curve.seconds(rows) for rows in range(below, above, max((above - below) // 8, 1))]
        assert between == sorted(between)
    beyond = [curve.seconds(known[-1] * times) for times in (1, 2, 3, 10)]
    assert beyond == sorted(beyond)


@given(st.lists(SECONDS, min_size=1, max_size=50))
def test_a_mean_stays_within_what_was_measured(measured):
    mean = curve_of([(4, seconds) for seconds in measured]).seconds(4)
    assert min(measured) * 0.999 <= mean <= max(measured) * 1.001


def test_nothing_is_known_at_first():
    curve = Curve()
    assert (curve.points, curve.seconds(1), curve.best_rows(0.1, 64)) == ({}, inf, 64)


def test_one_slow_call_in_a_busy_machine_is_not_believed_at_once():
    curve = curve_of([(1, 0.001), (1, 100.0)])
    assert curve.seconds(1) == pytest.approx(0.001 + 0.2 * 0.007)


def test_between_and_beyond_known_sizes_lie_straight_lines():
    curve = curve_of([(2, 0.1), (8, 0.4)])
    assert [curve.seconds(rows) for rows in (1, 2, 5, 8, 16)] == pytest.approx([0.1, 0.1, 0.25, 0.4, 0.8])


def test_a_size_is_best_when_it_makes_a_row_cheaper_within_the_goal():
    curve = curve_of([(1, 0.010), (4, 0.012), (16, 0.040)])
    assert curve.best_rows(0.1, 1024) == 32  # twice the largest may still fit: it is tried
    assert curve.best_rows(0.05, 1024) == 16
    assert curve.best_rows(0.02, 1024) == 4
    assert curve.best_rows(0.001, 1024) == 1
    assert curve.best_rows(0.1, 3) == 3


def test_a_larger_batch_that_saves_little_is_not_worth_the_wait():
    assert curve_of([(1, 0.010), (2, 0.019), (4, 0.038)]).best_rows(1.0, 1024) == 1


def test_the_best_size_is_looked_for_again_when_the_model_changes_its_pace():
    curve = curve_of([(1, 0.010), (8, 0.020)])
    assert curve.best_rows(0.03, 64) == 8
    for _ in range(130):
        curve.note(8, 0.2)
    assert curve.best_rows(0.03, 64) == 1
