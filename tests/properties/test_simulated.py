"""Simulated flights, whatever the plan and the traffic: as likely as described, and nothing comes from nowhere."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from trimtab.ops.simulate.flight import fly
from trimtab.ops.simulate.play import Runs, play
from trimtab.ops.simulate.source import Described, Stretch
from trimtab.ops.simulate.world import Lognormal, Side, World
from trimtab.release.flight.plan import Limit, Plan

SHARES = st.lists(st.sampled_from([0.01, 0.05, 0.1, 0.25, 0.5, 1.0]), min_size=1, max_size=3, unique=True).map(sorted)
SIDES = st.builds(
    Side, st.floats(0, 0.5), st.floats(0.001, 2).map(lambda median: Lognormal(median, 3 * median)), st.floats(-1, 1)
)
WORLDS = st.builds(
    World, st.floats(0.01, 50), st.floats(0, 1), SIDES, SIDES, st.floats(0, 0.5), callers=st.integers(0, 500)
)
PLANS = st.builds(
    Plan,
    st.sampled_from(["canary", "ab", "shadow"]),
    SHARES.map(tuple),
    st.floats(1, 60),
    st.floats(60, 300),
    st.integers(1, 200),
    st.just((Limit("errors", at_most=0.05), Limit("p99", worse_by=2.0))),
    hold=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(PLANS, WORLDS, st.integers(0, 2**32), st.floats(0, 2e9))
def test_nothing_comes_from_nowhere_and_every_flight_ends(plan, world, seed, began):
    flight = fly(plan, Described(world), began, np.random.default_rng(seed))
    assert 0 <= flight.failed + flight.differing + flight.slow == flight.bad <= flight.exposed <= flight.asked
    assert flight.people <= min(flight.exposed, world.callers)
    assert 0 <= flight.seconds <= plan.give_up_s + 1
    assert [share for _, share in flight.steps] == list(plan.steps[: len(flight.steps)])
    assert [begin for begin, _ in flight.steps] == sorted(begin for begin, _ in flight.steps)
    if plan.kind == "shadow":
        assert flight.exposed == 0
    if flight.outcome in {"promoted", "held", "ended"}:
        assert len(flight.steps) == len(plan.steps)
        assert flight.seconds >= plan.watch_s
    assert flight == fly(plan, Described(world), began, np.random.default_rng(seed))


@settings(max_examples=40, deadline=None)
@given(WORLDS, st.floats(0, 1), st.floats(0, 1e6), st.floats(0.1, 600), st.integers(2, 6), st.integers(0, 2**32))
def test_what_is_divided_is_the_same_together(world, share, begin, seconds, parts, seed):
    chance = np.random.default_rng(seed)
    piece = Described(world).draw(Stretch(begin, begin + seconds, share), chance)
    divided = piece.split(parts, chance)
    assert len(divided) == parts
    for name in ("answers", "values", "truths"):
        assert np.array_equal(sum(getattr(part.tally, name) for part in divided), getattr(piece.tally, name))
    assert all(one.end == other.begin for one, other in pairwise(divided))


def test_a_larger_fault_is_found_sooner_on_average():
    plan = Plan(limits=(Limit("errors", worse_by=0.01),))
    world = World(20, champion=Side(0.02))
    times = []
    for errors in (0.06, 0.12, 0.25, 0.5):
        flights = play(plan, Described(replace(world, challenger=Side(errors))), Runs(60))
        assert {one.outcome for one in flights} == {"rolled back"}
        times.append(np.mean([one.seconds for one in flights]))
    assert times == sorted(times, reverse=True)


def test_looking_less_often_while_nothing_is_decided_changes_nothing_that_counts():
    """Against a director's own looks, each half second: exposure within what so many flights can tell apart."""
    plan = Plan(steps=(0.1, 0.5), watch_s=60.0, give_up_s=600.0, minimum=50, limits=(Limit("errors", worse_by=0.02),))
    source = Described(World(20, champion=Side(0.02), challenger=Side(0.15)))
    rare = np.array([one.exposed for one in play(plan, source, Runs(80, seed=1))])
    often = np.array([fly(plan, source, 0.0, np.random.default_rng([2, at]), grows=0.0).exposed for at in range(80)])
    error = np.sqrt(rare.var() / len(rare) + often.var() / len(often))
    assert abs(rare.mean() - often.mean()) <= 3 * error
