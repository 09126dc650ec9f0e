"""Waits grow to a limit and are all chance, so that many that failed together do not come back together."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from trimtab.journal.ship.retry import FIRST_S, LONGEST_S, due, next_try


@given(st.integers(1, 10**9), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_never_longer_than_a_quarter_of_an_hour(failures, chance):
    assert 0 <= next_try(failures, chance) < LONGEST_S


def test_the_bound_doubles():
    assert [next_try(failures, 0.999999) for failures in (1, 2, 3, 4)] == [
        bound * 0.999999 for bound in (FIRST_S, 2 * FIRST_S, 4 * FIRST_S, 8 * FIRST_S)
    ]
    assert next_try(8, 0.5) == LONGEST_S / 2
    assert next_try(5, 0.0) == 0.0


def test_a_thousand_machines_that_were_cut_off_come_back_evenly():
    chance = random.Random(6)
    waits = [next_try(20, chance.random()) for _ in range(1000)]
    minutes = [sum(1 for wait in waits if minute * 60 <= wait < minute * 60 + 60) for minute in range(15)]
    assert sum(minutes) == 1000
    assert max(minutes) < 110  # 67 each, were it without chance


@given(st.floats(0, 4e9), st.floats(0, LONGEST_S))
def test_it_is_due_when_its_time_has_come_and_when_the_clock_was_set_back(now, wait):
    assert due(now + wait, now)
    assert due(now, now + LONGEST_S + 1)
    assert not due(now, now + 1)
