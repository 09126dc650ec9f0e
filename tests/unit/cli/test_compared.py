"""The arms of a flight beside what was decided, by the ledger and by a journal."""

from __future__ import annotations

import json

import pytest
from tests.doubles.flights_logged import flown_into
from tests.doubles.logged import NOON

from trimtab.core.flights import ArmCounts, Counts
from trimtab.ops.flights.book import Book
from trimtab.release.flight.plan import Plan
from trimtab.release.flight.states import Action, Stratum
from trimtab.release.ledger.flights import Begun, Decided, Ended
from trimtab.release.ledger.ledger import Ledger


@pytest.fixture
def flight(here):
    """One that was rolled back, with its evidence."""
    times = iter([NOON, NOON + 30, NOON + 40])
    book = Book(Ledger(here / "ledger", clock=lambda: next(times)))
    standing = book.begin(Begun("churn", "churn:next", "http://127.0.0.1:1", Plan()))
    counts = Counts(ArmCounts(9000, 90), ArmCounts(1000, 100))
    action = Action("roll back", "rolling back", 0, 0.0, "errors 10 % > 5 %")
    book.note(standing.flight, Decided(action, (Stratum(0.1, 60.0, counts),)))
    book.note(standing.flight, Ended("rolled back", "errors 10 % > 5 %"))
    return standing.flight


def test_by_the_ledger(type_in, flight, here):
    said = type_in("flights", "show", flight, "--page", "page.html").out
    assert "errors     the challenger's error rate is 9 points higher" in said
    assert (here / "page.html").exists()
    plain = json.loads(type_in("flights", "show", flight, "--json").out)
    assert plain["readout"]["effects"][0]["proved"] == "worse"


def test_by_the_journal_and_its_columns(type_in, flight, here):
    flown_into(here / "journal", 500)
    said = type_in("flights", "show", flight, "--journal", "journal", "--by", "plan")
    assert said.status == 0, said.err
    assert "part       plan = `family`: " in said.out
    own = json.loads(type_in("flights", "show", flight, "--journal", "journal", "--json").out)["readout"]["effects"][0]
    assert own["champion"]["n"] + own["challenger"]["n"] == 400  # what was asked while it was on


def test_without_evidence_there_is_nothing_to_compare(type_in, here):
    book = Book(Ledger(here / "ledger"))
    standing = book.begin(Begun("churn", "churn:next", "http://127.0.0.1:1", Plan()))
    assert json.loads(type_in("flights", "show", standing.flight, "--json").out)["readout"] is None
    assert "sure" not in type_in("flights", "show", standing.flight).out


def test_a_journal_without_the_flight_is_named(type_in, flight, here):
    flown_into(here / "journal", 10)
    said = type_in("flights", "show", flight, "--journal", "journal", "--by", "colour")
    assert (said.status, "P933" in said.err) == (2, True)
