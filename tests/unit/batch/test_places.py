"""Files that cannot be read or written are refused before anything else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest


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
def test_places_that_cannot_be_are_refused(scoring: Any, tmp_path: Path, case: int) -> None:
    scoring.write(scoring.rows(3), tmp_path / "rows.csv")
    (tmp_path / "rows.txt").write_text("x")
    (tmp_path / "old.parquet").write_bytes(b"old")
    (tmp_path / "folder").mkdir()
    source, target, options, expected = places(tmp_path)[case]
    assert [problem.code for problem in scoring.problems(source, target, **options)] == expected


def test_a_missing_source_is_answered_with_the_nearest_name(scoring: Any, tmp_path: Path) -> None:
    scoring.write(scoring.rows(1), tmp_path / "rows.csv")
    (problem,) = scoring.problems(tmp_path / "rosw.csv", tmp_path / "out.parquet")
    assert problem.hint == "did you mean `rows.csv`?"


def test_an_existing_target_is_replaced_only_on_demand_and_only_by_a_whole_file(scoring: Any, tmp_path: Path) -> None:
    source, target = scoring.write(scoring.rows(3), tmp_path / "rows.csv"), tmp_path / "out.parquet"
    target.write_bytes(b"old")
    assert [problem.code for problem in scoring.problems(source)] == ["P703"]
    source.write_text(source.read_text() + "x,y\n")
    assert [problem.code for problem in scoring.problems(source, overwrite=True)] == ["P712"]
    assert target.read_bytes() == b"old"
    scoring.write(scoring.rows(3), source)
    assert scoring.run(source, overwrite=True)[0].rows == 3
