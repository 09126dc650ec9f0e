"""`trimtab replay`: options to the run, a report out, and exit statuses. The runs themselves: `tests/system/replay`."""

import json
from contextlib import closing

import numpy as np
import pytest
from tests.doubles.logged import DAY, NOON, interaction, schema_of

from trimtab.cli.replay import _Since, _teller
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.journal.folder import open_folder
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.writer import Writer

X = Field("x", "FP64", nullable=True)


def log(folder, answers, first=0, **facts):
    """Requests of one row whose x is their number, from the first on, and what was answered."""
    schema = schema_of((X,), (X,), "copy")
    with closing(Writer(open_folder(folder))) as writer:
        number = writer.declare(schema.to_json())
        for at, answer in enumerate(answers, first):
            told = {"id": f"0123456789ababcdefghijkl-{at:x}", "time": NOON + at * DAY} | facts
            record = interaction(number, schema, {"x": Column(np.array([at * 1.0]))}, {"x": np.array([answer])}, **told)
            writer.write([Frame(Kind.INTERACTION, record)])


@pytest.fixture
def journal(here, answering):
    log(here / "journal", [0.0, 1.0, 2.5, 3.0])
    return answering


def test_the_report_is_lines_of_words(type_in, journal):
    said = type_in("replay", "copy")
    assert said.status == 0, said.err
    lines = said.out.splitlines()
    assert [line.split()[0] for line in lines] == ["replayed", "candidate", "against", "decision", "changed", "number"]
    assert lines[0] == "replayed   4 decisions of `copy`, 2026-02-16 12:00:00 to 2026-02-19 12:00:00 UTC"
    assert lines[1].endswith(journal.digest)
    assert lines[4].startswith("changed    25 % (")
    assert "`x` moves in 25 % of rows; quantiles of all -0.5 (1 %)" in lines[5]


@pytest.mark.usefixtures("journal")
def test_options_reach_the_run_and_json_has_all_of_it(type_in, here):
    said = type_in(
        "replay", "copy", "--since", "2d", "--until", "2026-02-19", "--threshold", "x=2.2", "--page", "r.html", "--json"
    )  # fmt: skip
    report = json.loads(said.out)
    assert (report["first"], report["last"]) == ("2026-02-16T12:00:00Z", "2026-02-18T12:00:00Z")
    assert (report["changed"]["count"], report["changed"]["rows"]) == (1, 3)
    assert report["moves"][0]["before"] == ">= 2.2"
    assert said.err.splitlines()[-1] == "wrote      r.html"
    assert (here / "r.html").read_text().startswith("<!doctype html>")


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("--at-most", "10%"), 1, "P976"),
        (("--at-most", "ten"), 2, "P975"),
        (("--threshold", "y=1"), 2, "P975"),
        (("--threshold", "x"), 2, "P975"),
        (("--decision", "y"), 2, "P975"),
        (("--without", "y"), 2, "P975"),
        (("--endpoint", "copies"), 2, "P972"),
        (("--since", "yesterday"), 2, "P114"),
        (("--until", "2020-01-01"), 2, "P971"),
        (("--journal", "other"), 2, "P904"),
        (("--page", "none/r.html"), 3, "P977"),
        (("--against", "other"), 2, "P230"),
        (("--sample", "0"), 2, "P114"),
    ],
)
def test_what_is_wrong_is_said_with_its_status(type_in, words, status, code):
    said = type_in("replay", "copy", *words)
    assert said.status == status
    assert f"error[{code}]" in said.err
    assert (said.out != "") == (code == "P976")


@pytest.mark.usefixtures("answering")
def test_failures_are_told_and_what_has_an_answer_now(type_in, here):
    log(here / "journal", [1.0, 2.0], status=500, error="P310")
    said = type_in("replay", "copy")
    assert "P971" in said.err
    log(here / "journal", [5.0], first=5)
    said = type_in("replay", "copy")
    assert "recovered  2 of 2 rows that had no answer then" in said.out


@pytest.mark.usefixtures("journal")
def test_latency_is_told_only_where_it_is_asked_for(type_in):
    said = type_in("replay", "copy", "--timing")
    assert "latency    a row " in said.out
    assert "recorded   a request of one row 1 ms, 99 % within 1 ms" in said.out


def test_a_span_is_before_the_newest_and_a_time_is_itself():
    kind = _Since()
    assert kind.convert("7d", None, None) == -7 * DAY
    assert kind.convert("1970-01-02", None, None) == DAY
    assert kind.convert(-5.0, None, None) == -5.0


def test_progress_is_told_now_and_then(capsys):
    times = iter([0.0, 1.0, 6.0, 6.0, 7.0])
    tell = _teller(lambda: next(times))
    for rows in (1, 2, 3):
        tell("replayed", f"{rows} rows")
    assert capsys.readouterr().err == "replayed   2 rows\n"
