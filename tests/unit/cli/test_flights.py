"""`trimtab flights`: lists, shows, verifies, and says a word where no director runs."""

from __future__ import annotations

import json

import pytest
from tests.doubles.flying import flying

from trimtab.ops.flights.book import Book
from trimtab.release.flight.plan import Limit, Plan
from trimtab.release.ledger.flights import Begun, Ended
from trimtab.release.ledger.ledger import FILE, Ledger


def book(here):
    return Book(Ledger(here / "ledger"))


def begun(url="http://127.0.0.1:1"):
    return Begun("churn", "churn:next", url, Plan(limits=(Limit("errors", at_most=0.2),)), "uid:0 on host")


def test_without_flights_there_is_nothing_to_list(type_in):
    said = type_in("flights")
    assert (said.status, said.out, said.err) == (0, "", "no flights\n")
    assert json.loads(type_in("flights", "--json").out) == {"flights": []}


def test_flights_are_listed_and_shown(type_in, here):
    one = book(here).begin(begun())
    book(here).note(one.flight, Ended("rolled back", "errors 1.31 % > 0.5 %"))
    other = book(here).begin(begun())
    lines = type_in("flights").out.splitlines()
    assert lines[0].split() == ["flight", "kind", "challenger", "began", "state"]
    assert lines[1].startswith(one.flight)
    assert lines[1].endswith("rolled back")
    assert lines[2].endswith("loading")
    shown = type_in("flights", "show", "churn-1").out
    assert "plan       canary 5 %, 25 %, 50 %, 10 min each, given up after 60 min, alpha 0.05" in shown
    assert shown.splitlines()[-1] == "+0 s       rolled back: errors 1.31 % > 0.5 %"
    plain = json.loads(type_in("flights", "show", other.flight, "--json").out)
    assert [entry["kind"] for entry in plain["entries"]] == ["flight begun"]
    assert type_in("flights", "show", "winback").status == 2


def test_a_ledger_is_verified(type_in, here):
    book(here).begin(begun())
    last = Ledger(here / "ledger").entries()[-1].digest
    assert type_in("flights", "verify").out == f"verified   2 entries, the last is {last}\n"
    path = here / "ledger" / FILE
    path.write_bytes(path.read_bytes() + b"{")
    assert "torn       1 bytes" in type_in("flights", "verify").err
    path.write_text(path.read_text().replace("churn:next", "churn:other"))
    assert "error[P421]: the ledger was changed: entry 1" in type_in("flights", "verify").err


@pytest.mark.parametrize(
    ("word", "says", "store"), [("abort", "rolled back", "sha256:old"), ("promote", "promoted", "churn:next")]
)
def test_a_word_is_done_here_where_no_director_runs(type_in, here, word, says, store):
    with flying(loading_s=0.0) as plane:
        one = book(here).begin(begun(plane.url))
        plane.server.serve(one.flight, "churn:next")
        if word == "promote":
            assert type_in("flights", "pause", "churn").status == 0
        said = type_in("flights", word, "churn")
        assert said.status == 0, said.err
        assert said.out.split("flight")[0].strip() == says
        assert (plane.server.store, plane.server.flight) == (store, "")


def test_to_go_on_needs_a_director(type_in, here):
    book(here).begin(begun())
    said = type_in("flights", "resume", "churn")
    assert said.status == 0
    assert "trimtab fly --resume --endpoint churn" in said.err


def test_where_no_flight_is_on_there_is_nothing_to_say(type_in):
    said = type_in("flights", "abort", "churn")
    assert (said.status, "P427" in said.err) == (2, True)
