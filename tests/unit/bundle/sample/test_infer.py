"""What a column of a sample is."""

# ruff: noqa: PD011 - `values` is the array of our own Column, no pandas column

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from trimtab.bundle.sample.infer import ColumnError, from_array, from_arrow, from_values
from trimtab.bundle.sample.series import from_series
from trimtab.core.check import check
from trimtab.core.signature import Field, Signature


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2], Field("x", "INT64", frame="object")),
        ([1, None], Field("x", "INT64", nullable=True, frame="object")),
        ([1, 2.5], Field("x", "FP64", frame="object")),
        ([1.0, float("nan")], Field("x", "FP64", nullable=True, frame="object")),
        ([2**63], Field("x", "UINT64", frame="object")),
        ([True, None], Field("x", "BOOL", nullable=True, frame="object")),
        (["a", None], Field("x", "BYTES", nullable=True, frame="object")),
        ([b"a", bytearray(b"b")], Field("x", "BYTES", kind="bytes", frame="object")),
        ([dt.date(2024, 1, 1)], Field("x", "BYTES", kind="datetime", frame="datetime64[us]")),
        (
            [dt.datetime(2024, 1, 1, tzinfo=dt.UTC)],
            Field("x", "BYTES", kind="datetime", frame="datetime64[us, UTC]"),
        ),
        ([np.datetime64("2024-01-01")], Field("x", "BYTES", kind="datetime", frame="datetime64[us]")),
        ([np.int8(1), np.int64(2)], Field("x", "INT64", frame="object")),
        ([[1, 2], [3, 4]], Field("x", "INT64", (-1, 2), frame="object")),
        ([[1, 2], [3]], Field("x", "INT64", (-1, -1), frame="object")),
        ([["a"], None], Field("x", "BYTES", (-1, 1), nullable=True, frame="object")),
        ([np.array([1.5, 2.5]), (3, 4)], Field("x", "FP64", (-1, 2), frame="object")),
        ([[[1, 2]], [[3, 4], [5, 6]]], Field("x", "INT64", (-1, -1, 2), frame="object")),
        ([[], [[3, 4], [5, 6]]], Field("x", "INT64", (-1, -1, -1), frame="object")),
    ],
)
def test_python_values_tell_their_field_and_fit_it(values: list[object], expected: Field) -> None:
    field, raw = from_values("x", values)
    assert field == expected
    assert check(Signature((field,)), {"x": raw}).height == len(values)


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ([None, float("nan")], "P267", ["`x`", "no value"]),
        ([[], []], "P267", ["`x`"]),
        ([1, None, "a"], "P266", ["`x`", "integer in row 0", "text in row 2"]),
        ([True, 1], "P266", ["boolean in row 0", "integer in row 1"]),
        ([["a"], [1]], "P266", ["text in row 0", "integer in row 1"]),
        ([[1], 2], "P266", ["row 0", "row 1"]),
        ([1, Decimal(1)], "P265", ["`x`", "Decimal"]),
        ([{"a": 1}], "P265", ["dict"]),
        ([dt.timedelta(1)], "P265", ["timedelta"]),
        ([object()], "P265", ["object"]),
    ],
)
def test_what_has_no_one_type_is_refused_with_the_way_out(values: list[object], code: str, words: list[str]) -> None:
    with pytest.raises(ColumnError) as caught:
        from_values("x", values)
    assert caught.value.problem.code == code
    assert all(word in caught.value.problem.what for word in words), caught.value.problem.what
    assert caught.value.problem.hint


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint64", "float16", "float32", "bool"])
def test_arrays_keep_their_width(dtype: str) -> None:
    field, raw = from_array("x", np.ones((3, 2), dtype).astype(np.dtype(dtype).newbyteorder(">")))
    assert field.dtype.lower().replace("fp", "float") == dtype
    assert field.shape == (-1, 2)
    assert check(Signature((field,)), {"x": raw}).columns["x"].values.dtype == np.dtype(dtype)


def test_times_and_text_in_arrays() -> None:
    days, column = from_array("x", np.array(["2024-01-01", "NaT"], "datetime64[D]"))
    assert (days.kind, days.frame, days.nullable) == ("datetime", "datetime64[s]", True)
    assert check(Signature((days,)), {"x": column}).columns["x"].missing is not None
    text, _ = from_array("x", np.array(["a", "b"]))
    assert text == Field("x", "BYTES")
    assert from_array("x", np.array(["a", None], object))[0] == Field("x", "BYTES", nullable=True)


