"""Nested lists to arrays; every fault has its row."""

import numpy as np
import pytest

from trimtab.core.lists import parse_lists, split_rows
from trimtab.core.signature import Field


def parsed(values, field):
    column, faults = parse_lists(values, field)
    return column, [(fault.row, fault.what) for fault in faults]


def test_lists_of_a_fixed_length_are_one_array_of_the_dtype():
    column, faults = parsed([[1, 2], [3, 4.5]], Field("x", "FP32", (-1, 2)))
    assert (column.values.dtype, column.values.tolist(), column.missing, faults) == (
        np.float32, [[1.0, 2.0], [3.0, 4.5]], None, [],
    )  # fmt: skip


def test_several_axes():
    column, faults = parsed([[[1, 2], [3, 4]]], Field("x", "INT8", (-1, 2, 2)))
    assert (column.values.shape, column.values.tolist(), faults) == ((1, 2, 2), [[[1, 2], [3, 4]]], [])


def test_tuples_are_lists():
    assert parsed([(1, 2)], Field("x", "INT8", (-1, 2)))[0].values.tolist() == [[1, 2]]


def test_lists_of_varying_length_are_an_array_a_row_even_when_all_are_alike():
    column, faults = parsed([[1, 2], [3, 4]], Field("x", "INT8", (-1, -1)))
    assert (column.values.shape, [row.tolist() for row in column.values], faults) == ((2,), [[1, 2], [3, 4]], [])
    column, _ = parsed([[], [1.5]], Field("x", "FP64", (-1, -1)))
    assert [row.tolist() for row in column.values] == [[], [1.5]]


def test_one_axis_may_vary_and_the_other_not():
    field = Field("x", "INT64", (-1, -1, 2))
    column, faults = parsed([[[1, 2]], [[3, 4], [5, 6]], [[7]]], field)
    assert [None if row is None else row.shape for row in column.values] == [(1, 2), (2, 2), None]
    assert faults == [(2, "has the shape [1, 1], expected [-1, 2]")]


@pytest.mark.parametrize(("dtype", "filler"), [("FP64", "nan"), ("INT64", 0), ("BYTES", None), ("BOOL", False)])
def test_a_row_that_is_missing_holds_the_filler_and_is_marked(dtype, filler):
    good = {"FP64": [1.5, 2.5], "INT64": [1, 2], "BYTES": ["a", "b"], "BOOL": [True, True]}[dtype]
    column, faults = parsed([good, None], Field("x", dtype, (-1, 2), nullable=True))
    assert (column.missing.tolist(), faults) == ([False, True], [])
    assert column.values[0].tolist() == good
    assert ["nan" if value != value else value for value in column.values[1].tolist()] == [filler] * 2  # noqa: PLR0124


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (7, "`7` is no list"),
        ("ab", '`"ab"` is no list'),
        ([1], "has the shape [1], expected [2]"),
        ([1, "x"], '`"x"` is no integer'),
        ([1, None], "there is a null inside the list"),
        ([1, 1.5], "`1.5` is no integer"),
        ([1, 300], "`300` does not fit INT8"),
    ],
)
@pytest.mark.parametrize("row", [0, 1, 2])
def test_a_fault_has_the_row_of_its_list(value, what, row):
    values = [[1, 2], [3, 4], [5, 6]]
    values[row] = value
    assert parsed(values, Field("x", "INT8", (-1, 2)))[1] == [(row, what)]


def test_all_faults_are_found_in_the_order_of_their_rows():
    found = parsed([[1, "x"], 7, [1], [None, 2]], Field("x", "INT8", (-1, 2)))[1]
    assert [row for row, _ in found] == [0, 1, 2, 3]


def test_inner_lists_of_one_value_are_of_one_length():
    assert parsed([[[1], [2, 3]]], Field("x", "INT8", (-1, -1, -1)))[1] == [(0, "its inner lists differ in length")]


def test_no_rows_have_the_shape_of_rows():
    column, faults = parsed([], Field("x", "FP32", (-1, 3)))
    assert (column.values.shape, faults) == ((0, 3), [])


def test_rows_are_split_without_being_joined_again():
    array = split_rows(np.arange(4).reshape(2, 2))
    assert (array.dtype, array.shape, [row.tolist() for row in array]) == (object, (2,), [[0, 1], [2, 3]])
    assert split_rows(iter([None, np.zeros(1)]))[0] is None
