"""Data of one tensor: what is plain becomes numbers at once, everything else goes the way that can name a row."""

import msgspec
import numpy as np
import pytest

from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.core.tensors import TensorError
from trimtab.server.dialects.oip_data import numbers, values

FLAT = Field("x", "FP64")
PAIRS = Field("v", "FP32", (-1, 2))


def read(field, shape, text):
    return numbers(field, shape, msgspec.Raw(text))


@pytest.mark.parametrize("shape", [[3], [3, 1]])
@pytest.mark.parametrize(("dtype", "text"), [("FP64", b"[1,2.5,-3]"), ("INT8", b" [1, 2,\n3] ")])
def test_one_number_a_row_stays_a_list(shape, dtype, text):
    assert read(Field("x", dtype), shape, text) == msgspec.json.decode(text)


@pytest.mark.parametrize("text", [b"[1,2,3,4]", b"[[1,2],[3,4]]", b" [ [1,2],\r\n[3,4]]", b"[\t[1.0,2.0],[3.0,4.0]]"])
def test_rows_of_numbers_become_an_array_whether_flat_or_nested(text):
    column = read(PAIRS, [2, 2], text)
    assert isinstance(column, Column)
    assert column.values.dtype == np.float32
    assert column.values.tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize("text", [b"[1,2,3,4,5,6,7,8]", b"[1,2,3,4,5,6,7,8] "])
def test_more_axes_are_read_flat(text):
    column = read(Field("v", "UINT64", (-1, 2, 2)), [2, 2, 2], text)
    assert (column.values.dtype, column.values.tolist()) == (np.uint64, [[[1, 2], [3, 4]], [[5, 6], [7, 8]]])


PLAIN_NOT = {
    "another height": (FLAT, [2], b"[1,2,3]"),
    "another width": (FLAT, [3, 2], b"[1,2,3]"),
    "nested where flat is due": (FLAT, [2, 1], b"[[1],[2]]"),
    "a null": (FLAT, [2], b"[1,null]"),
    "a word": (FLAT, [2], b'[1,"Infinity"]'),
    "a truth": (FLAT, [1], b"[true]"),
    "a fraction among integers": (Field("n", "INT64"), [1], b"[1.5]"),
    "no list": (FLAT, [1], b"1"),
    "cut off": (FLAT, [1], b"[1"),
    "nothing": (FLAT, [1], b""),
    "a null in rows": (PAIRS, [1, 2], b"[[1,null]]"),
    "rows of unequal length": (PAIRS, [2, 2], b"[[1,2],[3]]"),
    "rows of another length": (PAIRS, [2, 2], b"[[1,2,3],[4,5,6]]"),
    "deeper than rows": (PAIRS, [1, 2, 1], b"[[[1],[2]]]"),
    "too few": (PAIRS, [2, 2], b"[1,2,3]"),
    "a length that varies": (PAIRS, [-1, 2], b"[1,2]"),
    "two lengths that cancel out": (PAIRS, [-2, -1], b"[1,2]"),
    "no rows, flat": (PAIRS, [0, 2], b"[]"),
    "too large for 32 bits": (PAIRS, [1, 2], b"[1,1e39]"),
    "too large for a byte": (Field("v", "UINT8", (-1, 2)), [1, 2], b"[1,256]"),
    "below nothing": (Field("v", "UINT8", (-1, 2)), [1, 2], b"[1,-1]"),
    "too large for any integer": (Field("v", "INT64", (-1, 1)), [1, 1], b"[9223372036854775808]"),
    "very deep": (PAIRS, [1, 2], b"[" * 100_000),
}


@pytest.mark.parametrize("name", PLAIN_NOT)
def test_what_is_not_that_plain_is_left_to_the_way_that_names_rows(name):
    assert read(*PLAIN_NOT[name]) is None


@pytest.mark.parametrize("shape", [[2], [2, 1]])
def test_one_value_a_row_of_the_field_s_own_type_is_parsed_by_the_field(shape):
    data = [1.5, None]
    assert values("FP64", shape, data, FLAT) is data
    assert values("FP64", [0], [], FLAT) == []


@pytest.mark.parametrize(
    ("datatype", "shape", "data", "field"),
    [
        ("FP64", [2], [1, 2], None),
        ("INT32", [2], [1, 2], FLAT),
        ("FP64", [2, 1], [[1], [2]], FLAT),
        ("FP64", [1, 2], [1, 2], FLAT),
        ("FP32", [1, 2], [1, 2], PAIRS),
    ],
)
def test_everything_else_is_decoded_as_it_says(datatype, shape, data, field):
    column = values(datatype, shape, data, field)
    assert isinstance(column, Column)
    assert (list(column.values.shape), column.values.ravel().tolist()) == (shape, [1, 2])


def test_a_value_that_does_not_fit_is_named_by_its_row():
    with pytest.raises(TensorError) as caught:
        values("FP32", [2, 2], [1, 2, 3, "x"], PAIRS)
    assert caught.value.row == 1
