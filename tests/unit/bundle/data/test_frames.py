"""Each pandas dtype that a column was trained with is the dtype that user code sees, and nothing is shared."""

# ruff: noqa: PD011 - `values` is the array of our own Column here, not that of a pandas object

import numpy as np
import pandas as pd
import pytest

from trimtab.bundle.data.frames import framer, natural_frame, with_nan, with_none
from trimtab.core.signature import Field
from trimtab.core.table import Column, Table

MISSING = np.array([False, True, False])


def objects(*items):
    array = np.empty(len(items), object)
    array[:] = items
    return array


def frame_of(field, column):
    return framer((field,))(Table({field.name: column}, len(column)))


def numbers(dtype, *, nullable):
    values = np.array([1, 0, 2], dtype)
    return Column(values, MISSING if nullable else None)


NUMBERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
FLOATS = ["float16", "float32", "float64"]


def wire(name):
    return name.upper().replace("FLOAT", "FP")


@pytest.mark.parametrize("dtype", NUMBERS)
def test_integers_keep_their_width_and_are_masked_where_nulls_may_come(dtype):
    plain = frame_of(Field("x", wire(dtype)), numbers(dtype, nullable=False))["x"]
    assert (str(plain.dtype), plain.tolist()) == (dtype, [1, 0, 2])
    masked = dtype.replace("uint", "UInt").replace("int", "Int")
    for field in (Field("x", wire(dtype), nullable=True), Field("x", wire(dtype), nullable=True, frame=masked)):
        got = frame_of(field, numbers(dtype, nullable=True))["x"]
        assert (str(got.dtype), got.tolist()) == (masked, [1, pd.NA, 2])
        full = frame_of(field, numbers(dtype, nullable=False))["x"]  # the dtype is that of the field, not of the rows
        assert (str(full.dtype), full.tolist()) == (masked, [1, 0, 2])


@pytest.mark.parametrize("frame", FLOATS)
@pytest.mark.parametrize("dtype", ["INT64", "FP64"])
def test_floats_have_nan_where_a_value_is_missing(frame, dtype):
    column = numbers({"INT64": "int64", "FP64": "float64"}[dtype], nullable=True)
    got = frame_of(Field("x", dtype, nullable=True, frame=frame), column)["x"]
    assert str(got.dtype) == frame
    assert got.isna().tolist() == [False, True, False]
    assert got.dropna().tolist() == [1.0, 2.0]


def test_masked_floats_and_booleans():
    got = frame_of(Field("x", "FP32", nullable=True, frame="Float32"), numbers("float32", nullable=True))["x"]
    assert (str(got.dtype), got.tolist()) == ("Float32", [1.0, pd.NA, 2.0])
    flags = Column(np.array([True, False, False]), MISSING)
    for frame in ("", "bool", "boolean"):
        got = frame_of(Field("x", "BOOL", nullable=True, frame=frame), flags)["x"]
        assert (str(got.dtype), got.tolist()) == ("boolean", [True, pd.NA, False])
    plain = frame_of(Field("x", "BOOL"), Column(np.array([True, False])))["x"]
    assert (str(plain.dtype), plain.tolist()) == ("bool", [True, False])


@pytest.mark.parametrize(
    ("categories", "values"),
    [
        (("b", "a"), objects("a", None, "b")),
        ((3, 1), np.array([1, 0, 3])),
        ((True, False), np.array([False, False, True])),
    ],
)
def test_categories_keep_their_order_and_their_codes(categories, values):
    field = Field("x", "BYTES", nullable=True, categories=categories, frame="category")
    got = frame_of(field, Column(values, MISSING))["x"]
    assert got.cat.categories.tolist() == list(categories)
    assert got.cat.codes.tolist() == [1, -1, 0]


def test_a_value_outside_the_categories_is_null_as_in_pandas():
    got = frame_of(Field("x", "BYTES", categories=("a",), frame="category"), Column(objects("a", "z")))["x"]
    assert got.cat.codes.tolist() == [0, -1]


def test_categories_that_no_signature_lists_are_those_of_the_rows():
    got = frame_of(Field("x", "BYTES", frame="category"), Column(objects("b", "a", "b")))["x"]
    assert (str(got.dtype), got.cat.categories.tolist()) == ("category", ["a", "b"])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize(
    ("zone", "hours"),
    [("", [12, 12]), (", UTC", [12, 12]), (", Europe/Berlin", [13, 14]), (", America/New_York", [7, 8])],
)
def test_times_come_in_their_unit_and_zone(unit, zone, hours):
    frame = f"datetime64[{unit}{zone}]"
    values = np.array(["2013-01-01T12", "2013-07-01T12", "NaT"], f"M8[{unit}]")
    field = Field("x", "BYTES", nullable=True, kind="datetime", frame=frame)
    got = frame_of(field, Column(values, np.array([False, False, True])))["x"]
    assert str(got.dtype) == frame
    assert got.dt.hour.tolist()[:2] == hours
    assert got.isna().tolist() == [False, False, True]


