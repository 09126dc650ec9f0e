"""What waits, in which order, and how that is told to whoever asks."""

from __future__ import annotations

import pytest
from tests.doubles.harbour import seal

from trimtab.core.errors import OutsideError, Problem
from trimtab.journal.ship.logbook import Logbook
from trimtab.journal.ship.sealed import Sealed, sealed_files
from trimtab.journal.ship.standing import shipping_status, standing_of, waiting
from trimtab.journal.ship.state import State

FILES = [Sealed(f"truth/{name}", 10, "1", float(age)) for age, name in enumerate("abcd")]


def order(state, files=FILES):
    return "".join(sealed.name[-1] for sealed in waiting(state, files))


def test_the_oldest_goes_first_and_what_is_there_stays():
    assert order(State()) == "abcd"
    assert order(State(shipped={"truth/b": "1"})) == "acd"


def test_what_was_changed_after_it_was_shipped_goes_before_all_others():
    assert order(State(shipped={"truth/c": "0"})) == "cabd"


def test_what_failed_goes_behind_what_did_not():
    assert order(State(trouble={"truth/a": 2, "truth/b": 1})) == "cdba"
    assert order(State(shipped={"truth/a": "0"}, trouble={"truth/a": 1})) == "bcda"


def test_a_standing_is_all_of_it_in_numbers():
    state = State(
        "s3://b",
        ("truth",),
        shipped={"truth/a": "1", "truth/gone": "1"},
        damaged={"truth/b": ("1", "so", 0.0), "truth/c": ("0", "so", 0.0)},
        failures=2,
        since=3.0,
        next_try=9.0,
        problem=Problem("P966", "x"),
        lost_files=4,
        lost_bytes=5,
    )
    standing = standing_of(state, FILES)
    assert (standing.destination, standing.shipped) == ("s3://b", 1)
    assert (standing.waiting, standing.waiting_bytes, standing.oldest, standing.damaged) == (3, 30, 1.0, 1)
    assert (standing.lost_files, standing.lost_bytes) == (4, 5)
    assert (standing.failures, standing.since, standing.next_try) == (2, 3.0, 9.0)
    assert standing.problem == Problem("P966", "x")
    assert standing_of(State(), []).oldest is None


def test_the_status_of_a_journal_is_that_of_each_of_its_destinations(journal):
    assert shipping_status(journal) == []
    seal(journal, 1)
    seal(journal, 2, stream="gaps")
    (first, second) = sealed_files(journal)
    all_of_it = Logbook(journal / "spool/s3-00.log", "s3://b", ("interactions", "gaps"))
    all_of_it.note("shipped", name=first.name, version=first.version)
    Logbook(journal / "spool/kafka-00.log", "kafka://b:1/t", ("interactions",)).note("begun")
    kafka, s3 = shipping_status(journal)
    assert (kafka.destination, kafka.waiting, kafka.waiting_bytes, kafka.shipped) == ("kafka://b:1/t", 1, first.size, 0)
    assert (s3.destination, s3.waiting, s3.waiting_bytes, s3.shipped) == ("s3://b", 1, second.size, 1)
    (journal / "spool/s3-00.log.retired").touch()
    assert len(shipping_status(journal)) == 2


def test_a_status_that_cannot_be_read_is_no_empty_one(journal):
    (journal / "spool/s3-00.log").mkdir()
    with pytest.raises(OutsideError, match="P967"):
        shipping_status(journal)
