from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from trimtab.core.deployment import Deployment
from trimtab.core.errors import UserError
from trimtab.release.environments import Environment
from trimtab.release.history import about_of, came_from, past_of, pasts_of, releases_of, standing_of, uses_of
from trimtab.release.ledger.lines import FORMAT, OPENING, follow
from trimtab.release.ledger.releases import ReleaseApplied, ReleaseBegun, ReleaseEnded, ReleaseTaken, body_of, kind_of
from trimtab.release.promotion.values import Judgement, Source

A, B, C = (Deployment("churn", "prod", f"sha256:{letter * 64}") for letter in "abc")


class Book:
    """Entries, written as a release would."""

    def __init__(self):
        self.entries = [follow(None, 0.0, OPENING, "", {"format": FORMAT})]

    def add(self, note, environment="prod"):
        last = self.entries[-1]
        about = about_of(environment, "churn")
        self.entries.append(follow(last, last.time + 10, kind_of(note), about, body_of(note)))

    def begun(self, wanted, before=None, **said):
        name = f"r{len(releases_of(self.entries)) + 1}"
        begun = ReleaseBegun(
            name, wanted.environment, wanted, before, Judgement("passed", ()), said.pop("source", Source()), "ann",
            owner="one", lease_s=60.0, **said,
        )  # fmt: skip
        self.add(begun, wanted.environment)
        return name

    def released(self, wanted, before=None, **said):
        name = self.begun(wanted, before, **said)
        self.add(ReleaseEnded(name, "released", wanted), wanted.environment)
        return name

    @property
    def past(self):
        return past_of(self.entries, "prod", "churn")


def test_nothing_was_released_where_nothing_is_written():
    assert past_of([], "prod", "churn").live is None
    assert Book().past.releases == ()
    assert Book().past.back is None


def test_what_ended_last_is_live_and_the_one_before_is_gone_back_to():
    book = Book()
    book.released(A)
    book.released(B, A)
    assert book.past.live == B
    assert book.past.back.name == "r1"
    assert book.past.under_way is None


def test_a_bundle_came_from_where_it_was_last_released_from():
    book = Book()
    book.released(A, source=Source("c1", "refs/heads/main", "ann@example.org"))
    book.released(A, source=Source("c1", "refs/tags/v1", "ann@example.org"))
    book.released(A, why="rollback", to="r1")
    assert came_from(book.entries, A.bundle) == Source("c1", "refs/tags/v1", "ann@example.org")
    assert came_from(book.entries, B.bundle) == Source()


def test_a_second_rollback_goes_further_back_and_never_to_what_was_left():
    book = Book()
    for one in (A, B, C):
        book.released(one)
    book.released(B, C, why="rollback", to="r2")
    assert book.past.live == B
    assert book.past.back.name == "r1"
    book.released(A, B, why="rollback", to="r1")
    assert book.past.back is None
    book.released(C, A)
    assert book.past.back.begun.wanted == A


def test_what_is_released_once_more_unchanged_is_there_once():
    book = Book()
    for one in (A, B, B):
        book.released(one)
    assert book.past.back.begun.wanted == A


def test_other_settings_are_another_release():
    book = Book()
    book.released(A)
    book.released(replace(A, server={"rows": 1}))
    assert book.past.back.begun.wanted == A


def test_what_is_under_way_is_not_live_and_a_rollback_goes_to_what_is():
    book = Book()
    book.released(A)
    name = book.begun(B, A, flight=True)
    book.add(ReleaseApplied(name, "beside", "f1"))
    past = book.past
    assert past.live == A
    assert (past.under_way.name, past.under_way.steps, past.under_way.flight) == (name, ("beside",), "f1")
    assert past.back.name == "r1"


def test_a_lease_begins_anew_with_each_entry_and_moves_with_whoever_takes_it():
    book = Book()
    name = book.begun(B)
    assert book.past.under_way.lease == 70.0
    book.add(ReleaseApplied(name, "beside"))
    assert book.past.under_way.lease == 80.0
    book.add(ReleaseTaken(name, "bob", "two", 5.0))
    way = book.past.under_way
    assert (way.by, way.owner, way.lease, way.takeovers) == ("bob", "two", 35.0, 1)
    book.add(ReleaseTaken(name, "bob", "two", 5.0))
    assert book.past.under_way.takeovers == 1
    assert book.past.under_way.begun.by == "ann"


def test_what_a_flight_sent_back_is_refused_until_it_is_released():
    book = Book()
    book.released(A)
    name = book.begun(B, A, flight=True)
    book.add(ReleaseEnded(name, "rolled back", A, "errors 9 %", flight="f1"))
    assert book.past.live == A
    assert book.past.releases[-1].flight == "f1"
    standing = standing_of(book.entries, Environment("prod", after="dev"), "churn")
    assert standing.refused == ((B.bundle, "errors 9 %"),)
    assert (standing.live, standing.before) == (A.bundle, frozenset())
    book.released(B, A)
    assert book.past.refused == {}


def test_what_was_sent_back_without_a_flight_may_come_again():
    book = Book()
    for flight in (False, True):  # wanted, and never begun: a tag moved, a challenger did not come up
        name = book.begun(B, flight=flight)
        book.add(ReleaseEnded(name, "rolled back", None, "it did not come up"))
        assert book.past.refused == {}


def test_environments_know_nothing_of_each_other_but_their_order():
    book = Book()
    book.released(replace(A, environment="dev"))
    book.released(B)
    assert set(pasts_of(book.entries)) == {("dev", "churn"), ("prod", "churn")}
    assert standing_of(book.entries, Environment("prod", after="dev"), "churn").before == {A.bundle}


def test_what_is_live_under_way_or_next_in_a_rollback_is_needed():
    book = Book()
    for one in (A, B):
        book.released(one)
    assert uses_of(book.past) == {B.bundle: "live", A.bundle: "rollback"}
    book.begun(C, B)
    assert uses_of(book.past) == {C.bundle: "under way", B.bundle: "live"}


def test_entries_of_flights_are_passed_over():
    book = Book()
    book.entries.append(follow(book.entries[-1], 5.0, "flight begun", "churn-1", {}))
    book.add(ReleaseEnded("r9", "released", A))
    assert releases_of(book.entries) == {}


@pytest.mark.parametrize("how", ["another body", "the same name", "about another"])
def test_what_no_release_says_is_refused_though_the_chain_holds(how):
    book = Book()
    book.released(A)
    last, good = book.entries[-1], body_of(releases_of(book.entries)["r1"].begun)
    body = {"release": "r2"} if how == "another body" else {**good, "release": "r1" if how == "the same name" else "r2"}
    about = "dev/churn" if how == "about another" else "prod/churn"
    book.entries.append(follow(last, 99.0, "release begun", about, body))
    with pytest.raises(UserError) as refused:
        releases_of(book.entries)
    assert refused.value.problems[0].code == "P470"
    assert "entry 3 of the record" in refused.value.problems[0].what


def test_work_grows_with_the_entries_and_no_faster():
    assert work(400) < 6 * work(100)


def work(releases):
    """Calls that it takes to fold that many releases."""
    book, calls = Book(), 0
    for number in range(releases):
        name, wanted = f"r{number + 1}", (A, B)[number % 2]
        why, to = ("rollback", f"r{number - 1}") if number % 10 == 9 else ("release", "")
        note = ReleaseBegun(name, "prod", wanted, None, Judgement("passed", ()), Source(), "ann", why=why, to=to)
        book.add(note)
        book.add(ReleaseEnded(name, "released", wanted))

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        pasts_of(book.entries)
    finally:
        sys.setprofile(None)
    return calls
