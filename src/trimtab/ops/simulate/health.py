"""Whether a challenger keeps to the limits of a plan in truth, which nobody but a simulation knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from trimtab.ops.simulate.world import Side, World
from trimtab.release.flight.plan import Limit, Plan

__all__ = ["broken"]

_CHANCES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p999": 0.999}
_ROOM: Final = 1e-9


def broken(plan: Plan, world: World) -> tuple[str, ...]:
    """The measures whose limits it breaks, of those that are a reason to go back."""
    return tuple(
        dict.fromkeys(limit.measure for limit in plan.limits if not limit.warn_only and _is_broken(limit, world))
    )


def _is_broken(limit: Limit, world: World) -> bool:
    own, beside = (_value(limit.measure, side, world) for side in (world.challenger, world.champion))
    if own is None or beside is None:
        return False
    return any(_beyond(limit, own, beside))


def _beyond(limit: Limit, own: float, beside: float) -> Iterator[bool]:
    if limit.at_most is not None:
        yield own > limit.at_most + _ROOM
    if limit.at_least is not None:
        yield own < limit.at_least - _ROOM
    if limit.worse_by is not None:
        if limit.measure in _CHANCES:
            yield own > limit.worse_by * beside * (1 + _ROOM)
        elif limit.measure == "errors":
            yield own > beside + limit.worse_by + _ROOM
        else:
            yield own < beside - limit.worse_by - _ROOM


def _value(measure: str, side: Side, world: World) -> float | None:
    match measure:
        case "errors":
            return side.errors
        case "disagreement":
            return world.differs
        case "shift":
            return abs(side.shift)
        case _ if measure in _CHANCES:
            return side.latency.quantile(_CHANCES[measure])
        case _:
            return side.quality if world.truths is not None and world.truths.name == measure else None
