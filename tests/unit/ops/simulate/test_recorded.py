"""Recorded traffic with a fault laid over it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from trimtab.ops.simulate.flight import fly
from trimtab.ops.simulate.recorded import Fault, Recorded, Recording
from trimtab.ops.simulate.source import Stretch
from trimtab.ops.simulate.tally import DIFFERS, FAILED


@pytest.fixture(scope="module")
def recording():
    """An hour at twenty requests a second, as they came."""
    chance = np.random.default_rng(1)
    times = 1.7e9 + np.sort(chance.random(72_000)) * 3600
    return Recording(times, 0.04 * np.exp(0.4 * chance.standard_normal(72_000)), chance.random(72_000) < 0.02)


def drawn(source, stretch, seed=1):
    return source.draw(stretch, np.random.default_rng(seed))


def test_an_hour_is_what_was_recorded(recording):
    tally = drawn(Recorded(recording, Fault()), Stretch(0, recording.length_s, 0.25)).tally
    kinds = tally.answers.sum(axis=2)
    assert kinds.sum() == 72_000
    assert kinds[:, FAILED].sum() == recording.failed.sum()
    assert_allclose(kinds[1].sum(), 18_000, rtol=0.03)


def test_it_goes_round_and_round_from_any_time(recording):
    source = Recorded(recording, Fault())
    for begin in (0.0, 1.7e9, 1800.5):
        tally = drawn(source, Stretch(begin, begin + 3 * recording.length_s, 0.5)).tally
        assert_allclose(tally.answers.sum(), 3 * 72_000, atol=1)


def test_the_fault_is_the_challengers_alone(recording):
    source = Recorded(recording, Fault(0.1, 2.0, 0.3))
    kinds = drawn(source, Stretch(0, 3600, 0.5)).tally.answers
    shares = kinds.sum(axis=2) / kinds.sum(axis=(1, 2))[:, None]
    assert_allclose(shares[:, FAILED], [0.02, 0.1], rtol=0.1)
    assert_allclose(shares[:, DIFFERS], [0, 0.9 * 0.3], atol=0.01)
    middle = [int(np.searchsorted(arm.sum(axis=0).cumsum(), arm.sum() / 2)) for arm in kinds]
    assert middle[1] > middle[0]
    assert_allclose(source.world.challenger.latency.quantile(0.5), 0.08, rtol=0.02)


def test_fewer_errors_than_recorded_are_taken_away(recording):
    kinds = drawn(Recorded(recording, Fault(0.005)), Stretch(0, 3600, 0.9)).tally.answers.sum(axis=2)
    assert_allclose(kinds[1, FAILED] / kinds[1].sum(), 0.005, rtol=0.2)


def test_parts_are_by_the_recorded_times(recording):
    piece = drawn(Recorded(recording, Fault()), Stretch(100.0, 200.0, 0.5))
    parts = piece.split(4, np.random.default_rng(1))
    assert np.array_equal(sum(part.tally.answers for part in parts), piece.tally.answers)
    since = recording.times - recording.times[0]
    wanted = [int(((since >= begin) & (since < begin + 25)).sum()) for begin in (100, 125, 150, 175)]
    assert [int(part.tally.answers.sum()) for part in parts] == wanted


def test_a_shadow_is_asked_besides(recording):
    tally = drawn(Recorded(recording, Fault()), Stretch(0, 3600, 0.5, shadow=True)).tally
    assert tally.answers[0].sum() == pytest.approx(72_000, rel=1e-3)
    assert tally.answers[1].sum() == pytest.approx(36_000, rel=0.03)


def test_it_is_flown_like_any_other(recording, plan):
    source = Recorded(recording, Fault(0.4))
    assert fly(plan, source, 1.7e9, np.random.default_rng(1)).outcome == "rolled back"
    assert fly(plan, source.healthy, 1.7e9, np.random.default_rng(1)).outcome == "promoted"
    assert source.world != source.healthy.world
