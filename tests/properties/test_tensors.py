"""Every Open Inference Protocol datatype survives the way to JSON and to binary and back."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from trimtab.core.dtypes import DTYPES, dtype_of
from trimtab.core.tensors import TensorError, decode_binary, decode_json, encode_binary, encode_json

SHAPES = npst.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4)
NUMBERS = [name for name in DTYPES if name != "BYTES"]


def texts(shape):
    return npst.arrays(object, shape, elements=st.text(st.characters(exclude_categories=["Cs"])))


def tensors():
    numbers = st.sampled_from(NUMBERS).flatmap(lambda name: npst.arrays(DTYPES[name], SHAPES))
    return st.one_of(numbers, SHAPES.flatmap(texts))


@given(tensors())
def test_json_gives_back_the_same_tensor(array):
    body = json.loads(json.dumps(encode_json(array), allow_nan=False))
    back = decode_json(dtype_of(array), array.shape, body)
    assert back.values.dtype == array.dtype
    assert back.values.shape == array.shape
    assert np.array_equal(back.values, array, equal_nan=array.dtype.kind == "f")
    if array.dtype.kind == "f":
        assert np.array_equal(np.signbit(back.values), np.signbit(array) & ~np.isnan(array))


@given(tensors())
def test_nested_json_means_the_same_as_flat(array):
    if array.dtype.kind == "f":
        array = np.nan_to_num(array, posinf=1, neginf=-1)
    flat = decode_json(dtype_of(array), array.shape, encode_json(array))
    nested = decode_json(dtype_of(array), array.shape, array.tolist())
    assert np.array_equal(flat.values, nested.values)


@given(tensors())
def test_binary_gives_back_the_same_bits(array):
    back = decode_binary(dtype_of(array), array.shape, encode_binary(array))
    assert back.shape == array.shape
    if array.dtype == object:
        assert [item.decode() for item in back.ravel()] == array.ravel().tolist()
    else:
        assert back.tobytes() == array.tobytes()


@given(st.lists(st.binary()))
def test_any_bytes_survive_the_binary_form(items):
    array = np.empty(len(items), object)
    array[:] = items
    assert decode_binary("BYTES", array.shape, encode_binary(array)).tolist() == items


@given(st.sampled_from(sorted(DTYPES)), st.lists(st.integers(0, 5), min_size=1, max_size=3), st.binary(max_size=60))
def test_arbitrary_bytes_never_do_anything_but_decode_or_raise_tensor_error(datatype, shape, raw):
    try:
        array = decode_binary(datatype, shape, raw)
    except TensorError:
        return
    assert array.shape == tuple(shape)
    assert encode_binary(array) == raw


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=4)
)


@given(st.sampled_from([*DTYPES, "FP128"]), st.lists(st.integers(-2, 5)), st.lists(JSON, max_size=6))
def test_arbitrary_json_never_does_anything_but_decode_or_raise_tensor_error(datatype, shape, data):
    try:
        column = decode_json(datatype, shape, data)
    except TensorError:
        return
    assert column.values.shape[0] == shape[0]


def test_masked_values_are_null_in_json():
    column = decode_json("INT64", [3], [1, None, 3])
    assert column.missing.tolist() == [False, True, False]
    assert encode_json(column.values, column.missing) == [1, None, 3]


@pytest.mark.parametrize(
    ("datatype", "shape", "data", "message", "row"),
    [
        ("INT8", [2], [1, 128], "`128` does not fit INT8", 1),
        ("INT8", [1], [1.5], "`1.5` is no integer", 0),
        ("INT64", [1], [True], "`True` is no integer", 0),
        ("FP64", [1], ["1"], '`"1"` is no number', 0),
        ("FP32", [2, 2], [0, 0, 0, 1e39], "`1e+39` does not fit FP32", 1),
        ("BOOL", [1], [1], "`1` is no boolean", 0),
        ("BYTES", [1], [7], "`7` is no text", 0),
        ("FP64", [2], [1.0], "data has 1 values, shape [2] needs 2", None),
        ("FP64", [-1], [1.0], "shape [-1] is not a list of one or more counts", None),
        ("FP64", [], [], "shape [] is not a list of one or more counts", None),
        ("FP64", [True], [1.0], "shape [True] is not a list of one or more counts", None),
        ("FP64", [2**70], [1.0], "the shape has a count that no array has", None),
        ("FP64", [2, 1], [[1.0], 2.0], "data mixes lists and values", None),
    ],
)
def test_a_tensor_that_contradicts_itself_is_refused_with_its_row(datatype, shape, data, message, row):
    with pytest.raises(TensorError) as caught:
        decode_json(datatype, shape, data)
    assert message in str(caught.value)
    assert caught.value.row == row


def test_bytes_that_are_no_text_do_not_pass_as_json():
    with pytest.raises(TensorError, match="binary form"):
        encode_json(np.array([b"\xff"], object))
