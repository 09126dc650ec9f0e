from __future__ import annotations

from trimtab.core.flights import bucket_of
from trimtab.server.gateway.tally import Tally


def test_answers_of_500_and_above_are_errors_and_all_have_a_latency():
    tally = Tally()
    for status in (200, 404, 499, 500, 504):
        tally.answered("challenger", status, 0.01)
    tally.answered("champion", 200, 0.5)
    counts = tally.counts()
    assert (counts.challenger.requests, counts.challenger.errors) == (5, 2)
    assert counts.challenger.latency[bucket_of(0.01)] == 5
    assert (counts.champion.requests, counts.champion.errors, sum(counts.champion.latency)) == (1, 0, 1)


def test_the_slowest_answer_is_that_of_no_error():
    tally = Tally()
    for status, seconds in ((200, 0.2), (200, 0.1), (504, 60.0)):
        tally.answered("champion", status, seconds)
    assert tally.slowest("champion") == 0.2


def test_what_was_counted_before_does_not_change_in_hands_that_have_it():
    tally = Tally()
    before = tally.counts()
    tally.answered("champion", 200, 0.1)
    tally.delayed(0.2)
    assert before.champion.requests == sum(before.delay) == 0
    assert tally.counts().delay[bucket_of(0.2)] == 1
