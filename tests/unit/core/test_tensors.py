"""Tensors of the protocol that contradict themselves, by what is wrong; what survives is in tests/properties."""

import numpy as np
import pytest

from trimtab.core.tensors import TensorError, decode_binary, decode_json, encode_binary, encode_json


def objects(*items):
    array = np.empty(len(items), object)
    array[:] = items
    return array


@pytest.mark.parametrize("data", [[1, 2, 3, 4], [[1, 2], [3, 4]]])
def test_data_may_be_flat_or_nested(data):
    assert decode_json("INT8", [2, 2], data).values.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("datatype", "shape", "data", "row", "what"),
    [
        ("INT9", [1], [1], None, "unknown datatype `INT9`"),
        ("I" * 90, [1], [1], None, f"unknown datatype `{'I' * 40}`, the protocol has"),
        ("INT8", [2**63], [1], None, "the shape has a count that no array has"),
        ("INT8", [10**4000] * 2, [1], None, "the shape has a count that no array has"),
        ("INT8", [2**63 - 1], [1], None, "data has 1 values, shape [9223372036854775807] needs 9223372036854775807"),
        ("INT8", [-(10**4000)], [1], None, f"shape [-1{'0' * 37} is not"),
        ("INT8", [], [1], None, "shape [] is not a list of one or more counts"),
        ("INT8", [-1], [1], None, "shape [-1] is not"),
        ("INT8", [1.0], [1], None, "shape [1.0] is not"),
        ("INT8", [True], [1], None, "shape [True] is not"),
        ("INT8", [2], [1], None, "data has 1 values, shape [2] needs 2"),
        ("INT8", [2, -1], [[1]], None, "data has 1 rows, the shape says 2"),
        ("INT8", [2, 2], [[1, 2], 3], None, "data mixes lists and values"),
        ("INT8", [2, 2], [1, 2, 3, "x"], 1, '`"x"` is no integer'),
        ("INT8", [3], ["x", 1, "y"], 0, '`"x"` is no integer (rows 0, 2: 2 such values)'),
        ("INT8", [2, -1], [[1], [2, "x"]], 1, '`"x"` is no integer'),
    ],
)
def test_a_json_tensor_that_contradicts_itself(datatype, shape, data, row, what):
    with pytest.raises(TensorError) as caught:
        decode_json(datatype, shape, data)
    assert str(caught.value).startswith(what)
    assert caught.value.row == row


@pytest.mark.parametrize(
    ("datatype", "shape", "raw", "row", "what"),
    [
        ("INT16", [2], b"\x00" * 3, None, "3 bytes of data, INT16 of shape [2] needs 4"),
        ("INT16", [-1], b"", None, "shape [-1] is not"),
        ("BOOL", [2, 2], b"\x00\x01\x02\x00", 1, "a BOOL byte is neither 0 nor 1"),
        ("BYTES", [2], b"\x01\x00\x00\x00a", None, "data has 1 BYTES elements, the shape needs 2"),
        ("BYTES", [1], b"\x01\x00", 0, "a BYTES element's length is cut off"),
        ("BYTES", [2], b"\x00\x00\x00\x00\x05\x00\x00\x00ab", 1, "a BYTES element is longer than the data"),
        ("BYTES", [1], b"\xff\xff\xff\xffab", 0, "a BYTES element is longer than the data"),
    ],
)
def test_a_binary_tensor_that_contradicts_itself(datatype, shape, raw, row, what):
    with pytest.raises(TensorError) as caught:
        decode_binary(datatype, shape, raw)
    assert str(caught.value).startswith(what)
    assert caught.value.row == row


def test_numbers_of_a_binary_tensor_are_not_copied_and_cannot_be_written():
    raw = bytes(range(8))
    array = decode_binary("UINT8", [2, 4], raw)
    assert array.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert not array.flags.writeable
    assert np.shares_memory(array, np.frombuffer(raw, np.uint8))


@pytest.mark.parametrize(
    ("array", "values"),
    [
        (np.array([0.1, np.nan, np.inf, -np.inf]), [0.1, None, "Infinity", "-Infinity"]),
        (objects("é", b"b", None), ["é", "b", None]),
        (objects(np.array([1, 2]), None, np.array([])), [[1, 2], None, []]),
        (objects(np.array([[1, 2], [3, 4]])), [[[1, 2], [3, 4]]]),
        (np.array(["2020-01-01T00:00:00", "NaT"], "M8[s]"), ["2020-01-01T00:00:00Z", None]),
        (np.array([[True], [False]]), [True, False]),
    ],
)
def test_values_as_json(array, values):
    assert encode_json(array) == values


def test_missing_rows_are_null():
    assert encode_json(np.array([1, 0]), np.array([False, True])) == [1, None]


def test_what_a_form_cannot_carry_is_refused():
    with pytest.raises(TensorError, match="need the binary form"):
        encode_json(objects(b"\xff"))
    with pytest.raises(TensorError, match="no binary form"):
        encode_binary(objects(np.array([1])))


@pytest.mark.parametrize(
    ("array", "raw"),
    [
        (np.array([1, 256], ">i2"), b"\x01\x00\x00\x01"),
        (objects("é", b"\xff", None), b"\x02\x00\x00\x00\xc3\xa9\x01\x00\x00\x00\xff\x00\x00\x00\x00"),
        (np.array(["2020-01-01"], "M8[D]"), b"\x0b\x00\x00\x002020-01-01Z"),
    ],
)
def test_values_as_bytes(array, raw):
    assert encode_binary(array) == raw
