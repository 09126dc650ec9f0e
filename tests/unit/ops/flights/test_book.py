from __future__ import annotations

import pytest
from tests.doubles.airborne import Clock
from tests.doubles.directing import MemoryLedger

from trimtab.core.errors import UserError
from trimtab.ops.flights.book import Book, here
from trimtab.ops.flights.director import LEASE_S
from trimtab.release.flight.plan import Plan
from trimtab.release.ledger.flights import Begun, Ended

BEGUN = Begun("churn", "churn:next", "http://h:1", Plan())


@pytest.fixture
def book():
    return Book(MemoryLedger(Clock(1000.0)))


def test_flights_have_ids_that_say_whose_they_are_and_that_nobody_else_has(book):
    first = book.begin(BEGUN, lambda count: b"\xab" * count)
    assert first.flight == "churn-1-ababab"
    book.note(first.flight, Ended("promoted"))
    assert book.begin(BEGUN).flight.startswith("churn-2-")
    assert book.begin(Begun("other", "other:next", "", Plan())).flight.startswith("other-1-")


def test_a_flight_that_nobody_directs_is_in_the_way_of_another(book):
    first = book.begin(BEGUN)
    with pytest.raises(UserError, match=f"`{first.flight}` of `churn:next` is on at `churn`") as caught:
        book.begin(BEGUN)
    assert caught.value.problems[0].code == "P426"
    assert "trimtab fly --resume --endpoint churn" in caught.value.problems[0].hint


def test_a_flight_is_gone_on_with_where_it_was(book):
    first = book.begin(BEGUN)
    book.ledger.clock.now += 500
    resumed = book.resume(book.on("churn"), 1500.0, here())
    assert (resumed.flight, resumed.began) == (first.flight, 1000.0)
    assert resumed.step_began == 500 - LEASE_S
    assert book.on("churn") == resumed


def test_a_flight_is_known_by_the_beginning_of_its_id(book):
    first = book.begin(BEGUN, lambda count: b"\x01" * count)
    book.note(first.flight, Ended("promoted"))
    second = book.begin(BEGUN, lambda count: b"\x02" * count)
    assert book.known("churn-2").flight == second.flight
    assert book.known(first.flight).ended == Ended("promoted")
    for wrong, what in (("churn", "2 flights"), ("chrun", "no flight")):
        with pytest.raises(UserError, match=what) as caught:
            book.known(wrong)
        assert caught.value.problems[0].code == "P427"
