"""Rows in files: as they are in Parquet, and harmless to a spreadsheet in CSV."""

from __future__ import annotations

import csv
import json
import math
from datetime import datetime

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from trimtab.core.interactions import INPUTS_KEY
from trimtab.journal.query.sink import open_sink

FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", '=HYPERLINK("http://x","y")',
]  # fmt: skip


@pytest.fixture
def write(tmp_path):
    """Writes batches of columns to a file of that name; its path."""

    def write(name, *batches, inputs=()):
        tables = [pa.RecordBatch.from_pydict(one) for one in batches]
        path = tmp_path / name
        with path.open("wb") as file, open_sink(path, file, tables[0].schema, inputs) as sink:
            for one in tables:
                sink.write(one)
        return path

    return write


def cells(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(write):
    path = write("x.csv", {"text": FORMULAS, "number": list(range(-5, 5))})
    assert [row[0] for row in cells(path)[1:]] == [f"'{text}" for text in FORMULAS]
    assert [row[1] for row in cells(path)[1:]] == [str(number) for number in range(-5, 5)]


def test_any_other_text_stays_as_it_is(write):
    texts = ["", " =1", "a=1", "1-1", '"', "a,b", "a\nb", "'", "ü", "\u202e", "NA", "0"]
    assert [row[0] for row in cells(write("x.csv", {"text": texts}))[1:]] == texts


def test_names_of_columns_are_texts_too(write):
    assert cells(write("x.csv", {"=1": [1], "b": [2]}))[0] == ["'=1", "b"]


def test_everything_has_a_form_in_csv(write):
    moment = pa.array([datetime(2026, 7, 1, 10, 0, 0, 5)], pa.timestamp("us", "UTC"))  # noqa: DTZ001 - the type has it
    path = write(
        "x.csv",
        {
            "list": [["=a", None, "b"]], "numbers": [[1.5, 2.0]], "raw": [b"\xff"], "text": [b"=x"], "bool": [True],
            "null": pa.nulls(1, pa.string()), "nothing": pa.nulls(1), "time": moment, "nan": [math.nan],
            "inf": [-math.inf],
        },
    )  # fmt: skip
    (row,) = cells(path)[1:]
    assert json.loads(row[0]) == ["=a", None, "b"]
    assert row[1:7] == ["[1.5, 2.0]", "/w==", "'=x", "true", "", ""]
    assert row[7] == "2026-07-01 10:00:00.000005Z"
    assert row[8:] == ["nan", "-inf"]


def test_null_and_empty_text_are_told_apart_in_csv(write):
    assert write("x.csv", {"a": ["", None, "b"], "b": [1, 2, None]}).read_text() == '"a","b"\n"",1\n,2\n"b",\n'
    assert write("y.csv", {"a": [1, None]}).read_text() == '"a"\n1\n""\n'


def test_numbers_keep_their_kind_in_csv(write):
    floats = [2.0, -3.0, 0.1, 1e300, 1e16, 1e-7, -0.0]
    path = write("x.csv", {"double": floats, "single": pa.array(floats[:3] * 2 + [1], pa.float32()), "whole": range(7)})
    found = pd.read_csv(path)
    assert [str(kind) for kind in found.dtypes] == ["float64", "float64", "int64"]
    assert found["double"].tolist() == floats
    assert cells(path)[1] == ["2.0", "2.0", "0"]


def test_parquet_keeps_types_and_texts_and_says_what_inputs_are(write):
    path = write("x.PARQUET", {"text": FORMULAS, "n": range(10)}, {"text": FORMULAS, "n": range(10)}, inputs=("text",))
    with parquet.ParquetFile(path) as file:
        assert file.metadata.num_row_groups == 1
        table = file.read()
    assert table.column("text").to_pylist() == FORMULAS * 2
    assert json.loads(table.schema.metadata[INPUTS_KEY]) == ["text"]
    assert list(pd.read_parquet(path).columns) == ["text", "n"]


def test_large_batches_are_row_groups_of_their_own(write):
    path = write("x.parquet", *({"n": list(range(70_000))} for _ in range(3)))
    with parquet.ParquetFile(path) as file:
        assert [file.metadata.row_group(at).num_rows for at in range(file.metadata.num_row_groups)] == [140_000, 70_000]


@pytest.mark.parametrize("name", ["x.parquet", "x.csv"])
def test_a_fault_leaves_no_second_one(tmp_path, name):
    schema = pa.schema([("n", pa.int64())])
    path = tmp_path / name

    def fail():
        with path.open("wb") as file, open_sink(path, file, schema, ()) as sink:
            sink.write(pa.RecordBatch.from_pydict({"n": [1]}, schema))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
