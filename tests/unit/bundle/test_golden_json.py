"""Any column of any field survives its JSON tensor."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from trimtab.bundle.compare import compare
from trimtab.bundle.golden_json import decode_tensor, encode_tensor
from trimtab.bundle.manifest import canonical
from trimtab.core.dtypes import DTYPES, is_float
from trimtab.core.signature import Field
from trimtab.core.table import Column

NUMBERS = sorted(name for name, dtype in DTYPES.items() if dtype.kind in "iufb")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
UNITS = ("s", "ms", "us", "ns")


def objects(items):
    array = np.empty(len(items), object)
    array[:] = items
    return array


def trip(field, column):
    """The column after it was written as bytes and read again."""
    return decode_tensor(field, json.loads(canonical(encode_tensor(field, column))))


def same(one, other):
    missing = [None if column.missing is None else column.missing.tolist() for column in (one, other)]
    difference = compare({"x": one.values}, {"x": other.values}, 0, 0)
    return one.values.dtype == other.values.dtype and missing[0] == missing[1] and difference.ok


@st.composite
def numbers(draw):
    """Numbers of any dtype, with nulls or without."""
    dtype = draw(st.sampled_from(NUMBERS))
    values = draw(hnp.arrays(DTYPES[dtype], st.integers(0, 6)))
    mask = draw(hnp.arrays(bool, len(values)))
    if is_float(dtype):
        mask = np.isnan(values)
    values[mask] = np.nan if is_float(dtype) else 0
    return Field("x", dtype, nullable=True), Column(values, mask if mask.any() else None)


@settings(max_examples=30)
@given(numbers())
def test_numbers_and_their_nulls(pair):
    field, column = pair
    assert same(trip(field, column), column)


@settings(max_examples=30)
@given(st.lists(st.none() | TEXT, max_size=5))
def test_text_and_its_nulls(items):
    mask = np.array([item is None for item in items], bool)
    column = Column(objects(items), mask if mask.any() else None)
    assert same(trip(Field("x", "BYTES", nullable=True), column), column)


@settings(max_examples=30)
@given(st.lists(st.none() | st.binary(max_size=4), max_size=5))
def test_bytes_whether_they_are_text_or_not(items):
    mask = np.array([item is None for item in items], bool)
    column = Column(objects(items), mask if mask.any() else None)
    assert same(trip(Field("x", "BYTES", nullable=True, kind="bytes"), column), column)


@settings(max_examples=30)
@given(st.sampled_from(UNITS), st.lists(st.none() | st.integers(-(2**31), 2**32), max_size=5))
def test_times_in_their_unit(unit, ticks):
    nat = np.iinfo(np.int64).min
    values = np.array([nat if tick is None else tick for tick in ticks], np.int64).view(f"M8[{unit}]")
    mask = np.isnat(values)
    field = Field("x", "BYTES", nullable=True, kind="datetime", frame=f"datetime64[{unit}]")
    column = Column(values, mask if mask.any() else None)
    assert same(trip(field, column), column)


@settings(max_examples=30)
@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 3), st.just(2), st.integers(1, 3)), elements=st.floats()))
def test_arrays_of_several_axes(values):
    assert same(trip(Field("x", "FP64", (-1, *values.shape[1:])), Column(values)), Column(values))


@settings(max_examples=30)
@given(st.lists(st.lists(st.integers(-128, 127), max_size=4), min_size=1, max_size=4))
def test_lists_of_varying_length(lists):
    column = Column(objects([np.array(item, np.int8) for item in lists]))
    assert same(trip(Field("x", "INT8", (-1, -1)), column), column)


def test_a_row_that_is_missing_among_lists_is_null():
    field = Field("x", "FP64", (-1, -1), nullable=True)
    column = Column(objects([np.array([1.0]), None]), np.array([False, True]))
    assert encode_tensor(field, column)["data"] == [[1.0], None]
    assert same(trip(field, column), column)


TENSOR = {"name": "x", "datatype": "FP64", "shape": [2], "data": [1.0, 2.0]}


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"datatype": "FP32"}, "datatype FP32, the signature says FP64"),
        ({"shape": [2, 1]}, "shape"),
        ({"shape": [3]}, "2 rows, shape"),
        ({"data": [1.0, True]}, "row 1: `True` is no number"),
    ],
)
def test_a_tensor_of_another_field_is_refused(changed, what):
    with pytest.raises(ValueError, match=what.replace("[", r"\[")):
        decode_tensor(Field("x", "FP64"), TENSOR | changed)


def test_a_rectangle_needs_all_its_values():
    with pytest.raises(ValueError, match=r"3 values, shape \[2, 2\] needs 4"):
        decode_tensor(Field("x", "FP64", (-1, 2)), TENSOR | {"shape": [2, 2], "data": [1, 2, 3]})
