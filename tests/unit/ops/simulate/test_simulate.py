"""A whole simulation: the described challenger and a healthy one."""

from dataclasses import replace

import pytest

from trimtab.core.errors import UserError
from trimtab.ops.simulate.play import Runs
from trimtab.ops.simulate.simulate import Cast, simulate
from trimtab.ops.simulate.source import Described


def test_both_are_flown_and_decided_rightly(report):
    bad, healthy = report.scenes
    assert (bad.breaks, healthy.breaks) == (("errors",), ())
    assert (bad.wrong.count, healthy.wrong.count) == (0, 0)


def test_a_challenger_like_the_champion_is_flown_once(plan, world):
    healthy = Described(world.healthy)
    assert len(simulate(plan, Cast(healthy, healthy), Runs(2)).scenes) == 1


def test_a_plan_that_cannot_be_flown_is_refused(plan, world):
    source = Described(world)
    with pytest.raises(UserError, match="P41"):
        simulate(replace(plan, steps=(0.5, 0.1)), Cast(source, source), Runs(1))
