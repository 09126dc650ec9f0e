"""What is bad in truth, limit by limit."""

import pytest

from trimtab.ops.simulate.health import broken
from trimtab.ops.simulate.world import Lognormal, Side, Truths, World
from trimtab.release.flight.plan import Limit, Plan

SLOW = Lognormal(0.08, 0.24)


@pytest.mark.parametrize(
    ("limit", "world", "is_broken"),
    [
        (Limit("errors", at_most=0.05), World(challenger=Side(0.06)), True),
        (Limit("errors", at_most=0.05), World(challenger=Side(0.05)), False),
        (Limit("errors", worse_by=0.01), World(champion=Side(0.02), challenger=Side(0.04)), True),
        (Limit("errors", worse_by=0.02), World(champion=Side(0.02), challenger=Side(0.04)), False),
        (Limit("p99", worse_by=2.0), World(challenger=Side(latency=SLOW)), False),
        (Limit("p99", worse_by=1.9), World(challenger=Side(latency=SLOW)), True),
        (Limit("p50", at_most=0.07), World(challenger=Side(latency=SLOW)), True),
        (Limit("disagreement", at_most=0.1), World(differs=0.2), True),
        (Limit("shift", at_most=0.1), World(challenger=Side(shift=-0.2)), True),
        (Limit("right", at_least=0.8), World(challenger=Side(quality=0.7), truths=Truths("right")), True),
        (Limit("right", worse_by=0.1), World(challenger=Side(quality=0.95), truths=Truths("right")), False),
        (Limit("right", at_least=0.8), World(challenger=Side(quality=0.7)), False),
        (Limit("errors", at_most=0.05, warn_only=True), World(challenger=Side(0.9)), False),
    ],
)
def test_a_limit_is_broken_in_truth(limit, world, is_broken):
    assert broken(Plan(limits=(limit,)), world) == ((limit.measure,) if is_broken else ())
