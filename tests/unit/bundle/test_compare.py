"""How far answers are apart: within tolerance or not, how much, and in which row."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from trimtab.bundle.compare import Difference, compare

NAN, INF = np.nan, np.inf


def objects(*items):
    array = np.empty(len(items), object)
    array[:] = items
    return array


def one(expected, got, rtol=0.0, atol=0.0):
    return compare({"y": expected}, {"y": got}, rtol, atol)


def test_equal_answers_have_no_difference():
    assert one(np.array([1.0, NAN, INF, -INF]), np.array([1.0, NAN, INF, -INF])) == Difference(0.0, "y", 0, ok=True)
    assert compare({}, {}, 0, 0) == Difference(0.0, "", -1, ok=True)


@pytest.mark.parametrize(
    ("expected", "got", "tolerance", "worst", "row", "ok"),
    [
        ([1.0, 2.0], [1.0, 2.5], (0.0, 0.5), 0.5, 1, True),
        ([1.0, 2.0], [1.0, 2.5], (0.0, 0.25), 0.5, 1, False),
        ([100.0, 1.0], [101.0, 1.0], (0.01, 0.0), 1.0, 0, True),
        ([1.0, 100.0], [1.5, 102.0], (0.1, 0.0), 0.5, 0, False),  # the larger distance is within its tolerance
        ([1.0, NAN], [1.0, 0.0], (9.0, 9.0), INF, 1, False),
        ([1.0, 0.0], [1.0, NAN], (9.0, 9.0), INF, 1, False),
        ([INF], [1e308], (9.0, 9.0), INF, 0, False),
        ([1.0], [INF], (9.0, 9.0), INF, 0, False),
        ([INF], [-INF], (9.0, 9.0), INF, 0, False),
        ([-1.7e308], [1.7e308], (0.0, 1.0), INF, 0, False),
    ],
)
def test_floats_are_held_to_the_tolerance(expected, got, tolerance, worst, row, ok):
    assert one(np.array(expected), np.array(got), *tolerance) == Difference(worst, "y", row, ok=ok)


def test_the_tolerance_is_relative_to_what_is_expected():
    assert one(np.array([10.0]), np.array([11.0]), rtol=0.1).ok
    assert not one(np.array([0.0]), np.array([0.1]), rtol=0.5).ok


def test_integers_are_exact_whatever_the_tolerance_and_beyond_fifty_three_bits():
    assert one(np.array([2**63 - 1]), np.array([2**63 - 2]), 1.0, 9.0) == Difference(1.0, "y", 0, ok=False)
    assert one(np.array([0], np.uint8), np.array([255], np.uint8)).worst == 255.0
    assert one(np.array([7], np.int8), np.array([7], np.int64)).ok


@pytest.mark.parametrize(
    ("expected", "got", "ok"),
    [
        (np.array([True, False]), np.array([True, False]), True),
        (np.array([True, False]), np.array([True, True]), False),
        (objects("a", None, "b"), objects("a", None, "b"), True),
        (objects("a", "b"), objects("a", "B"), False),
        (objects("a", None), objects("a", "None"), False),
        (objects(b"a", b"b"), objects(b"a", b"c"), False),
        (np.array(["2020-01-01", "NaT"], "M8[us]"), np.array(["2020-01-01", "NaT"], "M8[us]"), True),
        (np.array(["2020-01-01", "NaT"], "M8[us]"), np.array(["2020-01-01", "2020-01-02"], "M8[us]"), False),
    ],
)
def test_all_else_is_the_same_or_not(expected, got, ok):
    assert one(expected, got, 9.0, 9.0) == Difference(0.0 if ok else INF, "y", 0 if ok else len(got) - 1, ok=ok)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (np.zeros(2), np.zeros(3)),
        (np.zeros((2, 1)), np.zeros(2)),
        (np.zeros(2), np.zeros(2, bool)),
        (np.zeros(2), objects(0.0, 0.0)),
        (objects("a"), np.zeros(1)),
    ],
)
def test_arrays_that_cannot_be_compared_differ_without_a_row(expected, got):
    assert one(expected, got, 9.0, 9.0) == Difference(INF, "y", -1, ok=False)


def test_a_missing_or_an_unexpected_output_is_named():
    y = {"y": np.zeros(1)}
    assert compare(y | {"z": np.zeros(1)}, y, 0, 0) == Difference(INF, "z", -1, ok=False)
    assert compare(y, y | {"z": np.zeros(1)}, 0, 0) == Difference(INF, "z", -1, ok=False)


def test_the_row_of_a_matrix_is_that_of_its_worst_value():
    expected, got = np.zeros((3, 2)), np.array([[0.0, 0.0], [0.0, 5.0], [1.0, 0.0]])
    assert one(expected, got) == Difference(5.0, "y", 1, ok=False)


def test_the_column_out_of_tolerance_goes_before_one_with_a_larger_distance_within_it():
    expected = {"a": np.array([1e6]), "b": np.array([1.0])}
    got = {"a": np.array([1e6 + 1]), "b": np.array([1.5])}
    assert compare(expected, got, 1e-3, 0) == Difference(0.5, "b", 0, ok=False)


@pytest.mark.parametrize(
    ("got", "difference"),
    [
        (objects(np.array([1.0, 2.0]), None, np.array([3.0])), Difference(0.0, "y", 0, ok=True)),
        (objects(np.array([1.0, 2.0]), None, np.array([3.5])), Difference(0.5, "y", 2, ok=False)),
        (objects(np.array([1.0]), None, np.array([3.0])), Difference(INF, "y", 0, ok=False)),
        (objects(np.array([1.0, 2.0]), np.array([1.0]), np.array([3.0])), Difference(INF, "y", 1, ok=False)),
        (objects(np.array([1.0, 2.0]), None), Difference(INF, "y", -1, ok=False)),
    ],
)
def test_lists_of_varying_length_are_compared_row_by_row(got, difference):
    assert one(objects(np.array([1.0, 2.0]), None, np.array([3.0])), got) == difference


@settings(max_examples=30)
@given(hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats()))
def test_any_answer_is_no_different_from_itself(array):
    found = one(array, array.copy())
    assert (found.worst, found.ok) == (0.0, True)
