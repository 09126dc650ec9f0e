"""Samples in files and objects keep the types of their columns, and name all that is wrong."""

# ruff: noqa: PD011 - `values` is the array of our own Column, no pandas column

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from trimtab.bundle.data.containers import to_container
from trimtab.bundle.sample.read import Sample, read_sample
from trimtab.core.signature import Field, Signature

RICH = pd.DataFrame(
    {
        "i": [1, 2, 3],
        "i8": np.array([1, 2, 3], "int8"),
        "u32": np.array([1, 2, 3], "uint32"),
        "I": pd.array([1, None, 3], dtype="Int64"),
        "f32": np.array([1, np.nan, 3], "float32"),
        "f16": np.array([1, 2, 3], "float16"),
        "b": [True, False, True],
        "b_gap": [True, None, False],
        "B": pd.array([True, None, False], dtype="boolean"),
        "s": ["x", None, "007"],
        "S": pd.array(["a", None, "b"], dtype="string"),
        "cat": pd.Categorical(["a", "b", None], categories=["z", "b", "a"]),
        "t": pd.to_datetime(["2024-01-01T01:00:00.123456", None, "2024-01-03T00:00:00.5"]),
        "tz": pd.to_datetime(["2024-07-01T01:00:00"] * 3).tz_localize("Europe/Berlin"),
        "v3": [[1.0, 2.0, 3.0]] * 3,
        "v": [[1, 2], [], [3]],
        "words": [["a"], ["b", "c"], None],
        "raw": [b"x", b"\xff", b""],
    }
)


def frame_of(sample: Sample) -> pd.DataFrame:
    frame = to_container(sample.table, Signature(sample.fields, container=sample.container))
    assert isinstance(frame, pd.DataFrame)
    return frame


def lists(frame: pd.DataFrame) -> pd.DataFrame:
    """Nested values as plain lists, so that frames can be compared."""
    nested = [name for name in frame if any(isinstance(value, (list, np.ndarray)) for value in frame[name])]
    plain = {name: [None if v is None else np.asarray(v).tolist() for v in frame[name]] for name in nested}
    return frame.assign(**plain)


def test_parquet_gives_user_code_what_pandas_reads(tmp_path: Path) -> None:
    path = tmp_path / "rich.parquet"
    RICH.to_parquet(path)
    sample = read_sample(path)
    assert sample.container == "frame"
    assert sample.rows == 3
    assert sample.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    pd.testing.assert_frame_equal(lists(frame_of(sample)), lists(pd.read_parquet(path)))


def test_parquet_fields_keep_width_nulls_and_categories(tmp_path: Path) -> None:
    path = tmp_path / "rich.parquet"
    RICH.to_parquet(path)
    fields = {field.name: field for field in read_sample(path).fields}
    assert [name for name, field in fields.items() if field.nullable] == [
        "I", "f32", "b_gap", "B", "s", "S", "cat", "t", "words",
    ]  # fmt: skip
    assert [fields[name].dtype for name in ("i", "i8", "u32", "f32", "f16", "b_gap")] == [
        "INT64", "INT8", "UINT32", "FP32", "FP16", "BOOL",
    ]  # fmt: skip
    assert fields["cat"] == Field("cat", "BYTES", nullable=True, categories=("z", "b", "a"), frame="category")
    assert fields["tz"].frame.endswith(", Europe/Berlin]")
    assert (fields["v3"].shape, fields["v"].shape, fields["words"].shape) == ((-1, 3), (-1, -1), (-1, -1))
    assert all(field.low is None and field.high is None for field in fields.values())


def test_parquet_integers_with_nulls_are_integers_that_pandas_shows_as_floats(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"n": pa.array([1, None], pa.int64())}), tmp_path / "n.parquet")
    sample = read_sample(tmp_path / "n.parquet")
    assert sample.fields == (Field("n", "INT64", nullable=True, frame="float64"),)
    assert frame_of(sample)["n"].dtype == "float64"


def test_the_index_of_a_frame_is_no_column(tmp_path: Path) -> None:
    RICH[["i"]].set_index(pd.Index([5, 6, 7], name="key")).to_parquet(tmp_path / "i.parquet")
    assert [field.name for field in read_sample(tmp_path / "i.parquet").fields] == ["i"]


def test_a_frame_and_its_parquet_file_are_the_same_sample(tmp_path: Path) -> None:
    RICH.to_parquet(tmp_path / "rich.parquet")
    from_file, from_frame = read_sample(tmp_path / "rich.parquet"), read_sample(RICH)
    assert from_frame.fields == from_file.fields
    pd.testing.assert_frame_equal(lists(frame_of(from_frame)), lists(frame_of(from_file)))


