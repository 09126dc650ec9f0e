from __future__ import annotations

from pathlib import Path

import pytest
from tests.doubles.airborne import Clock
from tests.doubles.directing import MemoryLedger

from trimtab.ops.flights.book import Book
from trimtab.ops.flights.fly import Airfield
from trimtab.ops.release.flown import FlownReleases, flown_of
from trimtab.release.flight.plan import Plan
from trimtab.release.flight.states import Action, Finding
from trimtab.release.ledger.flights import Applied, Begun, Decided, Ended


class Ledger(MemoryLedger):
    """One that is somewhere."""

    @property
    def folder(self):
        return Path.cwd() / "ledger/prod"


@pytest.fixture
def book():
    return Book(Ledger(Clock()))


def begun(book, release):
    return book.begin(Begun("churn", "sha256:new", "http://here", Plan(), release=release), lambda count: b"a" * count)


def ended(book, flight):
    found = Finding("errors", 0.01, "FAIL", 0.9, 0.8, 1.0, 30, "errors 90 % > 1 %, n 30")
    book.note(flight, Applied("begin", "flying", 0, 0.05))
    book.note(flight, Decided(Action("roll back", "rolling back", 0, 0.0, "errors 90 % is above 1 %", (found,))))
    book.note(flight, Ended("rolled back", "errors 90 % is above 1 %"))


def test_a_flight_is_known_by_its_release(book):
    flights = FlownReleases(Airfield(book, None, None), Plan(), lambda _: None)
    assert flights.known("r1") is None
    first = begun(book, "r1").flight
    assert (flights.known("r1").flight, flights.known("r1").outcome) == (first, None)
    ended(book, first)
    begun(book, "r2")
    known = flights.known("r1")
    assert (known.outcome, known.where, known.ledger) == ("rolled back", "limits.errors", "ledger/prod")
    assert known.why == "errors 90 % is above 1 % at 5 %"
    assert flights.known("r3") is None


def test_what_was_measured_is_evidence(book):
    ended(book, begun(book, "r1").flight)
    (standing,) = book.flights().values()
    (measure,) = flown_of(standing, "ledger").measures
    assert (measure.name, measure.value, measure.limit, measure.verdict, measure.count) == (
        "errors", 0.9, 0.01, "FAIL", 30,
    )  # fmt: skip
