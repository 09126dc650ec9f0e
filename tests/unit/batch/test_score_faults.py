"""What does not fit is named or listed, and a run that fails leaves no target."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

from trimtab.batch.score import ScoreOptions, score
from trimtab.bundle.predictor import Outputs
from trimtab.core.errors import OutsideError, Problem, RefusedError, UserError
from trimtab.core.signature import Field
from trimtab.core.table import Table

SUFFIXES = (".parquet", ".csv", ".jsonl", ".ndjson")


BAD = {4: {"a": "abc"}, 5: {"a": 1.5, "t": "soon"}, 2500: {"a": None}}


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_bad_rows_stop_the_run_and_are_named_with_row_line_and_column(
    scoring: Any, tmp_path: Path, suffix: str
) -> None:
    source = scoring.spoil(tmp_path / f"rows{suffix}", BAD)
    found = scoring.problems(source, batch_rows=1000)
    lines = {".csv": (9, 11), ".jsonl": (10, 12)}[suffix]  # in CSV the text of every row but 0 and 7n takes two lines
    assert [(problem.code, problem.where, problem.what) for problem in found] == [
        ("P710", f"{source}, row 4, line {lines[0]}, column `a`", '`"abc"` is no integer'),
        ("P710", f"{source}, row 5, line {lines[1]}, column `a`", "`1.5` is no integer"),
        ("P710", f"{source}, row 5, line {lines[1]}, column `t`", '`"soon"` is no ISO 8601 time'),
    ]
    assert "2 rows up to row 5" in found[-1].hint


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_refused_rows_are_listed_and_have_null_answers(scoring: Any, tmp_path: Path, suffix: str) -> None:
    source = scoring.spoil(tmp_path / f"rows{suffix}", BAD)
    refused = tmp_path / "refused.jsonl"
    report, answers = scoring.run(source, refused=refused, batch_rows=1000, keep=("id", "a"))
    assert (report.rows, report.refused, answers.num_rows) == (3000, 3, 3000)
    assert answers["id"].to_pylist() == scoring.rows(3000)["id"].tolist()
    expected = [None if row in BAD else row * 2.0 for row in range(3000)]
    assert answers["y"].to_pylist() == expected
    assert answers["pair"][4].as_py() is None
    listed = [json.loads(line) for line in refused.read_text().splitlines()]
    assert [(entry["row"], [fault["column"] for fault in entry["faults"]]) for entry in listed] == [
        (4, ["a"]), (5, ["a", "t"]), (2500, ["a"]),
    ]  # fmt: skip
    text = source.read_text().split("\n")
    assert all(f"r{entry['row']:05}" in text[entry["line"] - 1] for entry in listed)


def test_every_bad_row_of_a_batch_is_listed_however_many(scoring: Any, tmp_path: Path) -> None:
    frame = scoring.rows(500)
    frame["a"] = frame["a"].astype(float).where(frame["a"] % 3 != 0, 0.5)
    source = scoring.write(frame, tmp_path / "rows.parquet")
    report, answers = scoring.run(source, refused=tmp_path / "refused.jsonl")
    assert report.refused == 167
    assert answers["y"].null_count == 167
    listed = [json.loads(line)["row"] for line in (tmp_path / "refused.jsonl").read_text().splitlines()]
    assert listed == list(range(0, 500, 3))


def test_a_file_of_bad_rows_only_is_listed_whole(scoring: Any, tmp_path: Path) -> None:
    source = scoring.write(scoring.rows(50).assign(a=0.5), tmp_path / "rows.parquet")
    report, answers = scoring.run(source, refused=tmp_path / "refused.jsonl")
    assert (report.refused, answers["y"].null_count, answers["word"].null_count) == (50, 50, 50)


def test_lines_that_are_no_json_are_rows_too(scoring: Any, tmp_path: Path) -> None:
    source = scoring.write(scoring.rows(3), tmp_path / "rows.jsonl")
    lines = source.read_text().splitlines()
    source.write_text("\n".join([lines[0], "{broken", "[1]", lines[2]]))
    assert [problem.where.rpartition(", ")[2] for problem in scoring.problems(source)] == ["line 2", "line 3"]
    report, answers = scoring.run(source, refused=tmp_path / "refused.jsonl", keep="all")
    assert (report.rows, report.refused) == (4, 2)
    assert answers["y"].to_pylist() == [0.0, None, None, 4.0]


def test_rows_that_user_code_fails_at_are_named_or_listed(scoring: Any, tmp_path: Path) -> None:
    def fail(table: Table) -> Outputs:
        if (table.columns["a"].values % 100 == 7).any():
            msg = "no sevens"
            raise ValueError(msg)
        return scoring.predict(table)

    source, target = scoring.write(scoring.rows(300), tmp_path / "rows.csv"), tmp_path / "out.parquet"
    with pytest.raises(UserError) as caught:
        score(fail, scoring.signature, source, target)
    (problem,) = caught.value.problems
    assert problem.code == "P713"
    assert "ValueError: no sevens" in problem.what
    assert f"{source}, row 7, line" in problem.where
    assert not target.exists()
    report = score(fail, scoring.signature, source, target, ScoreOptions(refused=tmp_path / "refused.jsonl"))
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
def test_answers_against_the_signature_are_refused(
    scoring: Any, tmp_path: Path, outputs: Callable[[int], Outputs]
) -> None:
    source, target = scoring.write(scoring.rows(3), tmp_path / "rows.parquet"), tmp_path / "out.parquet"
    with pytest.raises(UserError) as caught:
        score(lambda table: outputs(table.height), scoring.signature, source, target)
    assert [problem.code for problem in caught.value.problems] == ["P714"]
    assert [path.name for path in tmp_path.iterdir()] == ["rows.parquet"]


def test_what_the_bundle_refuses_passes_through(scoring: Any, tmp_path: Path) -> None:
    def refuse(_: Table) -> Outputs:
        raise RefusedError(Problem("P242", "rows were lost"))

    source = scoring.write(scoring.rows(3), tmp_path / "rows.parquet")
    with pytest.raises(RefusedError):
        score(refuse, scoring.signature, source, tmp_path / "out.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["rows.parquet"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_missing_column_is_named(scoring: Any, tmp_path: Path, suffix: str) -> None:
    signature = replace(
        scoring.signature, inputs=(*scoring.signature.inputs, Field("idd", "INT64"), Field("zzz", "INT64"))
    )
    source = scoring.write(scoring.rows(3), tmp_path / f"rows{suffix}")
    with pytest.raises(UserError) as caught:
        score(scoring.predict, signature, source, tmp_path / "out.parquet")
    assert [problem.code for problem in caught.value.problems] == ["P709", "P709"]
    assert caught.value.problems[0].hint == "did you mean `id`?"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_columns_to_keep_are_there_and_clash_with_no_output(scoring: Any, tmp_path: Path, suffix: str) -> None:
    source = scoring.write(scoring.rows(3).assign(y=1), tmp_path / f"rows{suffix}")
    assert [problem.code for problem in scoring.problems(source, keep=("y", "id", "idd"))] == ["P707", "P708"]
    assert [problem.code for problem in scoring.problems(source, keep="all")] == ["P708"]


def test_a_column_that_can_never_fit_is_refused_before_any_row(scoring: Any, tmp_path: Path) -> None:
    source = scoring.write(scoring.rows(3).assign(a=["1", "2", "3"], t=[1, 2, 3]), tmp_path / "rows.parquet")
    found = scoring.problems(source, refused=tmp_path / "refused.jsonl")
    assert [problem.code for problem in found] == ["P711", "P711"]
    assert "`a INT64[-1]`" in found[0].what
    assert "string" in found[0].what


def test_columns_that_are_there_twice_are_refused_only_if_they_are_needed(scoring: Any, tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("a,b,c,t,n,n\n1,1,x,2024-01-01,1,2\n")
    assert scoring.run(source)[0].rows == 1
    source.write_text("a,b,c,t,a\n1,1,x,2024-01-01,1\n")
    assert [problem.code for problem in scoring.problems(source, overwrite=True)] == ["P716"]


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
def test_a_broken_file_is_refused_with_its_place(
    scoring: Any, tmp_path: Path, name: str, data: bytes, place: str
) -> None:
    (tmp_path / name).write_bytes(data)
    (problem,) = scoring.problems(tmp_path / name)
    assert (problem.code, problem.where.endswith(place)) == ("P712", True), problem


def test_damage_in_the_middle_of_a_parquet_file_leaves_no_target(scoring: Any, tmp_path: Path) -> None:
    source = scoring.write(scoring.rows(20_000), tmp_path / "rows.parquet")
    data = bytearray(source.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 2000] = bytes(2000)
    source.write_bytes(data)
    assert [problem.code for problem in scoring.problems(source, keep="all")] == ["P712"]


def test_a_disk_that_fails_is_the_outsides_fault(scoring: Any, tmp_path: Path) -> None:
    source = scoring.write(scoring.rows(3), tmp_path / "rows.csv")
    target = tmp_path / f"{'x' * 240}.parquet"  # the hidden name beside it is longer than a file system takes
    with pytest.raises(OutsideError) as caught:
        score(scoring.predict, scoring.signature, source, target)
    assert caught.value.problems[0].code == "P720"
