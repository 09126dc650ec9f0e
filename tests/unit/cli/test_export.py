"""`trimtab export`: answered rows, as a file to train from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.doubles.logged import NOON, Logging, interaction, schema_of

from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.journal.folder import open_folder
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.writer import Writer


@pytest.fixture
def log(here: Path) -> Logging:
    """Two answers and a truth of one, in the journal of this folder."""
    one = Logging(Writer(open_folder(here / "journal")))
    first = one.ask(1, principal="me")
    one.ask(2, rows=2)
    one.tell("truth", id=first, row=0, value=1, name="truth", time=NOON, received=NOON, principal="me", operator=False)
    return one


@pytest.mark.usefixtures("log")
def test_what_was_written_is_told(type_in, here):
    said = type_in("export", "-o", "x.parquet")
    assert (said.status, said.err) == (0, "")
    first, second = said.out.splitlines()
    times = "2026-02-16T12:00:01.000Z to 2026-02-16T12:00:02.000Z"
    assert first == f"exported   3 rows of churn, 1 with truth, {times}"
    assert second.startswith("wrote      x.parquet  ")
    assert len(pd.read_parquet(here / "x.parquet")) == 3


@pytest.mark.usefixtures("log")
def test_options_reach_the_file_and_json_counts_it(type_in, here):
    said = type_in(
        "export", "churn", "-o", "x.csv", "--truth", "required", "--since", "2026-02-16", "--until", "2026-02-17",
        "--revision", "one", "--where", "in_x < 5", "--feedback", "--json",
    )  # fmt: skip
    assert json.loads(said.out) == {
        "endpoint": "churn", "rows": 1, "with_truth": 1, "first": "2026-02-16T12:00:01Z",
        "last": "2026-02-16T12:00:01Z", "moved": {}, "output": "x.csv",
    }  # fmt: skip
    (row,) = pd.read_csv(here / "x.csv").to_dict("records")
    assert (row["x"], row["truth"], row["feedback_count"]) == (1, 1, 0)


def test_a_column_that_gives_way_is_told(type_in, here):
    writer, schema = Writer(open_folder(here / "journal")), schema_of([Field("id", "FP64")])
    number = writer.declare(schema.to_json())
    record = interaction(number, schema, {"id": Column(np.array([1.0]))}, {"y": np.array([2.0])}, id="an-id")
    writer.write([Frame(Kind.INTERACTION, record)])
    assert type_in("export", "-o", "x.csv").err == "moved      `id` is an input, so ours is `log_id`\n"
    (row,) = pd.read_csv(here / "x.csv").to_dict("records")
    assert (row["id"], row["log_id"]) == (1.0, "an-id")


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (("-o", "x.txt", "--where", "in_x; y"), ["P935", "P932"]),
        (("-o", "x.csv", "--where", "nothing > 1"), ["P933"]),
        (("-o", "x.csv", "--where", "in_x > 100"), ["P936"]),
        (("-o", "nowhere/x.csv"), ["P935"]),
        (("-o", "x.csv", "--truth", "maybe"), ["P114"]),
        (("-o", "x.csv", "--journal", "nowhere"), ["P904"]),
        ((), ["P113"]),
    ],
)
def test_what_is_wrong_is_exit_2_and_leaves_no_file(type_in, here, words, codes):
    said = type_in("export", *words, "--json")
    assert (said.status, said.out) == (2, "")
    assert [one["code"] for one in json.loads(said.err)["errors"]] == codes
    assert [path.name for path in here.iterdir()] == ["journal"]


@pytest.mark.usefixtures("log")
def test_a_file_that_is_there_is_kept_unless_told(type_in, here):
    (here / "x.csv").write_text("mine")
    assert type_in("export", "-o", "x.csv").status == 2
    assert (here / "x.csv").read_text() == "mine"
    assert type_in("export", "-o", "x.csv", "--overwrite").status == 0
