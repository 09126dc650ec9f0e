"""`trimtab forget`: from a real journal, and what is said of it."""

from __future__ import annotations

import io
import json

import pytest
from tests.doubles.logged import DAY, NOON
from tests.doubles.people import People

from trimtab.journal.folder import open_folder
from trimtab.journal.privacy.keys import open_keys
from trimtab.journal.query.session import open_journal

PROJECT = 'name = "churn"\n[model]\npath = "m:a"\n[server.log]\nfolder = "kept"\n'


def filled(folder, given=None):
    """Anna was here on two days, and something was said of it."""
    people = People(folder, open_keys(folder, given))
    people.tell("truth", people.ask("anna"), "anna")
    people.ask("anna", "bert", time=NOON + DAY)
    people.ask("bert")
    return people


@pytest.fixture
def people(here):
    return filled(open_folder(here / "journal"))


def test_a_person_is_forgotten_and_it_is_said(type_in, people, here):
    people.end()
    said = type_in("forget", "anna")
    (stone,) = (here / "journal/forgotten").glob("2*.json")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        "forgotten  2 rows of churn on 2 days",
        "truth      1 entry",
        f"tombstone  {stone}",
    ]
    assert people.left("said of anna") == []
    assert type_in("forget", "anna").out.splitlines()[0] == "forgotten  no row: nothing is there of that subject"


def test_as_json_for_a_program(type_in, people):
    people.end()
    told = json.loads(type_in("forget", "anna", "--json").out)
    assert told["subject"] == people.keys.subject("anna")
    assert told["rows"] == {"churn": {"2026-02-16": 1, "2026-02-17": 1}}
    assert (told["truth"], told["feedback"], told["done"], told["waits"]) == (1, 0, True, [])


def test_whoever_it_is_can_be_said_where_nobody_looks(type_in, people, monkeypatch):
    people.end()
    monkeypatch.setattr("sys.stdin", io.StringIO("anna\n"))
    assert type_in("forget", "-").out.startswith("forgotten  2 rows")


def test_nothing_is_shown_any_more_of_what_is_still_being_written(people, here):
    from trimtab.journal.privacy.tombstones import begin

    with open_journal(here / "journal") as journal:
        assert journal.sql("SELECT count(*) FROM interactions").fetchall() == [(4,)]
    begin(people.folder, people.keys.subject("anna"), NOON + 9 * DAY, [])
    with open_journal(here / "journal") as journal:
        assert journal.sql("SELECT DISTINCT in_plan FROM interactions").fetchall()
        assert journal.sql("SELECT count(*) FROM interactions").fetchall() == [(2,)]
    people.end()


def test_sealing_by_hand_cleans_as_well(type_in, people):
    from trimtab.journal.privacy.tombstones import begin

    begin(people.folder, people.keys.subject("anna"), NOON + 9 * DAY, [])
    people.end()
    assert type_in("log", "--seal").status == 0
    assert people.left("said of anna") == []


def test_the_project_knows_its_journal_and_its_secret(type_in, here):
    secret = b"a secret that replicas share"
    (here / "shared").write_bytes(secret + b"\n")
    (here / "trimtab.toml").write_text(PROJECT + 'secret = "shared"\nsubject = "who"\n')
    filled(open_folder(here / "kept"), secret).end()
    assert type_in("forget", "anna").out.startswith("forgotten  2 rows")
    said = type_in("forget", "bert", "--journal", "kept")
    assert (said.status, "none is given" in said.err) == (2, True)
    assert type_in("forget", "bert", "--journal", "kept", "--secret", "shared").out.startswith("forgotten  2 rows")
    assert "cannot be read" in type_in("forget", "bert", "--journal", "kept", "--secret", "none").err


def test_where_nobody_is_told_apart_it_is_said(type_in, here):
    (here / "trimtab.toml").write_text(PROJECT)
    filled(open_folder(here / "kept")).end()
    assert type_in("forget", "anna").err.startswith("no `subject` in `[server.log]`")


@pytest.mark.parametrize(
    ("words", "code"),
    [(("forget", ""), "P955"), (("forget", "anna", "--journal", "elsewhere"), "P904"), (("forget",), "P113")],
)
def test_what_is_wrong_is_said_and_nothing_is_made(type_in, people, here, words, code):
    people.end()
    said = type_in(*words)
    assert (said.status, code in said.err) == (2, True)
    assert not (here / "elsewhere").exists()
    assert not list((here / "journal/forgotten").glob("*.json"))


def test_a_journal_without_keys_has_nobody(type_in, here):
    open_folder(here / "journal")
    said = type_in("forget", "anna")
    assert (said.status, "has no keys" in said.err) == (2, True)
    assert not (here / "journal/keys.json").exists()
