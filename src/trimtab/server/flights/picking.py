"""Who may pick an arm by name: those who operate the endpoint."""

from __future__ import annotations

from trimtab.server.flights.arms import Arms, Asked, Turn
from trimtab.server.guard.guard import Guard
from trimtab.server.guard.peer import Peer
from trimtab.server.guard.principal import Principal

__all__ = ["assigned"]


def assigned(arms: Arms, asked: Asked, guard: Guard, caller: Principal, peer: Peer) -> Turn:
    """The arm of the request; raises TurnedAwayError for a pick by somebody who may not, UserError P366 for none."""
    picked = arms.picked(asked.headers, asked.revision)
    if picked is not None:
        guard.require(caller, "operate", arms.champion.name, asked.headers, peer)
    return arms.assign(asked, picked)
