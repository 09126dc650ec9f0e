"""One flight on a virtual clock."""

from dataclasses import replace

import numpy as np
import pytest

from trimtab.ops.simulate.flight import fly
from trimtab.ops.simulate.source import Described
from trimtab.ops.simulate.world import Lognormal, Side, Truths, World
from trimtab.release.flight.decide import decide
from trimtab.release.flight.plan import Limit, Plan


def flown(plan, world, seed=1, **said):
    return fly(plan, Described(world), 1.7e9, np.random.default_rng(seed), **said)


def test_a_bad_challenger_goes_back_for_what_is_bad(plan, world):
    flight = flown(plan, world)
    assert flight.outcome == "rolled back"
    assert flight.why.startswith("errors ")
    assert 0 < flight.failed <= flight.bad <= flight.exposed < flight.asked
    assert flight.steps == ((0.0, 0.1),)
    assert 0 < flight.people <= flight.exposed
    assert flight.seconds < 60


def test_a_healthy_one_is_promoted_step_by_step(plan, world):
    flight = flown(plan, world.healthy)
    assert flight.outcome == "promoted"
    (first, half) = flight.steps
    assert first == (0.0, 0.1)
    assert half == (pytest.approx(60, abs=0.01), 0.5)
    assert flight.seconds >= 120


def test_the_clock_of_a_step_is_kept_at_any_time_of_the_world(plan, world):
    for began in (0.0, 1.7e9, 1.7e9 + 1 / 3):
        flight = fly(plan, Described(world.healthy), began, np.random.default_rng(1))
        assert flight.steps[1][0] == pytest.approx(60, abs=0.01)


def test_without_traffic_nothing_is_promoted(plan):
    flight = flown(plan, World(1e-6))
    assert (flight.outcome, flight.exposed) == ("given up", 0)
    assert flight.seconds == pytest.approx(plan.give_up_s, abs=0.01)


def test_a_shadow_exposes_nobody_and_ends(world):
    plan = Plan("shadow", (1.0,), 60.0, 1200.0, limits=(Limit("disagreement", at_most=0.1),))
    good, bad = (flown(plan, replace(world.healthy, differs=differs)) for differs in (0.01, 0.4))
    assert (good.outcome, good.exposed, good.bad) == ("ended", 0, 0)
    assert (bad.outcome, bad.exposed) == ("rolled back", 0)


def test_what_somebody_holds_is_held(plan, world):
    assert flown(replace(plan, hold=True), world.healthy).outcome == "held"


@pytest.mark.parametrize(
    ("limit", "challenger", "truths"),
    [
        (Limit("p95", worse_by=1.5), Side(0.01, Lognormal(0.12, 0.36)), None),
        (Limit("shift", at_most=0.3), Side(0.01, shift=1.0), None),
        (Limit("right", worse_by=0.1), Side(0.01, quality=0.5), Truths("right", 30.0)),
    ],
)
def test_each_kind_of_fault_is_found_by_its_own_limit(plan, world, limit, challenger, truths):
    plan = replace(plan, limits=(limit,), give_up_s=1e4)
    bad = replace(world, challenger=challenger, truths=truths)
    flight = flown(plan, bad)
    assert flight.outcome == "rolled back"
    assert limit.measure in flight.why
    assert flown(plan, bad.healthy).outcome == "promoted"


def test_looks_are_few_and_those_before_a_decision_are_a_directors(plan, world):
    """The last look is at most half a second behind the first that decides as it does."""
    looks = []

    def noting(plan_, snapshot, evidence):
        action = decide(plan_, snapshot, evidence)
        looks.append((snapshot.now, action.do))
        return action

    flight = flown(plan, world, decide=noting)
    assert flight.looks == len(looks) < 60
    last = max(time for time, do in looks if do == "wait")
    assert 1.7e9 + flight.seconds - last <= 0.51


def test_callers_that_stay_in_their_arm_are_fewer(plan, world):
    by = replace(plan, split=replace(plan.split, by="principal"))
    people = [np.mean([flown(one, world, seed).people for seed in range(30)]) for one in (plan, by)]
    assert people[1] < people[0]
    assert people[1] <= 0.2 * world.callers
