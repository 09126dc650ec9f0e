"""Answers that are drawn: as many as described, the same however they are divided."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from trimtab.ops.simulate.source import Described, Stretch
from trimtab.ops.simulate.tally import DIFFERS, FAILED
from trimtab.ops.simulate.world import Side, Truths, World


def drawn(world, stretch, seed=1):
    return Described(world).draw(stretch, np.random.default_rng(seed))


def test_as_many_as_described():
    world = World(100, 0.0, Side(0.02), Side(0.1, shift=1.0), differs=0.2)
    tally = drawn(world, Stretch(0, 10_000, 0.25)).tally
    kinds = tally.answers.sum(axis=2)
    assert_allclose(kinds.sum(axis=1), [750_000, 250_000], rtol=0.01)
    assert_allclose(kinds[:, FAILED] / kinds.sum(axis=1), [0.02, 0.1], rtol=0.02)
    assert_allclose(kinds[1, DIFFERS] / kinds[1].sum(), 0.9 * 0.2, rtol=0.02)
    assert kinds[0, DIFFERS] == 0


def test_a_shadow_leaves_the_champion_everything():
    tally = drawn(World(100), Stretch(0, 1000, 0.5, shadow=True)).tally
    assert_allclose(tally.answers.sum(axis=(1, 2)), [100_000, 50_000], rtol=0.02)


def test_what_is_divided_is_the_same_together():
    chance = np.random.default_rng(1)
    piece = drawn(World(50, daily=0.5, truths=Truths(delay_s=1)), Stretch(1e9, 1e9 + 600, 0.3))
    parts = piece.split(4, chance)
    assert [part.begin for part in parts] == [1e9, 1e9 + 150, 1e9 + 300, 1e9 + 450]
    assert parts[-1].end == piece.end
    for name in ("answers", "values", "truths"):
        assert np.array_equal(sum(getattr(part.tally, name) for part in parts), getattr(piece.tally, name))


def test_parts_are_as_large_as_the_rate_was():
    """From three in the night to three in the afternoon: little first, most at the end."""
    piece = drawn(World(100, daily=1.0), Stretch(3 * 3600, 15 * 3600, 0.0))
    sizes = [part.tally.answers.sum() for part in piece.split(4, np.random.default_rng(1))]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1] / 5


def test_truths_come_late_and_of_what_was_flown():
    world = World(100, champion=Side(quality=0.9), challenger=Side(quality=0.5), truths=Truths("right", 600.0, 0.5))
    early = drawn(world, Stretch(0, 300, 0.5)).tally.truths
    assert early.sum() == 0
    past = ((0.0, 300.0, 0.5),)
    late = drawn(world, Stretch(600, 900, 0.1, past=past)).tally.truths
    assert_allclose(late.sum(axis=1), [7500, 7500], rtol=0.05)
    assert_allclose(late[:, 1] / late.sum(axis=1), [0.9, 0.5], rtol=0.05)


@pytest.mark.parametrize("shadow", [True, False])
def test_nothing_is_asked_of_a_challenger_without_a_share(shadow):
    assert drawn(World(100), Stretch(0, 100, 0.0, shadow)).tally.answers[1].sum() == 0
