from __future__ import annotations

import numpy as np
import pytest

from trimtab.release.sequential.tilts import LEAST, THETAS, divided, from_any_start, partly, since

ONE = np.zeros(len(THETAS))


def test_a_unit_that_was_divided_is_still_one_where_nothing_was_won() -> None:
    assert divided(ONE) == 0.0


def test_bets_that_win_much_do_not_overflow() -> None:
    assert divided(np.array([1e5, 0.0])) == pytest.approx(1e5 - np.log(2))


def test_what_is_kept_back_is_never_lost() -> None:
    assert partly(np.full(3, -1e9)) == pytest.approx(LEAST)
    assert partly(ONE) == pytest.approx(0.0)
    assert partly(np.full(3, 50.0)) == pytest.approx(50 + np.log(1 - np.exp(LEAST)))


@pytest.mark.parametrize("strata", [1, 2, 7])
def test_the_parts_of_all_starts_are_at_most_one_unit(strata: int) -> None:
    parts = np.exp(from_any_start(np.zeros(strata)))
    assert 0.79 < parts.sum() <= 1.0
    assert (parts > 0).all()


def test_what_breaks_late_is_not_made_up_for_by_what_was_well_before() -> None:
    won = from_any_start(since(np.array([-50.0, -50.0, 12.0])))
    assert won[0] < 0
    assert won[1] < 0
    assert won[2] == pytest.approx(12 + np.log(0.2 / 6))


def test_many_flights_are_reckoned_as_each_by_itself() -> None:
    won = np.random.default_rng(0).normal(size=(5, 3))
    together = from_any_start(since(won))
    assert [list(row) for row in together] == [pytest.approx(list(from_any_start(since(one)))) for one in won]
