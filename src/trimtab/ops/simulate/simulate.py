"""A simulation as a story: the challenger as it is described, a healthy one beside it, what became of both."""

from __future__ import annotations

from dataclasses import dataclass

from trimtab.core.errors import UserError
from trimtab.ops.simulate.play import Runs, play
from trimtab.ops.simulate.report import Report, Scene, scene_of
from trimtab.ops.simulate.source import Source
from trimtab.ops.simulate.words import challenger_text
from trimtab.release.flight.check_plan import check_plan
from trimtab.release.flight.plan import Plan

__all__ = ["Cast", "simulate"]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who flies: the challenger, and one that is what the champion is. recorded: what was recorded, in words."""

    challenger: Source
    healthy: Source
    recorded: str = ""


def simulate(plan: Plan, cast: Cast, runs: Runs) -> Report:
    """Both are flown by the same plan, at the same times; UserError where nobody could fly by it."""
    if faults := check_plan(plan):
        raise UserError(*faults)
    world = cast.challenger.world
    scenes: list[Scene] = []
    if world != world.healthy:
        scenes.append(scene_of(challenger_text(world), plan, world, play(plan, cast.challenger, runs)))
    scenes.append(scene_of("as the champion", plan, world.healthy, play(plan, cast.healthy, runs)))
    return Report(plan, world, runs, cast.recorded, scenes)
