"""A table as what user code takes: a frame, a dict of arrays, or one array; always a copy."""

# ruff: noqa: PD011 - `values` is the array of our own Column

import numpy as np
import pandas as pd
import pytest

from trimtab.bundle.data.containers import container_of, to_container
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table

MISSING = np.array([False, True])
COLUMNS = {
    "f": (Field("f", "FP32", nullable=True), Column(np.array([0.5, np.nan], np.float32), MISSING)),
    "n": (Field("n", "INT8", nullable=True), Column(np.array([1, 0], np.int8), MISSING)),
    "b": (Field("b", "BOOL", nullable=True), Column(np.array([True, False]), MISSING)),
    "i": (Field("i", "INT32"), Column(np.array([1, 2], np.int32))),
    "t": (Field("t", "BYTES", nullable=True), Column(np.array(["a", None], object), MISSING)),
    "v": (Field("v", "FP64", (-1, 2)), Column(np.array([[1.0, 2.0], [3.0, 4.0]]))),
}
FIELDS = tuple(field for field, _ in COLUMNS.values())
TABLE = Table({name: column for name, (_, column) in COLUMNS.items()}, 2)


@pytest.mark.parametrize(
    ("name", "dtype", "values"),
    [
        ("f", "float32", [0.5, None]),
        ("n", "float64", [1.0, None]),  # an integer array has no null
        ("b", "object", [True, None]),
        ("i", "int32", [1, 2]),
        ("t", "object", ["a", None]),
        ("v", "float64", [[1.0, 2.0], [3.0, 4.0]]),
    ],
)
def test_each_column_is_an_array_that_can_hold_its_nulls(name, dtype, values):
    array = to_container(TABLE, Signature(FIELDS, (), "arrays"))[name]
    assert str(array.dtype) == dtype
    assert [None if value != value else value for value in array.tolist()] == values  # noqa: PLR0124 - NaN


def test_the_arrays_come_in_the_order_of_the_signature_whatever_the_table_has():
    signature = Signature((FIELDS[3], FIELDS[0]), (), "arrays")
    assert list(container_of(signature)(TABLE)) == ["i", "f"]


def test_a_matrix_is_the_array_of_the_only_input():
    array = to_container(TABLE, Signature((COLUMNS["v"][0],), (), "matrix"))
    assert array.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_a_matrix_of_two_inputs_is_a_contradiction():
    with pytest.raises(ValueError, match="too many values"):
        container_of(Signature(FIELDS[:2], (), "matrix"))


def test_a_frame_has_the_dtypes_of_the_fields():
    frame = to_container(TABLE, Signature(FIELDS[:4], (), "frame"))
    assert isinstance(frame, pd.DataFrame)
    assert [str(dtype) for dtype in frame.dtypes] == ["float32", "Int8", "boolean", "int32"]


@pytest.mark.parametrize("container", ["arrays", "matrix"])
@pytest.mark.parametrize("name", ["f", "n", "i", "v"])
def test_writing_into_what_user_code_gets_changes_nothing_of_the_table(container, name):
    field, column = COLUMNS[name]
    before = column.values.tolist()
    made = to_container(Table({name: column}, 2), Signature((field,), (), container))
    array = made if container == "matrix" else made[name]
    array[:] = 9
    assert str(column.values.tolist()) == str(before)
