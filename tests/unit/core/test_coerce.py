"""Typed columns to the dtype and shape of a field, never with loss."""

import numpy as np
import pytest

from trimtab.core.coerce import MisfitError, coerce
from trimtab.core.dtypes import DTYPES
from trimtab.core.signature import Field
from trimtab.core.table import Column

NUMBERS = [name for name, dtype in DTYPES.items() if dtype.kind in "iufb"]


def objects(*items):
    array = np.empty(len(items), object)
    array[:] = items
    return array


@pytest.mark.parametrize("got", NUMBERS)
@pytest.mark.parametrize("wanted", NUMBERS)
def test_a_number_widens_where_every_value_of_its_dtype_fits(got, wanted):
    one, other = DTYPES[got], DTYPES[wanted]
    column = Column(np.ones(2, one))
    if got == wanted or ("b" not in one.kind + other.kind and np.can_cast(one, other, "safe")):
        found, faults = coerce(Field("x", wanted), column)
        assert (found.values.dtype, found.values.tolist(), faults) == (other, [1, 1], [])
    else:
        with pytest.raises(MisfitError, match=f"datatype {got}, the signature says {wanted}") as caught:
            coerce(Field("x", wanted), column)
        assert caught.value.hint == f"send `x` as {wanted}"


@pytest.mark.parametrize("dtype", ["<i4", ">i4"])
def test_the_byte_order_of_a_sender_does_not_matter(dtype):
    found, _ = coerce(Field("x", "INT32"), Column(np.array([1, -2], dtype)))
    assert found.values.tolist() == [1, -2]
    assert found.values.dtype.isnative


def test_masks_stay_with_their_rows():
    missing = np.array([[False], [True]])
    found, _ = coerce(Field("x", "FP64", nullable=True), Column(np.zeros((2, 1)), missing))
    assert (found.values.shape, found.missing.tolist()) == ((2,), [False, True])
    found, _ = coerce(
        Field("x", "FP64", (-1, 2), nullable=True), Column(np.zeros((2, 2)), np.array([[0, 0], [0, 1]], bool))
    )
    assert found.missing.tolist() == [False, True]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (np.zeros((2, 3)), Field("x", "FP64")),
        (np.zeros(2), Field("x", "FP64", (-1, 1))),
        (np.zeros((2, 3)), Field("x", "FP64", (-1, 2))),
        (np.zeros((2, 3)), Field("x", "FP64", (-1, -1, -1))),
    ],
)
def test_another_shape_is_refused(values, field):
    with pytest.raises(MisfitError, match="the signature says"):
        coerce(field, Column(values))


def test_times_take_the_unit_of_the_field_and_are_nothing_else():
    column = Column(np.array(["2020-01-01"], "M8[s]"))
    assert (
        str(coerce(Field("x", "BYTES", kind="datetime", frame="datetime64[ns]"), column)[0].values.dtype)
        == "datetime64[ns]"
    )
    with pytest.raises(MisfitError, match="holds times"):
        coerce(Field("x", "INT64"), column)


@pytest.mark.parametrize(("kind", "values"), [("value", ["é", "b"]), ("bytes", ["é".encode(), b"b"])])
def test_bytes_of_a_binary_tensor_are_text_or_bytes_as_the_field_says(kind, values):
    found, faults = coerce(Field("x", "BYTES", kind=kind), Column(objects("é".encode(), b"b")))
    assert (found.values.tolist(), faults) == (values, [])


def test_bad_text_is_a_fault_of_its_row_also_inside_a_list():
    _, faults = coerce(Field("x", "BYTES"), Column(objects(b"a", b"\xff")))
    assert [(fault.row, fault.what) for fault in faults] == [(1, "`b'\\xff'` is no UTF-8 text")]
    flat = objects(b"a", b"b", b"c", b"\xff").reshape(2, 2)
    _, faults = coerce(Field("x", "BYTES", (-1, 2)), Column(flat))
    assert [fault.row for fault in faults] == [1]
    _, faults = coerce(Field("x", "BYTES", (-1, -1)), Column(objects(objects(b"a"), objects(b"\xff"))))
    assert [fault.row for fault in faults] == [1]


def test_a_rectangle_becomes_an_array_a_row_where_lengths_may_vary():
    found, faults = coerce(Field("x", "FP64", (-1, -1)), Column(np.array([[1, 2], [3, 4]], np.int32)))
    assert ([row.tolist() for row in found.values], faults) == ([[1.0, 2.0], [3.0, 4.0]], [])


def test_each_list_is_held_to_the_dtype_and_a_missing_one_stays_missing():
    lists = objects(np.array([1, 2], np.int8), None, np.array([0.5]), np.array([], np.int8))
    found, faults = coerce(Field("x", "INT64", (-1, -1), nullable=True), Column(lists, np.array([0, 1, 0, 0], bool)))
    assert [(fault.row, fault.what) for fault in faults] == [(2, "datatype FP64, the signature says INT64")]
    assert [None if row is None else row.tolist() for row in found.values] == [[1, 2], None, None, []]


def test_a_dtype_that_the_protocol_does_not_know_is_refused():
    with pytest.raises(MisfitError, match="complex128"):
        coerce(Field("x", "FP64"), Column(np.zeros(1, complex)))
