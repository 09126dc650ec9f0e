"""Worlds and plans that are played quickly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trimtab.ops.simulate.play import Runs
from trimtab.ops.simulate.simulate import Cast, simulate
from trimtab.ops.simulate.source import Described
from trimtab.ops.simulate.world import Side, World
from trimtab.release.flight.plan import Limit, Plan

PLAN = Plan(
    steps=(0.1, 0.5), watch_s=60.0, give_up_s=1200.0, minimum=50,
    limits=(Limit("errors", at_most=0.05), Limit("p99", worse_by=2.0)),
)  # fmt: skip
WORLD = World(20.0, 0.0, Side(0.01), Side(0.3), callers=300)


@pytest.fixture(scope="session")
def plan():
    return PLAN


@pytest.fixture(scope="session")
def world():
    return WORLD


@pytest.fixture(scope="session")
def report():
    """Thirty flights of a bad challenger, and thirty of a healthy one."""
    world = replace(WORLD, daily=0.5)
    return simulate(PLAN, Cast(Described(world), Described(world.healthy)), Runs(30, 1.0))
