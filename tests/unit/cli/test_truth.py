"""`trimtab truth`: a file into a real journal, and what is known afterwards."""

import json

import pytest
from tests.doubles.logged import INTERACTION_ID, Logging

from trimtab.journal.folder import open_folder
from trimtab.journal.query.session import open_journal
from trimtab.journal.segments.writer import Writer


@pytest.fixture
def journal(here):
    """Ten answers, of requests of two rows that their caller numbered; x is what was asked."""
    writer = Writer(open_folder(here / "journal"))
    logging = Logging(writer)
    for at in range(10):
        logging.ask(at, rows=2, request_id=f"order-{at}", principal="key:shop")
    writer.close()
    return here / "journal"


def joined(path, name="truth"):
    column = "truth" if name == "truth" else f"truth_{name}"
    with open_journal(path) as found:
        sql = f"SELECT id, row, {column} FROM joined WHERE {column} IS NOT NULL ORDER BY ALL"  # noqa: S608 - ours
        return found.sql(sql).fetchall()


def test_ids_of_answers_and_of_requests_are_joined(type_in, journal, here):
    (here / "late.csv").write_text(f"id,value,row\n{INTERACTION_ID}3,1,1\norder-4,0,\norder-5,,\nnobody,1,0\n")
    said = type_in("truth", "late.csv")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        "kept       3 entries of `truth`, values are numbers",
        "empty      1 row without a value",
    ]
    assert joined(journal) == [(f"{INTERACTION_ID}3", 1, 1), (f"{INTERACTION_ID}4", 0, 0)]


def test_a_second_run_changes_nothing(type_in, journal, here):
    (here / "late.jsonl").write_text('{"order": "order-1", "delay": 12.5, "at": "2026-02-20"}\n')
    words = ("truth", "late.jsonl", "--id", "order", "--value", "delay", "--time", "at", "--name", "delay", "--json")
    first, second = type_in(*words), type_in(*words)
    assert json.loads(first.out) == {"entries": 1, "empty": 0, "lost": 0, "journal": str(journal)}
    assert first == second
    assert joined(journal, "delay") == [(f"{INTERACTION_ID}1", 0, 12.5)]
    status = json.loads(type_in("truth", "--status", "--json").out)
    assert (status["entries"], status["again"], status["unknown"]) == (1, 1, 0)


def test_answers_are_found_by_an_input(type_in, journal, here):
    (here / "paid.csv").write_text("number,paid,row\n3,true,7\n99,true,7\n")
    said = type_in("truth", "paid.csv", "--by", "number=in_x", "--value", "paid")
    assert said.out.splitlines() == [
        "kept       2 entries of `truth`, values are booleans",
        "lost       1 row that no answer was found for",
    ]
    assert joined(journal) == [(f"{INTERACTION_ID}2", 1, True), (f"{INTERACTION_ID}3", 0, True)]
    (here / "plan.csv").write_text("plan,kept\nplan 7,no\n")
    assert type_in("truth", "plan.csv", "--by", "plan", "--value", "kept", "--name", "kept").status == 0
    assert joined(journal, "kept") == [(f"{INTERACTION_ID}7", row, "no") for row in (0, 1)]


@pytest.mark.usefixtures("journal")
def test_what_is_known_is_shown(type_in, here):
    (here / "late.csv").write_text("".join(["id,value\n", *(f"order-{at},1\n" for at in range(5))]))
    type_in("truth", "late.csv", "--text")
    said = type_in("truth", "--status")
    lines = said.out.splitlines()
    assert lines[:3] == [
        "answers    20 rows",
        "truth      5 entries, 0 said again, 0 of no answer known so far",
        "feedback   0 entries, 0 of no answer known so far",
    ]
    assert lines[5].split()[:6] == ["churn", "truth", "20", "5", "25.0%", "0"]


def test_the_projects_journal_is_the_one_that_is_meant(type_in, project, journal):
    with (project / "trimtab.toml").open("a") as file:
        file.write('[server.log]\nfolder = "kept/here"\n')
    (project / "late.csv").write_text("id,value\norder-1,1\n")
    assert "P904" in type_in("truth", "late.csv").err
    open_folder(project / "kept" / "here")
    assert type_in("truth", "late.csv").status == 0
    assert joined(journal) == []
    assert type_in("truth", "late.csv", "--journal", journal).status == 0
    assert len(joined(journal)) == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "P113"),
        (("late.csv", "--status"), "P114"),
        (("late.csv", "--name", "two words"), "P114"),
        (("late.csv", "--by", "order", "--id", "order"), "P114"),
        (("late.csv", "--by", "order", "--row", "row"), "P114"),
        (("late.csv", "--by", "id=in_order"), "P947"),
        (("late.csv", "--value", "valeu"), "P709"),
        (("gone.csv",), "P701"),
        (("bad.csv",), "P942"),
        (("late.csv", "--journal", "elsewhere"), "P904"),
        (("--status", "--journal", "elsewhere"), "P904"),
    ],
)
def test_what_is_wrong_is_exit_2_and_changes_nothing(type_in, journal, here, words, code):
    (here / "late.csv").write_text("id,value\norder-1,1\n")
    (here / "bad.csv").write_text("id,value\norder-1,1\n,1\n")
    said = type_in("truth", *words)
    assert (said.status, said.out) == (2, "")
    assert f"error[{code}]" in said.err
    with open_journal(journal) as found:
        assert found.sql("SELECT count(*) FROM truth").fetchall() == [(0,)]


@pytest.mark.usefixtures("journal")
def test_every_bad_row_is_named_with_its_line_and_column(type_in, here):
    (here / "bad.csv").write_text("call,value,when\n,1,2026-02-20\norder-1,1,soon\n")
    said = type_in("truth", "bad.csv", "--id", "call", "--time", "when")
    assert said.err == (
        "error[P942]: `call`: it is missing\n  at bad.csv:2\n\n"
        'error[P942]: `when`: `"soon"` is no time\n  at bad.csv:3\n\nhint: ISO 8601, or seconds since 1970\n'
    )
