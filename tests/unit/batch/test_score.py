"""One row out for each row in, in order."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from trimtab.batch.score import ScoreOptions, score
from trimtab.bundle.predictor import Outputs
from trimtab.core.table import Table

SUFFIXES = (".parquet", ".csv", ".jsonl", ".ndjson")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("count", [1, 100, 25_000])
def test_every_row_is_answered_in_order(scoring: Any, tmp_path: Path, suffix: str, count: int) -> None:
    source = scoring.write(scoring.rows(count), tmp_path / f"rows{suffix}")
    report, answers = scoring.run(source, keep=("id",), batch_rows=1000)
    assert (report.rows, report.refused) == (count, 0)
    assert answers.column_names == ["id", "y", "pair", "word"]
    assert answers["id"].to_pylist() == scoring.rows(count)["id"].tolist()
    assert answers["y"].to_pylist() == [number * 2.0 for number in range(count)]
    assert answers["pair"][-1].as_py() == [count - 1, 1 - count]
    words = [None if number % 7 == 0 else f'x,"{number % 9}"\nz' for number in range(count)]
    assert answers["word"].to_pylist() == words


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_without_rows_gives_a_file_without_rows(scoring: Any, tmp_path: Path, suffix: str) -> None:
    source = scoring.write(scoring.rows(1)[:0], tmp_path / f"rows{suffix}")
    report, answers = scoring.run(source, keep=("id",))
    assert (report.rows, answers.num_rows) == (0, 0)
    assert answers.column_names == ["id", "y", "pair", "word"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_kept_columns_are_copied_before_the_outputs(scoring: Any, tmp_path: Path, suffix: str) -> None:
    source = scoring.write(scoring.rows(20), tmp_path / f"rows{suffix}")
    _, answers = scoring.run(source, keep="all")
    assert answers.column_names == ["id", "a", "b", "c", "t", "y", "pair", "word"]
    assert answers["a"].to_pylist() == list(range(20))
    assert answers["b"].to_pylist() == [None if n % 5 == 0 else 1.5 for n in range(20)]
    assert pa.types.is_timestamp(answers["t"].type)


def test_the_kept_order_is_the_callers_and_parquet_types_stay(scoring: Any, tmp_path: Path) -> None:
    frame = scoring.rows(3).assign(small=np.array([1, 2, 3], "int8"), nested=[[1], [], [2, 3]])
    _, answers = scoring.run(scoring.write(frame, tmp_path / "rows.parquet"), keep=("nested", "small", "a"))
    assert answers.column_names[:3] == ["nested", "small", "a"]
    assert answers["small"].type == pa.int8()
    assert answers["nested"].to_pylist() == [[1], [], [2, 3]]


def test_csv_cells_are_text_where_the_signature_says_so(scoring: Any, tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("t,c,b,a,zip\n2024-01-01,007,,1,0123\n\n2024-01-02,NA,2,2,\n")
    _, answers = scoring.run(source, keep=("zip",), nulls=("",))
    assert answers["word"].to_pylist() == ["007", "NA"]
    assert answers["zip"].to_pylist() == ["0123", None]
    _, answers = scoring.run(source, overwrite=True)
    assert answers["word"].to_pylist() == ["007", None]


@pytest.mark.parametrize(("suffix", "total"), [(".parquet", 5000), (".csv", None), (".jsonl", None)])
def test_progress_tells_rows_done_and_rows_in_all(scoring: Any, tmp_path: Path, suffix: str, total: int | None) -> None:
    told: list[tuple[int, int | None]] = []
    source = scoring.write(scoring.rows(5000), tmp_path / f"rows{suffix}")
    scoring.run(source, batch_rows=2000, progress=lambda done, all_rows: told.append((done, all_rows)))
    assert told[-1] == (5000, total)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert max(np.diff([0, *(done for done, _ in told)])) <= 2000


def test_wide_rows_make_small_batches(scoring: Any, tmp_path: Path) -> None:
    heights: list[int] = []

    def note(table: Table) -> Outputs:
        heights.append(table.height)
        return scoring.predict(table)

    frame = scoring.rows(100).assign(c=[os.urandom(5000).hex() for _ in range(100)])
    source = scoring.write(frame, tmp_path / "rows.parquet")
    score(note, scoring.signature, source, tmp_path / "out.parquet", ScoreOptions(batch_bytes=100_000))
    assert sum(heights) == 100
    assert max(heights) <= 20


def test_kept_json_columns_take_the_type_of_their_first_values(scoring: Any, tmp_path: Path) -> None:
    source = scoring.write(scoring.rows(4), tmp_path / "rows.jsonl")
    records = [json.loads(line) for line in source.read_text().splitlines()]
    for record, extra in zip(records, (1, None, 3, "four"), strict=True):
        record["extra"] = extra
    source.write_text("\n".join(map(json.dumps, records[:3])))
    assert scoring.run(source, keep=("extra",))[1]["extra"].to_pylist() == [1, None, 3]
    source.write_text("\n".join(map(json.dumps, records)))
    assert [problem.code for problem in scoring.problems(source, overwrite=True, keep=("extra",), batch_rows=2)] == [
        "P717"
    ]


def test_what_is_written_is_the_same_bytes_each_time(scoring: Any, tmp_path: Path) -> None:
    source = scoring.write(scoring.rows(5000), tmp_path / "rows.csv")
    for name in ("one.parquet", "two.parquet"):
        score(scoring.predict, scoring.signature, source, tmp_path / name)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
