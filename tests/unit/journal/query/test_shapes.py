"""Rows of several shapes as one table, whatever their columns are."""

from __future__ import annotations

import itertools
import math
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from trimtab.journal.query.duck import Duck, DuckSettings
from trimtab.journal.query.shapes import Part, Shape, common, names_in_sql, shape_of, union

NOW = datetime(2026, 7, 1, 10)  # noqa: DTZ001 - a time without a zone is what some columns hold
VALUES = {
    "nothing": pa.nulls(1),
    "bool": pa.array([True]),
    "int8": pa.array([-1], pa.int8()),
    "int64": pa.array([2**62 + 1]),
    "uint8": pa.array([200], pa.uint8()),
    "uint32": pa.array([2**31], pa.uint32()),
    "uint64": pa.array([2**63 + 5], pa.uint64()),
    "float": pa.array([1.5], pa.float32()),
    "double": pa.array([math.inf]),
    "text": pa.array(["x"]),
    "words": pa.array(["x"]).dictionary_encode(),
    "raw": pa.array([b"\xff"]),
    "day": pa.array([date(2026, 7, 1)]),
    "second": pa.array([NOW.replace(year=1000)], pa.timestamp("s")),
    "moment": pa.array([NOW], pa.timestamp("us")),
    "nanos": pa.array([NOW], pa.timestamp("ns")),
    "zoned": pa.array([NOW], pa.timestamp("us", "UTC")),
    "integers": pa.array([[1, 2]]),
    "doubles": pa.array([[1.5]]),
    "texts": pa.array([["a"]]),
    "raws": pa.array([[b"\xff"]]),
    "nested": pa.array([[["a"], []]]),
    "empty": pa.array([[]], pa.list_(pa.null())),
}


@pytest.fixture(scope="module")
def tables():
    """DuckDB with a table for each of the values."""
    with Duck(DuckSettings(threads=1)) as duck:
        for name, values in VALUES.items():
            duck.register(f"of_{name}", pa.table({"a": values}))
        yield duck


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations_with_replacement(VALUES, 2)))
def test_any_two_types_stand_in_one_column_and_nothing_is_lost_among_numbers_of_a_kind(tables, one, other):
    parts = [Part(f"of_{name}", shape_of(pa.table({"a": VALUES[name]}).schema)) for name in (one, other)]
    query, columns = union(parts, ())
    found = tables.table(query)
    assert found.num_rows == 2
    wanted = columns["a"]
    if not pa.types.is_null(wanted) and one == other:
        assert found.column("a").to_pylist() == VALUES[one].to_pylist() * 2
    if pa.types.is_integer(wanted):
        assert found.column("a").to_pylist() == [VALUES[name][0].as_py() for name in (one, other)]


@pytest.mark.parametrize(
    ("types", "wanted"),
    [
        ((pa.int8(), pa.int64()), pa.int64()),
        ((pa.uint8(), pa.uint16()), pa.uint16()),
        ((pa.uint8(), pa.int8()), pa.int16()),
        ((pa.uint32(), pa.int8()), pa.int64()),
        ((pa.uint64(), pa.int8()), pa.float64()),
        ((pa.int64(), pa.float32()), pa.float64()),
        ((pa.float32(), pa.float64()), pa.float64()),
        ((pa.bool_(), pa.int8()), pa.string()),
        ((pa.null(), pa.int8()), pa.int8()),
        ((pa.null(),), pa.null()),
        ((pa.timestamp("ns"), pa.timestamp("s")), pa.timestamp("us")),
        ((pa.timestamp("us"), pa.timestamp("us", "UTC")), pa.timestamp("us", "UTC")),
        ((pa.list_(pa.int8()), pa.list_(pa.float32())), pa.list_(pa.float64())),
        ((pa.list_(pa.null()), pa.list_(pa.int8())), pa.list_(pa.int8())),
        ((pa.list_(pa.int8()), pa.int8()), pa.string()),
        ((pa.binary(), pa.string()), pa.string()),
    ],
)
def test_the_common_type_holds_what_both_hold(types, wanted):
    assert common(types) == wanted
    assert common(types[::-1]) == wanted


def test_columns_stand_in_order_and_are_null_where_they_are_missing(tables):
    tables.register("first", pa.table({"id": ["a"], "out_y": [1.0], "in_b": [1]}))
    tables.register("second", pa.table({"id": ["b"], "in_a": ["x"], "in_b": [2.5], "extra": [True]}))
    parts = [Part(name, shape_of(tables.table(f"FROM {name}").schema)) for name in ("first", "second")]
    query, columns = union(parts, [("id", pa.string()), ("time", pa.timestamp("us", "UTC"))])
    assert list(columns) == ["id", "time", "in_b", "in_a", "out_y", "extra"]
    assert sorted(tables.rows(query)) == [("a", None, 1.0, None, 1.0, None), ("b", None, 2.5, "x", None, True)]


def test_without_parts_there_are_columns_and_no_rows(tables):
    query, columns = union([], [("id", pa.string()), ("time", pa.timestamp("us", "UTC")), ("row", pa.int32())])
    found = tables.table(query)
    assert (found.num_rows, found.column_names) == (0, list(columns))
    assert [field.type for field in found.schema] == list(columns.values())


def test_names_that_sql_takes_for_one_are_told_apart(tables):
    assert names_in_sql(["x", "X", "x_1", "y"]) == ["x", "X_1", "x_1_1", "y"]
    names = ["in_x", "in_X", 'in_"; --', "in_a b"]
    tables.register("odd", pa.table([pa.array([place]) for place in range(4)], names=names))
    query, columns = union([Part("odd", Shape(tuple((name, pa.int64()) for name in names)))], ())
    found = tables.table(query)
    assert list(columns) == names
    assert found.column_names == ["in_x", "in_X_1", 'in_"; --', "in_a b"]
    assert tables.rows(query) == [(0, 1, 2, 3)]


def test_times_are_told_in_utc_whatever_they_were(tables):
    parts = [Part(f"of_{name}", shape_of(pa.table({"a": VALUES[name]}).schema)) for name in ("moment", "zoned")]
    found = tables.table(union(parts, ())[0])
    assert found.column("a").cast("int64").to_pylist() == [NOW.replace(tzinfo=UTC).timestamp() * 1e6] * 2