def test_text_bytes_and_lists_are_objects():
    text = frame_of(Field("x", "BYTES", nullable=True, frame="object"), Column(objects("a", None, "b"), MISSING))["x"]
    assert (str(text.dtype), text.tolist()) == ("object", ["a", None, "b"])
    raw = frame_of(Field("x", "BYTES", kind="bytes"), Column(objects(b"\xff", b"")))["x"]
    assert (str(raw.dtype), raw.tolist()) == ("object", [b"\xff", b""])
    pair = frame_of(Field("x", "FP64", (-1, 2)), Column(np.array([[1.0, 2.0], [3.0, 4.0]])))["x"]
    assert [row.tolist() for row in pair] == [[1.0, 2.0], [3.0, 4.0]]


def test_plain_text_is_what_pandas_itself_makes_of_text():
    got = frame_of(Field("x", "BYTES", nullable=True), Column(objects("a", None, "b"), MISSING))["x"]
    assert got.dtype == pd.Series(["a", None, "b"], dtype="str").dtype
    assert got.isna().tolist() == [False, True, False]


@pytest.mark.parametrize("frame", ["string", "Sparse[float64]"])
def test_any_other_dtype_is_the_one_that_pandas_knows_by_that_name(frame):
    values = objects("a", None, "b") if frame == "string" else np.array([1.0, np.nan, 2.0])
    field = Field("x", "BYTES" if frame == "string" else "FP64", nullable=True, frame=frame)
    got = frame_of(field, Column(values, MISSING))["x"]
    assert got.dtype == pd.array(values, dtype=frame).dtype
    assert got.isna().tolist() == [False, True, False]


@pytest.mark.parametrize("count", [1, 3, 65, 130])
@pytest.mark.parametrize("kinds", ["one", "many"])
def test_frames_of_any_width_have_all_columns_in_order(count, kinds):
    dtypes = ["FP64"] if kinds == "one" else ["FP64", "INT32", "BOOL"]
    fields = tuple(Field(f"c{number}", dtypes[number % len(dtypes)]) for number in range(count))
    made = {"FP64": np.array([0.5, 1.5]), "INT32": np.array([1, 2], np.int32), "BOOL": np.array([True, False])}
    table = Table({field.name: Column(made[field.dtype]) for field in fields}, 2)
    frame = framer(fields)(table)
    assert list(frame.columns) == [field.name for field in fields]
    assert [wire(str(dtype)) for dtype in frame.dtypes] == [field.dtype for field in fields]
    assert all(frame[field.name].tolist() == made[field.dtype].tolist() for field in fields)


SHARED = [
    (Field("x", "FP64"), Column(np.array([1.0, 2.0]))),
    (Field("x", "INT64"), Column(np.array([1, 2]))),
    (Field("x", "BOOL"), Column(np.array([True, True]))),
    (Field("x", "INT64", nullable=True), Column(np.array([1, 2]), np.array([False, False]))),
    (Field("x", "BYTES", frame="object"), Column(objects("a", "b"))),
    (Field("x", "BYTES"), Column(objects("a", "b"))),
    (Field("x", "BYTES", kind="datetime", frame="datetime64[us]"), Column(np.array(["2020", "2021"], "M8[us]"))),
    (Field("x", "BYTES", categories=("a", "b"), frame="category"), Column(objects("a", "b"))),
]


@pytest.mark.parametrize(("field", "column"), SHARED, ids=lambda value: str(value) if isinstance(value, Field) else "")
@pytest.mark.parametrize("more", [0, 1, 70])
def test_what_user_code_writes_does_not_reach_the_table(field, column, more):
    fields = (field, *(Field(f"o{number}", "FP32") for number in range(more)))
    others = {other.name: Column(np.zeros(2, np.float32)) for other in fields[1:]}
    table = Table({"x": column, **others}, 2)
    values, missing = column.values.copy(), None if column.missing is None else column.missing.copy()
    frame = framer(fields)(table)
    frame.loc[0, "x"] = frame["x"].iloc[1]
    assert frame["x"].iloc[0] == frame["x"].iloc[1]
    assert column.values.tolist() == values.tolist()
    assert missing is None or column.missing.tolist() == missing.tolist()


def test_arrays_in_a_frame_are_copies_too():
    column = Column(np.array([[1.0, 2.0]]))
    frame_of(Field("x", "FP64", (-1, 2)), column)["x"].iloc[0][0] = 9
    assert column.values.tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("field", "frame"),
    [
        (Field("x", "FP32"), "float32"),
        (Field("x", "FP32", nullable=True), "float32"),
        (Field("x", "UINT8", nullable=True), "UInt8"),
        (Field("x", "BYTES"), "str"),
        (Field("x", "BYTES", kind="bytes"), "object"),
        (Field("x", "BYTES", kind="datetime"), "datetime64[us]"),
        (Field("x", "FP32", (-1, 2)), "object"),
    ],
)
def test_the_natural_dtype_holds_values_and_nulls(field, frame):
    assert natural_frame(field) == frame


def test_missing_values_as_nan_and_as_none():
    column = Column(np.array([1, 0, 3]), MISSING)
    assert with_nan(column, np.dtype(np.float32)).dtype == np.float32
    assert np.isnan(with_nan(column, np.dtype(np.float64))).tolist() == MISSING.tolist()
    assert with_none(column).tolist() == [1, None, 3]
    assert column.values.tolist() == [1, 0, 3]
