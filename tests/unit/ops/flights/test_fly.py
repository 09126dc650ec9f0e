"""Flying behind real routes: begun, gone on with, and a word of a person while somebody directs."""

from __future__ import annotations

import threading
import time

import pytest
from tests.doubles.directing import thumb
from tests.doubles.flying import flying

from trimtab.core.errors import UserError
from trimtab.ops.flights.book import Book
from trimtab.ops.flights.fly import Airfield, ask, fly
from trimtab.ops.flights.helm import helm
from trimtab.ops.flights.server import Reach
from trimtab.release.flight.plan import Plan
from trimtab.release.ledger.flights import Begun
from trimtab.release.ledger.ledger import Ledger

QUICK, LONG = Plan(steps=(0.5,), watch_s=0.0, minimum=5), Plan(steps=(0.5,), watch_s=900.0)


@pytest.fixture
def plane():
    with flying(loading_s=0.0, rate=200.0) as plane:
        yield plane


@pytest.fixture
def field(tmp_path):
    hurry = lambda seconds: time.sleep(seconds / 20)  # noqa: E731 - one word
    reach = lambda standing: Reach(standing.begun.control)  # noqa: E731 - one word
    return Airfield(Book(Ledger(tmp_path)), thumb, reach, sleep=hurry)


def begun(plane, plan=QUICK, challenger="churn:next"):
    return Begun("churn", challenger, plane.url, plan)


def test_a_flight_is_flown_to_its_end(field, plane):
    looks = []
    standing = fly(field, "churn", begun(plane), looks.append)
    assert standing.ended.outcome == "promoted"
    assert (standing.champion, standing.challenger) == ("sha256:old", "churn:next")
    assert looks[-1].standing == standing


def test_the_same_challenger_again_goes_on_with_the_flight_that_is_on(field, plane):
    on = field.book.begin(begun(plane))
    standing = fly(field, "churn", begun(plane, LONG), lambda _: None)
    assert (standing.flight, standing.begun.plan) == (on.flight, QUICK)
    on = field.book.begin(begun(plane, challenger="churn:other"))
    assert fly(field, "churn", None, lambda _: None).flight == on.flight


def test_another_challenger_is_refused_while_a_flight_is_on(field, plane):
    field.book.begin(begun(plane))
    with pytest.raises(UserError, match="of `churn:next` is on") as caught:
        fly(field, "churn", begun(plane, challenger="churn:other"), lambda _: None)
    assert caught.value.problems[0].code == "P426"


def test_nothing_is_gone_on_with_where_nothing_is_on(field):
    for call in (lambda: fly(field, "churn", None, lambda _: None), lambda: ask(field, "churn", "abort")):
        with pytest.raises(UserError, match="no flight is on at `churn`"):
            call()


def test_a_word_is_taken_up_by_whoever_directs_the_flight(field, plane):
    flown, up = [], threading.Event()

    def look(seen):
        if seen.standing.step >= 0:
            up.set()

    director = threading.Thread(target=lambda: flown.append(fly(field, "churn", begun(plane, LONG), look)))
    director.start()
    assert up.wait(20)
    other = Airfield(Book(Ledger(field.book.ledger.folder)), thumb, field.reach)
    standing, done = ask(other, "churn", "pause")
    assert (standing.phase, done) == ("paused", True)
    standing, done = ask(other, "churn", "resume")
    assert (standing.phase, done) == ("flying", True)
    standing, done = ask(other, "churn", "abort")
    director.join(20)
    assert (standing.ended.outcome, done) == ("rolled back", True)
    assert flown[0].ended == standing.ended
    assert plane.server.flight == ""


def test_a_word_that_nobody_takes_up_is_not_done(field, plane):
    ticks = iter(range(0, 1000, 10))
    on = field.book.begin(begun(plane))
    waiting = Airfield(field.book, thumb, field.reach, clock=lambda: float(next(ticks)), sleep=lambda _: None)
    with helm(field.book.ledger.folder, "churn"):
        standing, done = ask(waiting, "churn", "abort")
    assert (standing.flight, done) == (on.flight, False)
