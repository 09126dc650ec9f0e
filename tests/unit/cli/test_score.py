"""`trimtab score`: a file of rows in, a Parquet file out."""

import json

import pyarrow.parquet as pq
import pytest

from trimtab.cli.score import _progress


@pytest.fixture
def rows(here):
    (here / "rows.jsonl").write_text('{"x": 1.5, "id": "a"}\n{"x": "no", "id": "b"}\n{"x": 2, "id": "c"}\n')
    (here / "good.jsonl").write_text('{"x": 1.5}\n{"x": 2}\n')
    return here


@pytest.mark.usefixtures("answering")
def test_every_row_has_its_answer_in_order(type_in, rows):
    said = type_in("score", "copy", "good.jsonl", "-o", "out.parquet")
    assert (said.status, said.err) == (0, "")
    words = [line.split()[0] for line in said.out.splitlines()]
    assert words == ["scored", "wrote"]
    assert said.out.startswith("scored     2 rows in ")
    assert pq.read_table(rows / "out.parquet").to_pydict() == {"x": [1.5, 2.0]}


def test_options_reach_the_run_and_json_counts_it(type_in, rows, answering):
    said = type_in(
        "score", "copy", "rows.jsonl", "-o", "out.parquet", "--refused", "bad.jsonl", "--batch-rows", "1", "--json"
    )  # fmt: skip
    plain = json.loads(said.out)
    assert (plain["rows"], plain["refused"], plain["bundle"]) == (3, 1, answering.digest)
    assert json.loads((rows / "bad.jsonl").read_text())["row"] == 1
    assert pq.read_table(rows / "out.parquet").to_pydict() == {"x": [1.5, None, 2.0]}


@pytest.mark.usefixtures("answering", "rows")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("copy", "rows.jsonl", "-o", "out.parquet"), "P710"),
        (("copy", "good.jsonl", "-o", "out.parquet", "--keep", "gone"), "P707"),
        (("copy", "good.jsonl", "-o", "out.parquet", "--batch-rows", "0"), "P114"),
        (("copy", "good.jsonl"), "P113"),
        (("other", "good.jsonl", "-o", "out.parquet"), "P230"),
    ],
)
def test_what_is_wrong_is_exit_2_and_leaves_no_file(type_in, here, words, code):
    said = type_in("score", *words)
    assert (said.status, said.out) == (2, "")
    assert f"error[{code}]" in said.err
    assert not (here / "out.parquet").exists()


@pytest.mark.usefixtures("answering", "rows")
def test_an_output_that_is_there_is_kept_unless_told(type_in, here):
    (here / "out.parquet").write_text("mine")
    assert type_in("score", "copy", "good.jsonl", "-o", "out.parquet").status == 2
    assert (here / "out.parquet").read_text() == "mine"
    assert type_in("score", "copy", "good.jsonl", "-o", "out.parquet", "--overwrite").status == 0


def test_there_is_no_bar_where_nobody_looks():
    with _progress() as progress:
        assert progress is None
