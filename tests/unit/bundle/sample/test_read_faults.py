"""What is no sample is refused, everything that is wrong at once and with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from trimtab.bundle.sample.read import read_sample
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Field


def problems(source: object, declared: dict[str, dict[str, Any]] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(UserError) as caught:
        read_sample(source, declared)
    return caught.value.problems


def codes(source: object) -> list[str]:
    return [problem.code for problem in problems(source)]


def test_all_columns_that_cannot_be_read_are_named_at_once() -> None:
    frame = pd.DataFrame(
        {"mixed": [1, "a"], "void": [None, None], "td": pd.to_timedelta([1, 2], unit="s"), "ok": [1, 2]}
    )
    found = problems(frame)
    assert [problem.code for problem in found] == ["P266", "P267", "P265"]
    assert all(problem.hint and problem.where for problem in found)


def test_a_column_without_values_is_what_its_declaration_says() -> None:
    frame = pd.DataFrame({"void": [None, None], "ok": [1, 2]})
    sample = read_sample(frame, {"void": {"dtype": "FP32"}})
    assert sample.fields[0] == Field("void", "FP32", nullable=True)
    column = sample.table.columns["void"]
    assert column.missing is not None
    assert column.missing.tolist() == [True, True]


def test_a_sample_against_its_declaration_is_refused_by_row() -> None:
    found = problems(pd.DataFrame({"age": [3, 200, None]}), {"age": {"dtype": "INT64", "high": 120, "nullable": False}})
    assert [(problem.code, problem.where) for problem in found] == [
        ("P269", "the sample, column `age`, row 2"),
        ("P269", "the sample, column `age`, row 1"),
    ]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.DataFrame({1: [1], "a": [2]}), "`1` is a int, not text"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "`a` is there more than once"),
        (pd.DataFrame([[1, 2]], columns=["a", " "]), "column 2 has no name"),
    ],
)
def test_names_must_be_text_unique_and_not_empty(frame: pd.DataFrame, words: str) -> None:
    (problem,) = problems(frame)
    assert problem.code == "P264"
    assert words in problem.what


def test_names_in_files_must_be_unique_and_not_empty(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("a,a,\n1,2,3\n")
    assert codes(path) == ["P264", "P264"]
    parquet.write_table(pa.Table.from_arrays([pa.array([1])] * 2, names=["a", "a"]), tmp_path / "s.parquet")
    assert codes(tmp_path / "s.parquet") == ["P264"]


def written(name: str, data: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return write


@pytest.mark.parametrize(
    ("make", "code", "place"),
    [
        (written("s.csv", b""), "P263", "s.csv"),
        (written("s.csv", b"a,b\n"), "P263", "s.csv"),
        (written("s.json", b"[]"), "P263", "s.json"),
        (written("s.jsonl", b"\n"), "P263", "s.jsonl"),
        (written("s.csv", b"a,b\n1,2\n\n3\n"), "P262", "s.csv:4"),
        (written("s.csv", b"a,b\n\xff,2\n"), "P262", "s.csv"),
        (written("s.json", b'{"a": 1}'), "P262", "s.json"),
        (written("s.json", b"[1]"), "P262", "s.json"),
        (written("s.json", b"{"), "P262", "s.json"),
        (written("s.json", b'{"columns": ["a"], "data": [[1, 2]]}'), "P262", "s.json"),
        (written("s.jsonl", b'{"a": 1}\n\n{"a"\n'), "P262", "s.jsonl:3"),
        (written("s.parquet", b"PAR1"), "P262", "s.parquet"),
        (written("s.txt", b"a"), "P270", "s.txt"),
        (lambda folder: folder, "P272", ""),
        (lambda folder: folder / "nowhere" / "s.csv", "P272", "s.csv"),
    ],
)
def test_what_is_no_sample_is_refused_with_its_place(
    tmp_path: Path, make: Callable[[Path], Path], code: str, place: str
) -> None:
    (problem,) = problems(make(tmp_path))
    assert problem.code == code
    assert problem.where.endswith(place)
    assert problem.what


def test_a_missing_file_is_answered_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "sample.parquet").write_bytes(b"")
    (problem,) = problems(tmp_path / "sampel.parquet")
    assert (problem.code, problem.hint) == ("P272", "did you mean `sample.parquet`?")


@pytest.mark.usefixtures("modes_count")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = written("s.csv", b"a\n1\n")(tmp_path)
    path.chmod(0)
    assert codes(path) == ["P262"]


def test_other_objects_are_no_samples() -> None:
    assert codes(3) == ["P270"]
    assert codes({}) == ["P263"]
    assert codes(pd.DataFrame({"a": []})) == ["P263"]


def test_tensors_and_arrays_that_contradict_themselves(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"inputs": [{"name": "a", "shape": [2], "data": [1]}, {"name": "b"}]}))
    assert codes(path) == ["P262", "P262"]
    assert codes({"a": np.arange(2), "b": np.arange(3)}) == ["P262"]
