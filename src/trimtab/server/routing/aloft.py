"""The flight that is on at a router: what is told to whoever directs it."""

from __future__ import annotations

from dataclasses import dataclass

from trimtab.core.flights import FlightState
from trimtab.server.routing.backing import Backing

__all__ = ["Aloft"]


@dataclass(slots=True)
class Aloft:
    """until: when the lease ends, by the loop's clock; 0 for none. why: it has failed, and is never asked again."""

    id: str
    challenger: Backing
    until: float = 0.0
    why: str = ""
    was_ready: bool = False

    @property
    def state(self) -> FlightState:
        """A challenger that was ready and is not any more has failed, for good."""
        return "failed" if self.why else self.challenger.state

    def look(self) -> bool:
        """Whether it has failed since the last look."""
        challenger = self.challenger
        if self.why or challenger.state == "loading":
            return False
        if challenger.state == "ready":
            self.was_ready = True
            return False
        self.why = challenger.why or "it is not well any more"
        return True
