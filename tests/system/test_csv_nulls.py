"""The CSV that a sample was read from, scored: a null in one is a null in the other, as pandas saw it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from trimtab.batch.score import ScoreOptions, score
from trimtab.core.errors import UserError
from trimtab.core.nulls import CSV_NULLS

MODEL = """
def predict(rows):
    seen = rows["country"].fillna("nothing").astype(str) + "/" + rows["plan"].astype(object).fillna("none").astype(str)
    return {"sum": rows["amount"].fillna(-1.0) + rows["count"].fillna(-2.0), "seen": seen}
"""
ROWS = "country,plan,amount,count\nNA,basic,1.5,1\nDE,NA,NA,2\nnull,plus,null,NA\n,,,\nFR,n/a,-nan,#N/A\n"
PLAN = {"plan": {"categories": ["basic", "plus"], "frame": "category"}}
SEEN = ["nothing/basic", "DE/none", "nothing/plus", "nothing/none", "FR/none"]


@pytest.fixture
def packaged(workshop: Any) -> Any:
    workshop.write({"sample.csv": ROWS}, model=MODEL)
    return workshop.package(sample=workshop.root / "sample.csv", inputs=PLAN, lock="off")


def test_the_csv_of_the_sample_scores_to_the_golden_answers(packaged: Any, workshop: Any) -> None:
    target = workshop.root / "out.parquet"
    score(packaged.load(), packaged.signature, workshop.root / "sample.csv", target)
    scored, golden = pq.read_table(target), packaged.golden().outputs
    assert scored["seen"].to_pylist() == golden["seen"].tolist() == SEEN
    assert scored["sum"].to_pylist() == golden["sum"].tolist() == [2.5, 1.0, -3.0, -3.0, -3.0]


def test_a_word_for_null_can_be_a_value_when_the_caller_says_so(packaged: Any, workshop: Any) -> None:
    assert packaged.signature.input("country").nullable
    source, target = workshop.root / "rows.csv", workshop.root / "out.parquet"
    source.write_text("country,plan,amount,count\nNA,basic,1.5,1\n,plus,,\n")
    words = ["small", str(source), "-o", str(target), "--nulls", "", "--store", str(workshop.store.root)]
    subprocess.run([sys.executable, "-m", "trimtab", "score", *words], check=True, capture_output=True)
    assert pq.read_table(target)["seen"].to_pylist() == ["NA/basic", "nothing/plus"]


def test_a_null_word_is_refused_as_null_where_the_sample_had_none(workshop: Any, tmp_path: Path) -> None:
    workshop.write({"sample.csv": "country\nDE\n"}, model="def predict(rows):\n    return rows['country'].str.len()\n")
    bundle = workshop.package(sample=workshop.root / "sample.csv", lock="off")
    (tmp_path / "rows.csv").write_text("country\nNA\n")
    with pytest.raises(UserError, match="null in a column that is not nullable"):
        score(bundle.load(), bundle.signature, tmp_path / "rows.csv", tmp_path / "out.parquet")
    options = ScoreOptions(nulls=("",))
    score(bundle.load(), bundle.signature, tmp_path / "rows.csv", tmp_path / "out.parquet", options)
    assert pq.read_table(tmp_path / "out.parquet")["prediction"].to_pylist() == [2]


def test_the_words_are_those_of_the_installed_pandas() -> None:
    from pandas._libs.parsers import STR_NA_VALUES

    assert set(CSV_NULLS) == STR_NA_VALUES
    assert len(set(CSV_NULLS)) == len(CSV_NULLS)
