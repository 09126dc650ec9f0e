"""What is described: rates over a day, latencies by two quantiles."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from trimtab.core.flights import LATENCY_S
from trimtab.ops.simulate.world import DAY_S, Lognormal, Side, World, bucket_chances


def test_a_lognormal_has_the_quantiles_that_it_is_described_by():
    latency = Lognormal(0.04, 0.12)
    assert_allclose([latency.quantile(0.5), latency.quantile(0.99)], [0.04, 0.12])
    assert_allclose(latency.below(np.array([0.04, 0.12])), [0.5, 0.99])
    assert latency.slower(2) == Lognormal(0.08, 0.24)


def test_chances_of_buckets_are_those_of_the_distribution():
    chances = bucket_chances(Lognormal(0.04, 0.12))
    assert len(chances) == len(LATENCY_S) + 1
    assert_allclose(chances.sum(), 1)
    assert (chances >= 0).all()
    assert_allclose(chances[np.array([*LATENCY_S, np.inf]) <= 0.04].sum(), 0.5, atol=0.02)


def test_a_day_has_as_many_requests_however_it_is_spread():
    flat, waving = World(20), World(20, daily=0.8)
    assert_allclose([flat.asked(0, DAY_S), waving.asked(0, DAY_S)], 20 * DAY_S)
    hour = 3600
    assert_allclose(waving.asked(14.5 * hour, 15.5 * hour), 1.8 * 20 * hour, rtol=0.01)
    assert_allclose(waving.asked(2.5 * hour, 3.5 * hour), 0.2 * 20 * hour, rtol=0.05)


def test_nothing_is_asked_at_the_bottom_of_a_whole_swing():
    assert World(20, daily=1.0).asked(3 * 3600, 3 * 3600 + 1) == pytest.approx(0, abs=1e-5)


def test_a_healthy_challenger_is_what_the_champion_is():
    world = World(champion=Side(0.01), challenger=Side(0.2), differs=0.5)
    assert (world.healthy.challenger, world.healthy.differs) == (Side(0.01), 0.0)
