"""One row out for each row in, in order; or no target at all."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from trimtab.batch.score import ScoreOptions, ScoreReport, score
from trimtab.bundle.predictor import Outputs
from trimtab.core.errors import OutsideError, Problem, RefusedError, TrimtabError, UserError
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Table

SIGNATURE = Signature(
    (
        Field("a", "INT64"),
        Field("b", "FP64", nullable=True),
        Field("c", "BYTES", nullable=True),
        Field("t", "BYTES", kind="datetime", frame="datetime64[us]"),
    ),
    (Field("y", "FP64"), Field("pair", "FP64", (-1, 2)), Field("word", "BYTES")),
)
SUFFIXES = (".parquet", ".csv", ".jsonl", ".ndjson")


def predict(table: Table) -> Outputs:
    a = table.columns["a"].values
    return {"y": a * 2.0, "pair": np.stack([a, -a], 1).astype(float), "word": table.columns["c"].values}


def rows(count: int) -> pd.DataFrame:
    numbers = np.arange(count)
    return pd.DataFrame(
        {
            "id": [f"r{number:05}" for number in numbers],
            "a": numbers,
            "b": np.where(numbers % 5 == 0, np.nan, 1.5),
            "c": [None if number % 7 == 0 else f'x,"{number % 9}"\nz' for number in numbers],
            "t": pd.date_range("2024-01-01", periods=count, freq="s", unit="us"),
        }
    )


def write(frame: pd.DataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    elif path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        with path.open("w") as file:
            for record in frame.astype({"t": str}).to_dict("records"):
                plain = {key: None if value != value else value for key, value in record.items()}  # noqa: PLR0124 - NaN
                file.write(json.dumps(plain) + "\n")
    return path


def run(source: Path, **options: Any) -> tuple[ScoreReport, pa.Table]:
    target = source.with_name("out.parquet")
    report = score(predict, SIGNATURE, source, target, ScoreOptions(**options))
    with parquet.ParquetFile(target) as file:
        return report, file.read()


def problems(source: Path, target: Path | None = None, **options: Any) -> tuple[Problem, ...]:
    """What the run is refused for; and it leaves nothing behind."""
    folder = source.parent if source.parent.is_dir() else source.parent.parent
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    with pytest.raises(TrimtabError) as caught:
        score(predict, SIGNATURE, source, target or source.with_name("out.parquet"), ScoreOptions(**options))
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    return caught.value.problems


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("count", [1, 100, 25_000])
def test_every_row_is_answered_in_order(tmp_path: Path, suffix: str, count: int) -> None:
    source = write(rows(count), tmp_path / f"rows{suffix}")
    report, answers = run(source, keep=("id",), batch_rows=1000)
    assert (report.rows, report.refused) == (count, 0)
    assert answers.column_names == ["id", "y", "pair", "word"]
    assert answers["id"].to_pylist() == rows(count)["id"].tolist()
    assert answers["y"].to_pylist() == [number * 2.0 for number in range(count)]
    assert answers["pair"][-1].as_py() == [count - 1, 1 - count]
    words = [None if number % 7 == 0 else f'x,"{number % 9}"\nz' for number in range(count)]
    assert answers["word"].to_pylist() == words


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_without_rows_gives_a_file_without_rows(tmp_path: Path, suffix: str) -> None:
    source = write(rows(1)[:0], tmp_path / f"rows{suffix}")
    report, answers = run(source, keep=("id",))
    assert (report.rows, answers.num_rows) == (0, 0)
    assert answers.column_names == ["id", "y", "pair", "word"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_kept_columns_are_copied_before_the_outputs(tmp_path: Path, suffix: str) -> None:
    source = write(rows(20), tmp_path / f"rows{suffix}")
    _, answers = run(source, keep="all")
    assert answers.column_names == ["id", "a", "b", "c", "t", "y", "pair", "word"]
    assert answers["a"].to_pylist() == list(range(20))
    assert answers["b"].to_pylist() == [None if n % 5 == 0 else 1.5 for n in range(20)]
    assert pa.types.is_timestamp(answers["t"].type)


def test_the_kept_order_is_the_callers_and_parquet_types_stay(tmp_path: Path) -> None:
    frame = rows(3).assign(small=np.array([1, 2, 3], "int8"), nested=[[1], [], [2, 3]])
    _, answers = run(write(frame, tmp_path / "rows.parquet"), keep=("nested", "small", "a"))
    assert answers.column_names[:3] == ["nested", "small", "a"]
    assert answers["small"].type == pa.int8()
    assert answers["nested"].to_pylist() == [[1], [], [2, 3]]


def test_csv_cells_are_text_where_the_signature_says_so(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("t,c,b,a,zip\n2024-01-01,007,,1,0123\n\n2024-01-02,NA,2,2,\n")
    _, answers = run(source, keep=("zip",))
    assert answers["word"].to_pylist() == ["007", "NA"]
    assert answers["zip"].to_pylist() == ["0123", None]
    _, answers = run(source, nulls=("", "NA"), overwrite=True)
    assert answers["word"].to_pylist() == ["007", None]


def spoil(source: Path, changes: dict[int, dict[str, Any]]) -> Path:
    """A file of the same rows in which some cells are wrong."""
    frame = rows(3000).astype(object)
    frame["t"] = frame["t"].astype(str)
    for row, cells in changes.items():
        for name, value in cells.items():
            frame.loc[row, name] = value
    if source.suffix == ".csv":
        frame.to_csv(source, index=False, quoting=csv.QUOTE_MINIMAL)
    else:
        with source.open("w") as file:
            for record in frame.to_dict("records"):
                plain = {key: None if value != value else value for key, value in record.items()}  # noqa: PLR0124 - NaN
                file.write("\n" + json.dumps(plain) + "\n")
    return source


BAD = {4: {"a": "abc"}, 5: {"a": 1.5, "t": "soon"}, 2500: {"a": None}}


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_bad_rows_stop_the_run_and_are_named_with_row_line_and_column(tmp_path: Path, suffix: str) -> None:
    source = spoil(tmp_path / f"rows{suffix}", BAD)
    found = problems(source, batch_rows=1000)
    lines = {".csv": (9, 11), ".jsonl": (10, 12)}[suffix]  # in CSV the text of every row but 0 and 7n takes two lines
    assert [(problem.code, problem.where, problem.what) for problem in found] == [
        ("P710", f"{source}, row 4, line {lines[0]}, column `a`", '`"abc"` is no integer'),
        ("P710", f"{source}, row 5, line {lines[1]}, column `a`", "`1.5` is no integer"),
        ("P710", f"{source}, row 5, line {lines[1]}, column `t`", '`"soon"` is no ISO 8601 time'),
    ]
    assert "2 rows up to row 5" in found[-1].hint


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_refused_rows_are_listed_and_have_null_answers(tmp_path: Path, suffix: str) -> None:
    source = spoil(tmp_path / f"rows{suffix}", BAD)
    refused = tmp_path / "refused.jsonl"
    report, answers = run(source, refused=refused, batch_rows=1000, keep=("id", "a"))
    assert (report.rows, report.refused, answers.num_rows) == (3000, 3, 3000)
    assert answers["id"].to_pylist() == rows(3000)["id"].tolist()
    expected = [None if row in BAD else row * 2.0 for row in range(3000)]
    assert answers["y"].to_pylist() == expected
    assert answers["pair"][4].as_py() is None
    listed = [json.loads(line) for line in refused.read_text().splitlines()]
    assert [(entry["row"], [fault["column"] for fault in entry["faults"]]) for entry in listed] == [
        (4, ["a"]), (5, ["a", "t"]), (2500, ["a"]),
    ]  # fmt: skip
    text = source.read_text().split("\n")
    assert all(f"r{entry['row']:05}" in text[entry["line"] - 1] for entry in listed)


def test_every_bad_row_of_a_batch_is_listed_however_many(tmp_path: Path) -> None:
    frame = rows(500)
    frame["a"] = frame["a"].astype(float).where(frame["a"] % 3 != 0, 0.5)
    source = write(frame, tmp_path / "rows.parquet")
    report, answers = run(source, refused=tmp_path / "refused.jsonl")
    assert report.refused == 167
    assert answers["y"].null_count == 167
    listed = [json.loads(line)["row"] for line in (tmp_path / "refused.jsonl").read_text().splitlines()]
    assert listed == list(range(0, 500, 3))


def test_a_file_of_bad_rows_only_is_listed_whole(tmp_path: Path) -> None:
    source = write(rows(50).assign(a=0.5), tmp_path / "rows.parquet")
    report, answers = run(source, refused=tmp_path / "refused.jsonl")
    assert (report.refused, answers["y"].null_count, answers["word"].null_count) == (50, 50, 50)


def test_lines_that_are_no_json_are_rows_too(tmp_path: Path) -> None:
    source = write(rows(3), tmp_path / "rows.jsonl")
    lines = source.read_text().splitlines()
    source.write_text("\n".join([lines[0], "{broken", "[1]", lines[2]]))
    assert [problem.where.rpartition(", ")[2] for problem in problems(source)] == ["line 2", "line 3"]
    report, answers = run(source, refused=tmp_path / "refused.jsonl", keep="all")
    assert (report.rows, report.refused) == (4, 2)
    assert answers["y"].to_pylist() == [0.0, None, None, 4.0]


def test_rows_that_user_code_fails_at_are_named_or_listed(tmp_path: Path) -> None:
    def fail(table: Table) -> Outputs:
        if (table.columns["a"].values % 100 == 7).any():
            msg = "no sevens"
            raise ValueError(msg)
        return predict(table)

    source, target = write(rows(300), tmp_path / "rows.csv"), tmp_path / "out.parquet"
    with pytest.raises(UserError) as caught:
        score(fail, SIGNATURE, source, target)
    (problem,) = caught.value.problems
    assert problem.code == "P713"
    assert "ValueError: no sevens" in problem.what
    assert f"{source}, row 7, line" in problem.where
    assert not target.exists()
    report = score(fail, SIGNATURE, source, target, ScoreOptions(refused=tmp_path / "refused.jsonl"))
    assert report.refused == 3
    answers = parquet.read_table(target)["y"].to_pylist()
    assert answers == [None if row % 100 == 7 else row * 2.0 for row in range(300)]


@pytest.mark.parametrize(
    "outputs",
    [
        lambda count: {"y": np.zeros(count)},
        lambda count: {"y": np.zeros(count + 1), "pair": np.zeros((count + 1, 2)), "word": np.full(count + 1, "x")},
        lambda count: {"y": np.full(count, "x"), "pair": np.zeros((count, 2)), "word": np.full(count, "x")},
    ],
)
def test_answers_against_the_signature_are_refused(tmp_path: Path, outputs: Callable[[int], Outputs]) -> None:
    source, target = write(rows(3), tmp_path / "rows.parquet"), tmp_path / "out.parquet"
    with pytest.raises(UserError) as caught:
        score(lambda table: outputs(table.height), SIGNATURE, source, target)
    assert [problem.code for problem in caught.value.problems] == ["P714"]
    assert os.listdir(tmp_path) == ["rows.parquet"]


def test_what_the_bundle_refuses_passes_through(tmp_path: Path) -> None:
    def refuse(_: Table) -> Outputs:
        raise RefusedError(Problem("P242", "rows were lost"))

    source = write(rows(3), tmp_path / "rows.parquet")
    with pytest.raises(RefusedError):
        score(refuse, SIGNATURE, source, tmp_path / "out.parquet")
    assert os.listdir(tmp_path) == ["rows.parquet"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_missing_column_is_named(tmp_path: Path, suffix: str) -> None:
    signature = replace(SIGNATURE, inputs=(*SIGNATURE.inputs, Field("idd", "INT64"), Field("zzz", "INT64")))
    source = write(rows(3), tmp_path / f"rows{suffix}")
    with pytest.raises(UserError) as caught:
        score(predict, signature, source, tmp_path / "out.parquet")
    assert [problem.code for problem in caught.value.problems] == ["P709", "P709"]
    assert caught.value.problems[0].hint == "did you mean `id`?"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_columns_to_keep_are_there_and_clash_with_no_output(tmp_path: Path, suffix: str) -> None:
    source = write(rows(3).assign(y=1), tmp_path / f"rows{suffix}")
    assert [problem.code for problem in problems(source, keep=("y", "id", "idd"))] == ["P707", "P708"]
    assert [problem.code for problem in problems(source, keep="all")] == ["P708"]


def test_a_column_that_can_never_fit_is_refused_before_any_row(tmp_path: Path) -> None:
    source = write(rows(3).assign(a=["1", "2", "3"], t=[1, 2, 3]), tmp_path / "rows.parquet")
    found = problems(source, refused=tmp_path / "refused.jsonl")
    assert [problem.code for problem in found] == ["P711", "P711"]
    assert "`a INT64[-1]`" in found[0].what
    assert "string" in found[0].what


def test_columns_that_are_there_twice_are_refused_only_if_they_are_needed(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("a,b,c,t,n,n\n1,1,x,2024-01-01,1,2\n")
    assert run(source)[0].rows == 1
    source.write_text("a,b,c,t,a\n1,1,x,2024-01-01,1\n")
    assert [problem.code for problem in problems(source, overwrite=True)] == ["P716"]


@pytest.mark.parametrize(
    ("name", "data", "place"),
    [
        ("rows.csv", b"", "rows.csv"),
        ("rows.csv", b'a,b,c,t\n1,1,"x\ny",2024-01-01\n\n1,1\n', "rows.csv:5"),
        ("rows.csv", b'a,b,c,t\n1,1,x,2024-01-01\n1,1,"x\n', "rows.csv:3"),
        ("rows.csv", b"\xff\xfe\n", "rows.csv"),
        ("rows.parquet", b"PAR1 but no more", "rows.parquet"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(tmp_path: Path, name: str, data: bytes, place: str) -> None:
    (tmp_path / name).write_bytes(data)
    (problem,) = problems(tmp_path / name)
    assert (problem.code, problem.where.endswith(place)) == ("P712", True), problem


def test_damage_in_the_middle_of_a_parquet_file_leaves_no_target(tmp_path: Path) -> None:
    source = write(rows(20_000), tmp_path / "rows.parquet")
    data = bytearray(source.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 2000] = bytes(2000)
    source.write_bytes(data)
    assert [problem.code for problem in problems(source, keep="all")] == ["P712"]


def places(folder: Path) -> Sequence[tuple[Path, Path, dict[str, Any], list[str]]]:
    source, out, parent = folder / "rows.csv", folder / "out.parquet", folder / "folder"
    return [
        (folder / "row.csv", out, {}, ["P701"]),
        (folder / "none" / "rows.csv", out, {}, ["P701"]),
        (parent, out, {}, ["P702"]),
        (folder / "rows.txt", out, {}, ["P702"]),
        (source, folder / "old.parquet", {}, ["P703"]),
        (source, folder / "none" / "out.parquet", {}, ["P704"]),
        (source, folder / "out.csv", {}, ["P706"]),
        (source, parent, {}, ["P706", "P706"]),
        (folder / "old.parquet", folder / "old.parquet", {"overwrite": True}, ["P705"]),
        (source, out, {"refused": source}, ["P703", "P705"]),
        (source, out, {"refused": folder / "none" / "r.jsonl"}, ["P704"]),
        (folder / "rows.txt", folder / "none" / "out.csv", {}, ["P702", "P704", "P706"]),
    ]


@pytest.mark.parametrize("case", range(12))
def test_places_that_cannot_be_are_refused(tmp_path: Path, case: int) -> None:
    write(rows(3), tmp_path / "rows.csv")
    (tmp_path / "rows.txt").write_text("x")
    (tmp_path / "old.parquet").write_bytes(b"old")
    (tmp_path / "folder").mkdir()
    source, target, options, expected = places(tmp_path)[case]
    assert [problem.code for problem in problems(source, target, **options)] == expected


def test_a_missing_source_is_answered_with_the_nearest_name(tmp_path: Path) -> None:
    write(rows(1), tmp_path / "rows.csv")
    (problem,) = problems(tmp_path / "rosw.csv", tmp_path / "out.parquet")
    assert problem.hint == "did you mean `rows.csv`?"


def test_an_existing_target_is_replaced_only_on_demand_and_only_by_a_whole_file(tmp_path: Path) -> None:
    source, target = write(rows(3), tmp_path / "rows.csv"), tmp_path / "out.parquet"
    target.write_bytes(b"old")
    assert [problem.code for problem in problems(source)] == ["P703"]
    source.write_text(source.read_text() + "x,y\n")
    assert [problem.code for problem in problems(source, overwrite=True)] == ["P712"]
    assert target.read_bytes() == b"old"
    write(rows(3), source)
    assert run(source, overwrite=True)[0].rows == 3


def test_a_disk_that_fails_is_the_outsides_fault(tmp_path: Path) -> None:
    source = write(rows(3), tmp_path / "rows.csv")
    target = tmp_path / f"{'x' * 240}.parquet"  # the hidden name beside it is longer than a file system takes
    with pytest.raises(OutsideError) as caught:
        score(predict, SIGNATURE, source, target)
    assert caught.value.problems[0].code == "P720"


@pytest.mark.parametrize(("suffix", "total"), [(".parquet", 5000), (".csv", None), (".jsonl", None)])
def test_progress_tells_rows_done_and_rows_in_all(tmp_path: Path, suffix: str, total: int | None) -> None:
    told: list[tuple[int, int | None]] = []
    source = write(rows(5000), tmp_path / f"rows{suffix}")
    run(source, batch_rows=2000, progress=lambda done, all_rows: told.append((done, all_rows)))
    assert told[-1] == (5000, total)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert max(np.diff([0, *(done for done, _ in told)])) <= 2000


def test_wide_rows_make_small_batches(tmp_path: Path) -> None:
    heights: list[int] = []

    def note(table: Table) -> Outputs:
        heights.append(table.height)
        return predict(table)

    frame = rows(100).assign(c=[os.urandom(5000).hex() for _ in range(100)])
    source = write(frame, tmp_path / "rows.parquet")
    score(note, SIGNATURE, source, tmp_path / "out.parquet", ScoreOptions(batch_bytes=100_000))
    assert sum(heights) == 100
    assert max(heights) <= 20


def test_kept_json_columns_take_the_type_of_their_first_values(tmp_path: Path) -> None:
    source = write(rows(4), tmp_path / "rows.jsonl")
    records = [json.loads(line) for line in source.read_text().splitlines()]
    for record, extra in zip(records, (1, None, 3, "four"), strict=True):
        record["extra"] = extra
    source.write_text("\n".join(map(json.dumps, records[:3])))
    assert run(source, keep=("extra",))[1]["extra"].to_pylist() == [1, None, 3]
    source.write_text("\n".join(map(json.dumps, records)))
    assert [problem.code for problem in problems(source, overwrite=True, keep=("extra",), batch_rows=2)] == ["P717"]


def test_what_is_written_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    source = write(rows(5000), tmp_path / "rows.csv")
    for name in ("one.parquet", "two.parquet"):
        score(predict, SIGNATURE, source, tmp_path / name)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
