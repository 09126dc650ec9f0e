import numpy as np
import pytest

from trimtab.core.dtypes import DTYPES, INTEGERS, dtype_of, is_float, is_integer


def test_the_protocol_has_thirteen_datatypes():
    assert set(DTYPES) == {
        "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64",
        "FP16", "FP32", "FP64", "BYTES",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(DTYPES))
@pytest.mark.parametrize("order", ["<", ">"])
def test_an_array_has_the_name_of_its_dtype_in_any_byte_order(name, order):
    assert dtype_of(np.empty(1, DTYPES[name].newbyteorder(order))) == name


@pytest.mark.parametrize("dtype", ["U3", "S3", "O"])
def test_text_and_bytes_of_any_width_are_bytes(dtype):
    assert dtype_of(np.empty(1, dtype)) == "BYTES"


@pytest.mark.parametrize("dtype", ["c16", "M8[s]", "m8[s]", [("a", "i4")]])
def test_a_dtype_without_a_name_is_refused(dtype):
    with pytest.raises(TypeError, match="no Open Inference Protocol datatype"):
        dtype_of(np.empty(1, dtype))


@pytest.mark.parametrize("name", sorted(DTYPES))
def test_numbers_are_floats_or_integers_and_the_rest_is_neither(name):
    kind = DTYPES[name].kind
    assert (is_float(name), is_integer(name), name in INTEGERS) == (kind == "f", kind in "iu", kind in "iu")
