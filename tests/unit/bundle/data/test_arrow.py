"""Arrow columns to the columns that `check` takes, and answers back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from trimtab.bundle.data.arrow import column_of, columns_of, to_batch, to_table
from trimtab.core.check import SignatureError
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column


def read(array: pa.Array, field: Field) -> tuple[list[object], list[bool]]:
    """Values and null marks after the check, nulls shown as None."""
    batch = pa.RecordBatch.from_arrays([array], names=[field.name])
    column = to_table(batch, Signature((field,))).columns[field.name]
    missing = [False] * len(column) if column.missing is None else column.missing.tolist()
    return [None if gone else value for value, gone in zip(column.values.tolist(), missing, strict=True)], missing


def faults(array: pa.Array, field: Field) -> list[tuple[int | None, str]]:
    with pytest.raises(SignatureError) as caught:
        read(array, field)
    return [(fault.row, fault.what) for fault in caught.value.faults]


def test_numbers_without_nulls_are_not_copied() -> None:
    array = pa.array(np.arange(1000))
    column = column_of(array, Field("a", "INT64"))
    assert isinstance(column, Column)
    assert column.values.ctypes.data == array.buffers()[1].address
    assert column.missing is None


def test_a_slice_sees_its_own_rows() -> None:
    array = pa.array([1, None, 3, 4, None])[1:4]
    assert read(array, Field("a", "INT64", nullable=True))[0] == [None, 3, 4]


@pytest.mark.parametrize(
    ("array", "field", "expected"),
    [
        (pa.array([1, None], pa.int8()), Field("a", "INT8", nullable=True), [1, None]),
        (pa.array([1, 2], pa.int32()), Field("a", "INT64"), [1, 2]),
        (pa.array([1, 2], pa.int64()), Field("a", "INT8"), [1, 2]),
        (pa.array([2.0, np.nan, None]), Field("a", "INT64", nullable=True), [2, None, None]),
        (pa.array([1, 2], pa.int64()), Field("a", "FP64"), [1.0, 2.0]),
        (pa.array([2**60 + 1], pa.int64()), Field("a", "FP64"), [float(2**60)]),
        (pa.array([1.5, None]), Field("a", "FP32", nullable=True), [1.5, None]),
        (pa.array([1.5, np.nan], pa.float32()), Field("a", "FP64", nullable=True), [1.5, None]),
        (pa.array([np.float16(1.5), None], pa.float16()), Field("a", "FP16", nullable=True), [1.5, None]),
        (pa.array([True, None]), Field("a", "BOOL", nullable=True), [True, None]),
        (pa.array(["x", None], pa.large_string()), Field("a", "BYTES", nullable=True), ["x", None]),
        (pa.array(["x", "ü"], pa.string_view()), Field("a", "BYTES"), ["x", "ü"]),
        (pa.array(["x", None, "x"]).dictionary_encode(), Field("a", "BYTES", nullable=True), ["x", None, "x"]),
        (pa.array([3, 4, 3]).dictionary_encode(), Field("a", "INT64"), [3, 4, 3]),
        (pa.array([b"ab"]), Field("a", "BYTES"), ["ab"]),
        (pa.array([b"\xff"]), Field("a", "BYTES", kind="bytes"), [b"\xff"]),
        (pa.array([b"\xff\xfe"], pa.binary(2)), Field("a", "BYTES", kind="bytes"), [b"\xff\xfe"]),
        (pa.nulls(2), Field("a", "FP32", nullable=True), [None, None]),
        (pa.array([], pa.int64()), Field("a", "INT64"), []),
    ],
)
def test_values_and_nulls_keep_their_worth(array: pa.Array, field: Field, expected: list[object]) -> None:
    assert read(array, field)[0] == expected


TIMES = [dt.datetime(2024, 7, 1, 2, 0, 0, 500_000), None]  # noqa: DTZ001 - what Arrow calls a naive time


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array(TIMES, pa.timestamp("us")), "2024-07-01T02:00:00.500000"),
        (pa.array(TIMES, pa.timestamp("ns")), "2024-07-01T02:00:00.500000"),
        (pa.array(TIMES, pa.timestamp("us", "Europe/Berlin")), "2024-07-01T02:00:00.500000"),
        (pa.array([dt.date(2024, 7, 1), None], pa.date32()), "2024-07-01T00:00:00.000000"),
        (pa.array([dt.date(2024, 7, 1), None], pa.date64()), "2024-07-01T00:00:00.000000"),
        (pa.array(["2024-07-01T04:00:00+02:00", None]), "2024-07-01T02:00:00.000000"),
    ],
)
def test_times_become_utc(array: pa.Array, expected: str) -> None:
    field = Field("t", "BYTES", nullable=True, kind="datetime", frame="datetime64[us]")
    batch = pa.RecordBatch.from_arrays([array], names=["t"])
    column = to_table(batch, Signature((field,))).columns["t"]
    assert np.datetime_as_string(column.values[:1]).tolist() == [expected]
    assert column.missing is not None
    assert column.missing.tolist() == [False, True]


def test_times_before_1970_round_down_to_a_coarser_unit() -> None:
    array = pa.array([-1], pa.timestamp("ms"))
    column = column_of(array, Field("t", "BYTES", kind="datetime", frame="datetime64[s]"))
    assert isinstance(column, Column)
    assert column.values.astype("int64").tolist() == [-1]


def test_a_time_that_a_finer_unit_cannot_hold_is_a_fault_of_its_row() -> None:
    array = pa.array([dt.datetime(2024, 1, 1), dt.datetime(9999, 1, 1)], pa.timestamp("s"))  # noqa: DTZ001 - Arrow's naive times
    field = Field("t", "BYTES", kind="datetime", frame="datetime64[ns]")
    assert [row for row, _ in faults(array, field)] == [1]


@pytest.mark.parametrize(
    ("array", "field", "expected"),
    [
        (pa.array([[1.0, 2.0], [3.0, 4.0]]), Field("v", "FP64", (-1, 2)), [[1.0, 2.0], [3.0, 4.0]]),
        (pa.array([[1, 2], [3, 4]], pa.list_(pa.int64(), 2)), Field("v", "INT64", (-1, 2)), [[1, 2], [3, 4]]),
        (pa.array([["a"], ["b"]]), Field("v", "BYTES", (-1, 1)), [["a"], ["b"]]),
        (pa.array([[[1, 2]], [[3, 4]]]), Field("v", "INT64", (-1, 1, 2)), [[[1, 2]], [[3, 4]]]),
        (pa.array([[1, 2], None]), Field("v", "INT64", (-1, 2), nullable=True), [[1, 2], None]),
        (pa.array([[9, 9], [1, 2], None])[1:], Field("v", "INT64", (-1, 2), nullable=True), [[1, 2], None]),
    ],
)
def test_lists_of_a_fixed_length_are_one_array(array: pa.Array, field: Field, expected: list[object]) -> None:
    assert read(array, field)[0] == expected


@pytest.mark.parametrize(
    ("array", "field"),
    [
        (pa.array([[1, 2], [], None, [3]]), Field("v", "INT64", (-1, -1), nullable=True)),
        (pa.array([["a"], [], None, ["b", "c"]]), Field("v", "BYTES", (-1, -1), nullable=True)),
        (pa.array([[[1], [2]], None, [[3]]]), Field("v", "INT64", (-1, -1, 1), nullable=True)),
        (pa.array([[0], [1, 2], [], None])[1:], Field("v", "INT64", (-1, -1), nullable=True)),
    ],
)
def test_lists_of_a_varying_length_are_an_array_a_row(array: pa.Array, field: Field) -> None:
    values, _ = read(array, field)
    assert [None if value is None else np.asarray(value).tolist() for value in values] == array.to_pylist()


@pytest.mark.parametrize(
    ("array", "field", "expected"),
    [
        (pa.array([1.0, 1.5, 2.5]), Field("a", "INT64"), [(1, "`1.5` is no integer"), (2, "`2.5` is no integer")]),
        (pa.array([1, 300]), Field("a", "UINT8"), [(1, "`300` does not fit UINT8")]),
        (pa.array([1.0, 1e300]), Field("a", "FP32"), [(1, "`1e+300` does not fit FP32")]),
        (pa.array([0, 1]), Field("a", "BOOL"), [(0, "`0` is no boolean"), (1, "`1` is no boolean")]),
        (pa.array([True]), Field("a", "FP64"), [(0, "`True` is no number")]),
        (pa.array([1]), Field("a", "BYTES"), [(0, "`1` is no text")]),
        (pa.array([b"\xff"]), Field("a", "BYTES"), [(0, "`b'\\xff'` is no UTF-8 text")]),
        (pa.array([[1, 2], [3]]), Field("a", "INT64", (-1, 2)), [(1, "has the shape [1], expected [2]")]),
        (pa.array([[1, None]]), Field("a", "INT64", (-1, 2)), [(0, "there is a null inside the list")]),
        (pa.array([1]), Field("a", "INT64", (-1, 2)), [(0, "`1` is no list")]),
        (pa.array([Decimal("1.5")]), Field("a", "FP64"), [(0, "`Decimal('1.5')` is no number")]),
        (pa.array([1, None]), Field("a", "INT64"), [(1, "null in a column that is not nullable")]),
    ],
)
def test_every_value_that_does_not_fit_is_named_with_its_row(
    array: pa.Array, field: Field, expected: list[tuple[int, str]]
) -> None:
    assert faults(array, field) == expected


def test_columns_beyond_the_fields_are_left_and_missing_ones_are_not_made_up() -> None:
    batch = pa.RecordBatch.from_pydict({"a": [1], "other": ["x"]})
    assert set(columns_of(batch, [Field("a", "INT64"), Field("b", "INT64")])) == {"a"}


def test_a_table_of_several_chunks_is_one_column() -> None:
    table = pa.Table.from_batches([pa.RecordBatch.from_pydict({"a": [1]}), pa.RecordBatch.from_pydict({"a": [2]})])
    assert to_table(table, Signature((Field("a", "INT64"),))).columns["a"].values.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("values", "field", "type_"),
    [
        (np.array([1.5, np.nan]), Field("y", "FP64"), pa.float64()),
        (np.array([1, 2], np.int32), Field("y", "INT64"), pa.int64()),
        (np.array([True, False]), Field("y", "BOOL"), pa.bool_()),
        (np.array(["a", None], object), Field("y", "BYTES"), pa.string()),
        (np.array([b"a", None], object), Field("y", "BYTES", kind="bytes"), pa.binary()),
        (np.ones((2, 3), np.float32), Field("y", "FP32", (-1, 3)), pa.list_(pa.float32(), 3)),
        (np.ones((2, 3)), Field("y", "FP64", (-1, -1)), pa.list_(pa.float64())),
        (np.ones((2, 3, 0)), Field("y", "FP64", (-1, 3, 0)), pa.list_(pa.list_(pa.float64()), 3)),
        (np.ones((2, 1, 3)), Field("y", "FP64", (-1, 1, 3)), pa.list_(pa.list_(pa.float64(), 3), 1)),
        (np.array([["a", "b"], ["c", "d"]], object), Field("y", "BYTES", (-1, 2)), pa.list_(pa.string(), 2)),
        (
            np.array(["2024-01-01", "NaT"], "datetime64[us]"),
            Field("y", "BYTES", kind="datetime", frame="datetime64[us, UTC]"),
            pa.timestamp("us", "UTC"),
        ),
    ],
)
def test_answers_are_written_in_the_types_of_their_fields(values: np.ndarray, field: Field, type_: pa.DataType) -> None:
    column = to_batch({"y": values}, [field]).column(0)
    assert column.type == type_
    assert len(column) == len(values)
    back = [None if value is None else value for value in column.to_pylist()]
    assert len(back) == 2
    if values.dtype.kind in "iub":
        assert back == values.tolist()


def test_answers_that_vary_in_length_are_lists() -> None:
    values = np.empty(3, object)
    values[:] = [np.array([1.0]), None, np.array([2.0, 3.0])]
    column = to_batch({"y": values}, [Field("y", "FP64", (-1, -1))]).column(0)
    assert column.to_pylist() == [[1.0], None, [2.0, 3.0]]


def test_the_order_of_answers_is_the_signatures() -> None:
    outputs = {"b": np.array([1]), "a": np.array([2])}
    assert to_batch(outputs, [Field("a", "INT64"), Field("b", "INT64")]).schema.names == ["a", "b"]
    with pytest.raises(KeyError, match="c"):
        to_batch(outputs, [Field("c", "INT64")])