def test_csv_gives_user_code_what_pandas_reads_and_keeps_integers_with_gaps(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text('i,gap,f,b,s,code\n1,1,1.5,True,"a,b",007\n2,,,,,\n3,3,2,False,x,008\n', encoding="utf-8-sig")
    sample = read_sample(path)
    assert [str(field) + ("?" if field.nullable else "") for field in sample.fields] == [
        "i INT64[-1]", "gap INT64[-1]?", "f FP64[-1]?", "b BOOL[-1]?", "s BYTES[-1]?", "code INT64[-1]?",
    ]  # fmt: skip
    read = pd.read_csv(path)
    read["b"] = read["b"].astype(object).where(read["b"].notna(), None)  # a missing boolean is None, not NaN
    pd.testing.assert_frame_equal(frame_of(sample), read)


def test_csv_text_that_looks_like_numbers_stays_text_when_declared(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("code,when\n007,2024-01-01\n,2024-01-02T03:00:00Z\n")
    declared = {"code": {"dtype": "BYTES"}, "when": {"dtype": "BYTES", "kind": "datetime"}}
    sample = read_sample(path, declared)
    assert sample.table.columns["code"].values.tolist() == ["007", None]
    assert sample.fields[1] == Field("when", "BYTES", kind="datetime")
    assert str(sample.table.columns["when"].values[1]).startswith("2024-01-02T03:00:00")


ROWS = [{"i": 1, "gap": 1, "b": True, "s": "x", "v": [1.5]}, {"i": 2, "gap": None, "b": False, "s": None, "v": [1, 2]}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("s.json", json.dumps(ROWS)),
        ("s.jsonl", "\n".join(json.dumps(row) for row in ROWS) + "\n\n"),
        ("s.ndjson", "\r\n".join(json.dumps(row) for row in ROWS)),
        ("s.json", json.dumps({"dataframe_records": ROWS})),
        ("s.json", json.dumps({"instances": ROWS})),
        ("s.json", json.dumps({"columns": list(ROWS[0]), "data": [list(row.values()) for row in ROWS]})),
        ("s.json", json.dumps({"dataframe_split": {"columns": list(ROWS[0]), "data": [[*r.values()] for r in ROWS]}})),
    ],
)
def test_every_form_of_json_rows_gives_the_same_fields(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    assert read_sample(tmp_path / name).fields == (
        Field("i", "INT64", frame="int64"),
        Field("gap", "INT64", nullable=True, frame="float64"),
        Field("b", "BOOL", frame="bool"),
        Field("s", "BYTES", nullable=True, frame="str"),
        Field("v", "FP64", (-1, -1), frame="object"),
    )


def test_protocol_tensors_and_arrays_in_json(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"inputs": [{"name": "a", "datatype": "INT32", "shape": [2], "data": [1, 2]}]}))
    assert read_sample(path).fields == (Field("a", "INT32"),)
    path.write_text(json.dumps({"inputs": {"a": [[1.0, 2], [3, 4]], "b": ["x", "y"]}}))
    sample = read_sample(path)
    assert (sample.container, [str(field) for field in sample.fields]) == ("arrays", ["a FP64[-1,2]", "b BYTES[-1]"])


def test_arrays_and_matrices() -> None:
    matrix = read_sample(np.arange(6, dtype="float32").reshape(3, 2))
    assert (matrix.container, matrix.fields, matrix.rows) == ("matrix", (Field("input", "FP32", (-1, 2)),), 3)
    assert read_sample(np.arange(4)).fields == (Field("input", "INT64"),)
    arrays = read_sample({"a": np.arange(2), "v": [[1], [2, 3]], "s": ["x", None]})
    assert arrays.container == "arrays"
    assert [str(field) for field in arrays.fields] == ["a INT64[-1]", "v INT64[-1,-1]", "s BYTES[-1]"]


def test_the_digest_of_an_object_is_that_of_its_content() -> None:
    digest = read_sample(RICH).digest
    assert digest == read_sample(RICH.copy()).digest
    changed = [RICH.assign(i=[1, 2, 4]), RICH.assign(s=["x", None, "07"]), RICH.rename(columns={"i": "j"}), RICH[::-1]]
    changed.append(RICH.assign(words=[["a"], ["bc", ""], None]))
    assert len({digest, *(read_sample(frame).digest for frame in changed)}) == len(changed) + 1


def test_dates_become_times_at_midnight() -> None:
    sample = read_sample(pd.DataFrame({"d": [dt.date(2024, 2, 29)]}))
    assert sample.fields[0].kind == "datetime"
    assert str(sample.table.columns["d"].values[0]).startswith("2024-02-29T00:00:00")
