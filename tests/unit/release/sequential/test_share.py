from __future__ import annotations

import numpy as np
import pytest

from trimtab.release.sequential.share import at_least, at_most, few, less, many, more
from trimtab.release.sequential.tilts import divided

ALPHA = 0.05


def test_without_answers_nothing_is_known() -> None:
    assert (float(at_least(0, 0, ALPHA)), float(at_most(0, 0, ALPHA))) == (0.0, 1.0)


@pytest.mark.parametrize(("hits", "count"), [(0, 1), (1, 1), (0, 500), (12, 500), (499, 500), (500, 500)])
def test_the_bounds_hold_the_share_that_was_seen(hits: int, count: int) -> None:
    low, high = float(at_least(hits, count, ALPHA)), float(at_most(hits, count, ALPHA))
    assert 0.0 <= low <= hits / count <= high <= 1.0


def test_more_answers_bring_the_bounds_together() -> None:
    widths = [float(at_most(n // 50, n, ALPHA) - at_least(n // 50, n, ALPHA)) for n in (100, 1000, 10_000, 100_000)]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.005


def test_a_few_failures_in_a_row_are_enough_where_nearly_none_may_be() -> None:
    assert float(at_least(5, 5, ALPHA)) > 0.3
    assert divided(more(3, 3, 0.005)) > -np.log(ALPHA)


def test_where_a_single_bet_has_won_the_bound_is_at_the_limit() -> None:
    bound = float(at_least(40, 1000, ALPHA))
    assert more(40, 1000, bound).max() - np.log(12) == pytest.approx(-np.log(ALPHA))
    bound = float(at_most(40, 1000, ALPHA))
    assert less(40, 1000, bound).max() - np.log(12) == pytest.approx(-np.log(ALPHA))


@pytest.mark.parametrize("count", [50, 1000, 20_000])
def test_the_numbers_of_hits_agree_with_the_bounds(count: int) -> None:
    most, least = int(np.ceil(many(count, 0.1, ALPHA))), int(np.floor(few(count, 0.1, ALPHA)))
    assert at_least(most, count, ALPHA) >= 0.1 > at_least(most - 1, count, ALPHA)
    if least >= 0:
        assert at_most(least, count, ALPHA) <= 0.1
    assert at_most(least + 1, count, ALPHA) > 0.1


@pytest.mark.parametrize("share", [0.005, 0.3])
def test_the_expected_capital_of_every_bet_is_no_more_than_the_unit(share: float) -> None:
    for bets, truth in ((more, share), (more, share / 2), (less, share), (less, min(1.0, share * 2))):
        won = truth * np.exp(bets(1, 1, share)) + (1 - truth) * np.exp(bets(0, 1, share))
        assert (won <= 1 + 1e-12).all()


def test_arrays_are_reckoned_as_numbers() -> None:
    hits, counts = np.array([0.0, 3.0, 40.0]), np.array([10.0, 100.0, 100.0])
    for bound in (at_least, at_most):
        assert list(bound(hits, counts, ALPHA)) == [
            float(bound(*pair, ALPHA)) for pair in zip(hits, counts, strict=True)
        ]
