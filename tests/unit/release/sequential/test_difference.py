from __future__ import annotations

import numpy as np
import pytest

from trimtab.release.sequential.difference import worse, worse_at

MARGIN = 0.01
PAIRS = [
    ((8, 100), (40, 1900)),
    ((0, 50), (0, 50)),
    ((0, 100), (0, 100)),
    ((3, 3), (0, 0)),
    ((0, 0), (9, 9)),
    ((50, 500), (30, 3000)),
    ((160, 2000), (40, 2000)),
    ((5, 20), (3, 7)),
    ((40, 1900), (8, 100)),
]


@pytest.mark.parametrize("margin", [MARGIN, -MARGIN, 0.0])
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_of_all_shares_that_counts_where_least_is_won(one, other, margin: float) -> None:
    tried = np.linspace(max(0.0, -margin), min(1.0, 1.0 - margin), 100_001)
    least = worse_at(one, other, margin, tried).min()
    assert min(least, 19.0) - 0.45 - 0.06 * abs(least) <= worse(one, other, margin) <= least + 1e-9


@pytest.mark.parametrize("share", [0.0, 0.001, 0.02, 0.4, 0.98])
def test_at_the_true_share_the_expected_capital_is_no_more_than_the_unit(share: float) -> None:
    mine = share + MARGIN
    asked = [worse_at((hit, 1), (0, 0), MARGIN, share) for hit in (0, 1)]
    assert (1 - mine) * np.exp(asked[0]) + mine * np.exp(asked[1]) <= 1 + 1e-12
    other = [worse_at((0, 0), (hit, 1), MARGIN, share) for hit in (0, 1)]
    assert (1 - share) * np.exp(other[0]) + share * np.exp(other[1]) <= 1 + 1e-12


def test_a_challenger_that_fails_is_seen_after_a_few_answers() -> None:
    assert worse((4, 4), (1, 80), MARGIN) > -np.log(0.0125)


def test_two_arms_alike_are_never_found_to_differ_but_in_time_to_be_alike() -> None:
    assert worse((200, 10_000), (200, 10_000), MARGIN) < 0
    assert worse((200, 10_000), (200, 10_000), -MARGIN) > -np.log(0.05)


def test_how_many_are_asked_in_each_arm_may_be_anything() -> None:
    for mine, theirs in ((60, 60_000), (600, 600), (60_000, 600)):
        assert worse((mine // 4, mine), (theirs // 100, theirs), MARGIN) > -np.log(0.05)


def test_what_one_arm_does_alone_proves_nothing() -> None:
    assert worse((0, 0), (500, 1000), MARGIN) <= 0
    assert worse((1000, 1000), (0, 0), MARGIN) <= 1e-9
    assert worse((0, 1000), (0, 0), -MARGIN) <= 0


def test_arrays_are_reckoned_as_numbers() -> None:
    mine, theirs = (np.array([0.0, 9.0]), np.array([20.0, 90.0])), (np.array([5.0, 2.0]), np.array([300.0, 10.0]))
    alone = [float(worse((mine[0][at], mine[1][at]), (theirs[0][at], theirs[1][at]), MARGIN)) for at in range(2)]
    assert list(worse(mine, theirs, MARGIN)) == pytest.approx(alone)
