"""Items of many interactions as one array; `tests/properties/test_sealing.py` has every datatype and shape."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from trimtab.core.signature import Field
from trimtab.journal.interactions.schema import column_schema
from trimtab.journal.seal.arrow import array_of, arrow_type

X = column_schema(Field("x", "FP64"))
TEXT = column_schema(Field("t", "BYTES"))


def raw(*values, dtype="<f8"):
    return np.array(values, dtype).tobytes()


def told(*values, dtype="<f8", shape=None):
    return {"d": dtype, "s": list(shape or (len(values),)), "v": raw(*values, dtype=dtype)}


@pytest.mark.parametrize(
    ("field", "type_"),
    [
        (Field("x", "FP16"), pa.float32()),
        (Field("x", "UINT64"), pa.uint64()),
        (Field("x", "BOOL", (-1, 2)), pa.list_(pa.bool_())),
        (Field("x", "BYTES", (-1, -1, 3), kind="bytes"), pa.list_(pa.list_(pa.binary()))),
        (Field("x", "BYTES", kind="datetime", frame="datetime64[ns, UTC]"), pa.timestamp("ns")),
        (Field("x", "BYTES", kind="datetime"), pa.timestamp("us")),
    ],
)
def test_a_column_has_a_type(field, type_):
    assert arrow_type(column_schema(field)) == type_


def test_values_of_all_are_joined():
    array = array_of([raw(1, 2), raw(3, 4)], 2, X)
    assert array.type == pa.float64()
    assert array.to_pylist() == [1, 2, 3, 4]


def test_null_rows_and_absent_items_are_null():
    masked = {"v": raw(3, 4), "m": np.packbits([True, False]).tobytes()}
    assert array_of([raw(1, 2), masked, None], 2, X).to_pylist() == [1, 2, None, 4, None, None]
    nothing = array_of([None, None], 2, X)
    assert (nothing.type, nothing.null_count) == (pa.float64(), 4)


def test_every_form_may_stand_beside_every_other():
    array = array_of([raw(1), [2], told(3, dtype="<i4"), None, raw(4)], 1, X)
    assert array.type == pa.float64()
    assert array.to_pylist() == [1, 2, 3, None, 4]


def test_what_a_policy_has_made_text_is_text():
    array = array_of([["a1"], [None]], 1, X)
    assert array.type == pa.string()
    assert array.to_pylist() == ["a1", None]


def test_texts_that_are_not_there_are_still_texts():
    assert array_of([[None], [None]], 1, TEXT).type == pa.string()


def test_lists_of_any_length():
    ragged = column_schema(Field("r", "INT64", (-1, -1)))
    array = array_of([[told(1, 2, dtype="<i8"), None], [told(dtype="<i8"), told(3, dtype="<i8")]], 2, ragged)
    assert array.type == pa.list_(pa.int64())
    assert array.to_pylist() == [[1, 2], None, [], [3]]


def test_lists_of_several_sorts_are_taken_apart():
    mixed = [[told(1, dtype="<i8"), told(1, 2, dtype="<i8", shape=(1, 2)), ["a", told(0.5)]]]
    assert array_of(mixed, 3, None).to_pylist() == ["[1]", "[[1, 2]]", '["a", [0.5]]']


def test_what_has_no_type_is_text():
    array = array_of([[1], ["a"], [b"\xff"], [None], [2.5], [True]], 1, None)
    assert array.to_pylist() == ["1", "a", '"/w=="', None, "2.5", "true"]


@pytest.mark.parametrize(
    ("items", "rows", "column"),
    [
        ([raw(1)], 2, X),
        ([raw(1), raw(1, 2)], 1, X),
        ([raw(1)], 1, None),
        ([raw(1)], 1, TEXT),
        ([["a"]], 2, TEXT),
        ([told(1, 2)], 1, None),
        ([told(1, dtype="<i4") | {"v": b"123"}], 1, None),
        ([[told(1) | {"v": b"123"}]], 1, None),
        ([[[told(1) | {"v": b"123"}]]], 1, None),
        ([[told(1) | {"s": [-1]}]], 1, None),
        ([told(1) | {"d": "O"}], 1, None),
        ([7], 1, X),
        ([raw(1), 7], 1, X),
    ],
)
def test_what_does_not_fit_is_refused(items, rows, column):
    with pytest.raises(ValueError, match=r"\w"):
        array_of(items, rows, column)
