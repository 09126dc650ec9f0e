"""What an action is at the server; every step of it may be done twice."""

from __future__ import annotations

from typing import Final, assert_never

from trimtab.core.traffic import Traffic
from trimtab.ops.flights.flown import Flown
from trimtab.ops.flights.standing import Standing
from trimtab.release.flight.plan import Plan
from trimtab.release.flight.states import Action

__all__ = ["MIRRORED", "act", "is_mirrored", "share_after", "traffic_of"]

MIRRORED: Final = 0.5  # of what the champion answers: seen within seconds, at half the price of a second model


def traffic_of(standing: Standing, share: float) -> Traffic:
    """Where requests go at that share: of a shadow, none is answered by the challenger.

    Where answers are to agree, the champion's are mirrored too: there are more of them, and nobody sees what differs.
    """
    plan = standing.begun.plan
    if plan.kind == "shadow":
        return Traffic(standing.flight, 0.0, share, plan.split)
    return Traffic(standing.flight, share, MIRRORED if share > 0 and is_mirrored(plan) else 0.0, plan.split)


def is_mirrored(plan: Plan) -> bool:
    """Whether the challenger is asked, too, what the champion answers."""
    return plan.kind == "shadow" or any(limit.measure == "disagreement" for limit in plan.limits)


def share_after(standing: Standing, action: Action) -> float:
    """The share from then on: nobody is exposed to a challenger that is no more, or that is the champion."""
    if action.do in ("promote", "roll back", "end"):
        return 0.0
    return standing.share if action.share is None else action.share


def act(flown: Flown, standing: Standing, action: Action, lease_s: float) -> None:
    """Do it; a challenger that goes back is off the traffic before anything else."""
    match action.do:
        case "begin" | "advance" | "pause" | "resume" | "roll back":
            flown.steer(traffic_of(standing, share_after(standing, action)), lease_s)
        case "promote":
            flown.promote()
        case "end":
            flown.end()
        case "wait":
            pass
        case _:
            assert_never(action.do)
