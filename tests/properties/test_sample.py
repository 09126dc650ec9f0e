"""Types, values and nulls of a sample come through, and each row of a file is answered once."""

# ruff: noqa: PD011 - `values` is the array of our own Column, no pandas column

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from trimtab.batch.score import ScoreOptions, score
from trimtab.bundle.data.arrow import columns_of, to_batch
from trimtab.bundle.data.containers import to_container
from trimtab.bundle.sample.read import read_sample
from trimtab.core.check import check
from trimtab.core.nulls import CSV_NULLS
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Table

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
NUMBERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64")
WIDE = ("Int8", "Int64", "UInt16", "Float32", "boolean")


def numbers(dtype: str) -> st.SearchStrategy[Any]:
    plain = np.dtype(dtype.lower().replace("boolean", "bool"))
    if plain.kind == "b":
        return st.booleans()
    if plain.kind == "f":
        return st.floats(width=plain.itemsize * 8, allow_nan=False)
    return st.integers(int(np.iinfo(plain).min), int(np.iinfo(plain).max))


@st.composite
def categoricals(draw: st.DrawFn, height: int) -> pd.Categorical:
    """Categories of any type in any order, some of them unused, ordered or not; a null may be in any row but one."""
    kind = draw(st.sampled_from(["str", "int8", "int64", "float32", "float64", "bool"]))
    value = TEXT if kind == "str" else numbers("boolean" if kind == "bool" else kind)
    words = pd.Index(draw(st.lists(value, min_size=1, max_size=4, unique=True)), dtype=kind)
    codes = draw(st.lists(st.integers(-1, len(words) - 1), min_size=height, max_size=height))
    codes[draw(st.integers(0, height - 1))] = 0
    return pd.Categorical.from_codes(codes, words, ordered=draw(st.booleans()))


@st.composite
def series(draw: st.DrawFn, height: int) -> pd.Series:
    """A column of one of the dtypes that keep their type, with a value in at least one row."""
    dtype = draw(st.sampled_from([*NUMBERS, *WIDE, "bool", "str", "string", "category", "datetime64[us]"]))
    if dtype in NUMBERS or dtype == "bool":
        return pd.Series(
            draw(st.lists(numbers("boolean" if dtype == "bool" else dtype), min_size=height, max_size=height)),
            dtype=dtype,
        )
    if dtype == "category":
        return pd.Series(draw(categoricals(height)))
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "str": TEXT,
        "string": TEXT,
        "datetime64[us]": st.datetimes(),
    }
    value = kinds[dtype] if dtype in kinds else numbers(dtype)
    values = draw(st.lists(st.none() | value, min_size=height, max_size=height))
    values[draw(st.integers(0, height - 1))] = draw(value)
    return pd.Series(values, dtype=dtype)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    height = draw(st.integers(1, 6))
    names = draw(st.lists(TEXT.filter(str.strip), min_size=1, max_size=5, unique=True))
    return pd.DataFrame({name: draw(series(height)) for name in names})


@given(frames())
def test_a_frame_comes_through_as_it_is(frame: pd.DataFrame) -> None:
    sample = read_sample(frame)
    again = to_container(sample.table, Signature(sample.fields, container="frame"))
    pd.testing.assert_frame_equal(again, frame)
    assert [field.nullable for field in sample.fields] == frame.isna().any().tolist()


@given(frames())
def test_a_parquet_file_is_the_frame_that_pandas_reads(frame: pd.DataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.parquet"
        frame.to_parquet(path)
        sample = read_sample(path)
        again = to_container(sample.table, Signature(sample.fields, container="frame"))
        pd.testing.assert_frame_equal(again, pd.read_parquet(path))
        with parquet.ParquetFile(path) as file:
            rows = file.read()
    # the batch way of reading agrees with the sample's
    table = check(Signature(sample.fields), columns_of(rows, sample.fields))
    for name, column in sample.table.columns.items():
        np.testing.assert_array_equal(table.columns[name].values, column.values)


LEAVES = st.sampled_from(
    [st.integers(-(2**63), 2**63 - 1), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), TEXT]
)


@given(LEAVES.flatmap(lambda leaf: st.lists(st.none() | leaf | st.nothing(), min_size=1, max_size=8)))
def test_json_rows_keep_values_and_nulls(values: list[Any]) -> None:
    if all(value is None for value in values):
        values.append(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.jsonl"
        path.write_text("".join(json.dumps({"x": value}) + "\n" for value in values))
        column = read_sample(path).table.columns["x"]
    gone = [False] * len(values) if column.missing is None else column.missing.tolist()
    got = [None if missing else value for value, missing in zip(column.values.tolist(), gone, strict=True)]
    assert got == values
    assert [type(value) for value in got] == [type(value) for value in values]


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=8).filter(any))
def test_csv_integers_with_gaps_keep_every_digit(values: list[int | None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.csv"
        path.write_text("x,y\n" + "".join(f"{'' if value is None else value},1\n" for value in values))
        sample = read_sample(path)
    column = sample.table.columns["x"]
    assert sample.fields[0].dtype == "INT64"
    assert [value for value in values if value is not None] == [
        value for value, gap in zip(column.values.tolist(), values, strict=True) if gap is not None
    ]


@given(
    st.lists(st.lists(st.integers(-100, 100), max_size=3), min_size=1, max_size=6),
    st.lists(st.lists(st.integers(-100, 100), min_size=2, max_size=2), min_size=1, max_size=6),
)
def test_lists_go_to_arrow_and_back(varying: list[list[int]], fixed: list[list[int]]) -> None:
    for rows, shape in ((varying, (-1, -1)), (fixed, (-1, 2))):
        field = Field("v", "INT64", shape)
        batch = pa.RecordBatch.from_pydict({"v": pa.array(rows, pa.list_(pa.int64()))})
        table = check(Signature((field,)), columns_of(batch, [field]))
        assert to_batch({"v": table.columns["v"].values}, [field]).column(0).to_pylist() == rows


SCORED = Signature(
    (Field("a", "INT64"), Field("s", "BYTES", nullable=True)), (Field("y", "INT64"), Field("w", "BYTES"))
)


def is_said(text: str) -> bool:
    """Whether a CSV cell with this text is no null."""
    return text not in CSV_NULLS


def echo(table: Table) -> dict[str, Any]:
    return {"y": table.columns["a"].values, "w": table.columns["s"].values}


@given(
    st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1) | st.just("bad"), TEXT.filter(is_said)), max_size=30),
    st.integers(1, 12),
    st.sampled_from([".csv", ".jsonl"]),
)
def test_each_row_is_answered_once_in_order_whatever_the_batches(
    rows: list[tuple[int | str, str]], batch_rows: int, suffix: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, target, refused = (Path(folder) / name for name in (f"rows{suffix}", "out.parquet", "refused.jsonl"))
        if suffix == ".csv":
            pd.DataFrame(rows, columns=["a", "s"]).to_csv(source, index=False, quoting=1)
        else:
            source.write_text("".join(json.dumps({"a": a, "s": s}) + "\n" for a, s in rows))
        report = score(echo, SCORED, source, target, ScoreOptions(refused=refused, batch_rows=batch_rows))
        with parquet.ParquetFile(target) as file:
            answers = file.read().to_pydict()
        listed = [json.loads(line)["row"] for line in refused.read_text().splitlines()]
    assert answers["y"] == [None if a == "bad" else a for a, _ in rows]
    assert answers["w"] == [None if a == "bad" else s for a, s in rows]
    assert listed == [row for row, (a, _) in enumerate(rows) if a == "bad"]
    assert (report.rows, report.refused) == (len(rows), len(listed))
