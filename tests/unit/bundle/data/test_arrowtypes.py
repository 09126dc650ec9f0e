"""Arrow types and fields, in both directions."""

import pyarrow as pa
import pytest

from trimtab.bundle.data.arrowtypes import Described, arrow_type, describe, element_type, misfit, plain_type
from trimtab.core.dtypes import DTYPES
from trimtab.core.signature import Field


@pytest.mark.parametrize("dtype", sorted(set(DTYPES) - {"BYTES"}))
@pytest.mark.parametrize("inner", [(), (3,), (-1,), (-1, 2)])
def test_a_field_of_numbers_is_the_same_after_arrow(dtype, inner):
    field = Field("x", dtype, (-1, *inner))
    assert describe(arrow_type(field)) == Described(dtype, axes=len(inner))
    assert misfit(arrow_type(field), field) == ""


@pytest.mark.parametrize(
    ("type_", "described"),
    [
        (pa.string(), Described("BYTES")),
        (pa.large_string(), Described("BYTES")),
        (pa.binary(), Described("BYTES", "bytes")),
        (pa.binary(4), Described("BYTES", "bytes")),
        (pa.dictionary(pa.int8(), pa.string()), Described("BYTES")),
        (pa.timestamp("ns", "UTC"), Described("BYTES", "datetime")),
        (pa.date32(), Described("BYTES", "datetime")),
        (pa.large_list(pa.list_(pa.float32())), Described("FP32", axes=2)),
        (pa.list_(pa.dictionary(pa.int8(), pa.int16())), Described("INT16", axes=1)),
        (pa.run_end_encoded(pa.int32(), pa.bool_()), Described("BOOL")),
    ],
)
def test_what_a_type_is_on_the_wire(type_, described):
    assert describe(type_) == described


@pytest.mark.parametrize(
    ("type_", "way"),
    [
        (pa.decimal128(9, 2), "cast it to double, or to text if every digit counts"),
        (pa.duration("s"), "store it as a number of seconds"),
        (pa.time32("s"), "store it as text or as a number of seconds"),
        (pa.struct([("a", pa.int8())]), "store each of its members as a column of its own"),
        (pa.list_(pa.struct([("a", pa.int8())])), "store each of its members as a column of its own"),
        (pa.map_(pa.string(), pa.int8()), "store it as a column for each key, or as JSON text"),
        (pa.list_(pa.timestamp("s")), "store it as numbers, text or lists of these"),
        (pa.null(), "store it as numbers, text or lists of these"),
    ],
)
def test_a_type_without_a_place_says_the_way_out(type_, way):
    assert describe(type_) == way


@pytest.mark.parametrize(
    ("field", "type_"),
    [
        (Field("x", "BYTES"), pa.string()),
        (Field("x", "BYTES", kind="bytes"), pa.binary()),
        (Field("x", "BYTES", kind="datetime"), pa.timestamp("us")),
        (Field("x", "BYTES", kind="datetime", frame="datetime64[ms, Europe/Berlin]"), pa.timestamp("ms", "UTC")),
        (Field("x", "FP16", (-1, 2)), pa.list_(pa.float16(), 2)),
        (Field("x", "BYTES", (-1, -1, 2)), pa.list_(pa.list_(pa.string(), 2))),
    ],
)
def test_a_field_is_written_as_its_type(field, type_):
    assert arrow_type(field) == type_


@pytest.mark.parametrize(
    ("type_", "field"),
    [
        (pa.null(), Field("x", "FP64", (-1, 3))),
        (pa.int64(), Field("x", "FP32")),  # whether each value fits is seen value by value
        (pa.string(), Field("x", "BYTES", kind="datetime")),
        (pa.string(), Field("x", "BYTES", kind="bytes")),
        (pa.timestamp("s"), Field("x", "BYTES", kind="datetime")),
    ],
)
def test_a_type_whose_values_may_fit_is_no_misfit(type_, field):
    assert misfit(type_, field) == ""


@pytest.mark.parametrize(
    ("type_", "field"),
    [
        (pa.string(), Field("x", "FP64")),
        (pa.bool_(), Field("x", "INT64")),
        (pa.int64(), Field("x", "BYTES")),
        (pa.float64(), Field("x", "FP64", (-1, 2))),
        (pa.list_(pa.float64()), Field("x", "FP64")),
        (pa.timestamp("s"), Field("x", "BYTES")),
        (pa.timestamp("s"), Field("x", "BYTES", kind="bytes")),
        (pa.duration("s"), Field("x", "INT64")),
    ],
)
def test_a_type_that_can_never_fit_is_said_with_both_sides(type_, field):
    assert misfit(type_, field).startswith(f"is `{type_}` in the file, the signature says `{field}`")


def test_wrappings_are_taken_off():
    assert plain_type(pa.dictionary(pa.int8(), pa.string())) == pa.string()
    assert element_type(pa.list_(pa.int8(), 2)) == pa.int8()
    assert element_type(pa.string()) is None