@pytest.mark.parametrize(
    "array",
    [
        np.array(1.0),
        np.ones(2, complex),
        np.ma.masked_array([1, 2], [0, 1]),
        np.zeros(2, "timedelta64[s]"),
        np.zeros(2, [("a", int)]),
    ],
)
def test_arrays_without_a_datatype_are_refused(array: np.ndarray) -> None:
    with pytest.raises(ColumnError) as caught:
        from_array("x", array)
    assert caught.value.problem.code == "P265"


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (pd.Series([1, 2], dtype="int16"), Field("x", "INT16", frame="int16")),
        (pd.Series([1.5, None], dtype="float32"), Field("x", "FP32", nullable=True, frame="float32")),
        (pd.Series([1, None], dtype="Int8"), Field("x", "INT8", nullable=True, frame="Int8")),
        (pd.Series([1, 2], dtype="UInt32"), Field("x", "UINT32", frame="UInt32")),
        (pd.Series([1.5, None], dtype="Float32"), Field("x", "FP32", nullable=True, frame="Float32")),
        (pd.Series([True, None], dtype="boolean"), Field("x", "BOOL", nullable=True, frame="boolean")),
        (pd.Series([True, None], dtype="object"), Field("x", "BOOL", nullable=True, frame="object")),
        (pd.Series(["a", None], dtype="str"), Field("x", "BYTES", nullable=True, frame="str")),
        (pd.Series([None, None], dtype="string"), Field("x", "BYTES", nullable=True, frame="string")),
        (pd.Series([1, None], dtype="int32[pyarrow]"), Field("x", "INT32", nullable=True, frame="int32[pyarrow]")),
        (
            pd.Series(["b", None], dtype=pd.CategoricalDtype(["c", "b"])),
            Field("x", "BYTES", nullable=True, categories=("c", "b"), frame="category"),
        ),
        (
            pd.Series([3, 1], dtype=pd.CategoricalDtype([3, 2, 1])),
            Field("x", "INT64", categories=(3, 2, 1), frame="category"),
        ),
        (
            pd.Series(pd.to_datetime(["2024-01-01", None])).astype("datetime64[ms]"),
            Field("x", "BYTES", nullable=True, kind="datetime", frame="datetime64[ms]"),
        ),
        (
            pd.Series(pd.to_datetime(["2024-07-01"])).astype("datetime64[ns]").dt.tz_localize("Europe/Berlin"),
            Field("x", "BYTES", kind="datetime", frame="datetime64[ns, Europe/Berlin]"),
        ),
    ],
)
def test_pandas_columns_keep_dtype_and_nulls(series: pd.Series, expected: Field) -> None:
    field, raw = from_series("x", series)
    assert field == expected
    column = check(Signature((field,)), {"x": raw}).columns["x"]
    missing = [False] * len(series) if column.missing is None else column.missing.tolist()
    assert missing == series.isna().tolist()


def test_zoned_times_are_utc_in_the_table() -> None:
    series = pd.Series(pd.to_datetime(["2024-07-01T02:00"])).dt.tz_localize("Europe/Berlin")
    _, column = from_series("x", series)
    assert str(column.values[0]).startswith("2024-07-01T00:00")  # type: ignore[union-attr] - a Column


@pytest.mark.parametrize(
    "series",
    [
        pd.Series(pd.to_timedelta([1], unit="s")),
        pd.Series(pd.period_range("2024", periods=1, freq="D")),
        pd.Series(pd.arrays.SparseArray([1, 0])),
        pd.Series([1j]),
        pd.Series(pd.Categorical([pd.Timestamp("2024-01-01")])),
    ],
)
def test_pandas_columns_without_a_datatype_are_refused(series: pd.Series) -> None:
    with pytest.raises(ColumnError) as caught:
        from_series("x", series)
    assert caught.value.problem.code == "P265"
    assert caught.value.problem.hint


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([None], pa.int32()), Field("x", "INT32", nullable=True, frame="f")),
        (pa.array([1.5, float("nan")], pa.float32()), Field("x", "FP32", nullable=True, frame="f")),
        (pa.array([[1, 2], [3, 4]]), Field("x", "INT64", (-1, 2), frame="f")),
        (pa.array([[1, 2], [3], None]), Field("x", "INT64", (-1, -1), nullable=True, frame="f")),
        (pa.array([["a", "b"]], pa.list_(pa.string(), 2)), Field("x", "BYTES", (-1, 2), frame="f")),
        (pa.array([[]], pa.list_(pa.int8())), Field("x", "INT8", (-1, -1), frame="f")),
        (pa.array([b"x"]), Field("x", "BYTES", kind="bytes", frame="f")),
        (pa.array([1], pa.date32()), Field("x", "BYTES", kind="datetime", frame="datetime64[ms]")),
        (pa.array([1], pa.timestamp("s")), Field("x", "BYTES", kind="datetime", frame="f")),
        (pa.array(["a"]).dictionary_encode(), Field("x", "BYTES", frame="f")),
    ],
)
def test_arrow_columns_keep_their_type(array: Any, expected: Field) -> None:
    field, _ = from_arrow("x", pa.chunked_array([array]), "f")
    assert field == expected


@pytest.mark.parametrize(
    ("type_", "code", "way_out"),
    [
        (pa.decimal128(5, 2), "P265", "double"),
        (pa.duration("s"), "P265", "seconds"),
        (pa.time32("s"), "P265", "text"),
        (pa.struct([("a", pa.int64())]), "P265", "column of its own"),
        (pa.map_(pa.string(), pa.int64()), "P265", "JSON"),
        (pa.list_(pa.timestamp("s")), "P265", "lists"),
        (pa.null(), "P267", "signature.inputs"),
    ],
)
def test_arrow_types_without_a_datatype_are_refused(type_: Any, code: str, way_out: str) -> None:
    with pytest.raises(ColumnError) as caught:
        from_arrow("x", pa.chunked_array([pa.nulls(1, type_)]), "object")
    assert caught.value.problem.code == code
    assert way_out in caught.value.problem.hint
