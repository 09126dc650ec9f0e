"""A process that dies at any write of a count has counted too much or nothing, and hurts no other count."""

from __future__ import annotations

from contextlib import suppress

import pytest
from tests.unit.server.guard.shares.conftest import DAY_S, HOUR_S, taken

from trimtab.server.guard.shares.counters import SLOTS


class DyingWords:
    """Words of which no more than so many are written."""

    def __init__(self, words, writes):
        self.words, self.writes = words, writes

    def __getitem__(self, at):
        return self.words[at]

    def __setitem__(self, at, value):
        if not self.writes:
            raise KeyboardInterrupt
        self.writes -= 1
        self.words[at] = value


@pytest.mark.parametrize("later_s", [0, HOUR_S, 1.5 * HOUR_S, 2 * HOUR_S, 9 * HOUR_S])
def test_who_is_killed_while_it_writes_has_counted_too_much_or_nothing(make, times, later_s):
    writes, finished = 0, False
    while not finished:
        killed, other = make(), make()
        spots = killed.spot("a", "r", HOUR_S), other.spot("a", "r", HOUR_S)
        assert (taken(killed, spots[0], 10, 6), taken(other, spots[1], 10, 6)) == (6, 6)
        times.passes(later_s)
        whole = killed._words
        killed._words = DyingWords(whole, writes)
        passed = 0
        with suppress(KeyboardInterrupt):
            passed = int(killed.take(spots[0], 10))
            finished = True
        killed._words = whole
        assert passed + taken(killed, spots[0], 10, 20) <= taken(other, spots[1], 10, 20)
        times.passes(10 * HOUR_S - later_s)
        writes += 1
    assert writes == (2 if later_s == 0 else 5)  # one write more than there are, after each of them


def test_who_is_killed_while_it_takes_a_slot_leaves_all_others_alone(make):
    for writes in range(6):
        counters = make()
        others = [counters.spot(str(n), "r", DAY_S) for n in range(SLOTS)]
        for n, spot in enumerate(others):
            assert taken(counters, spot, 100, n + 1) == n + 1
        whole = counters._words
        counters._words = DyingWords(whole, writes)
        with suppress(KeyboardInterrupt):
            counters.take(counters.spot("new", "r", DAY_S), 100)
        counters._words = whole
        assert [counters.look(spot)[1] for spot in others] == [0, *range(2, SLOTS + 1)]
