"""What a director needs of whatever serves the two arms: our server by its control plane, a gateway, a simulation."""

from __future__ import annotations

from typing import Protocol

from trimtab.core.flights import FlightStatus
from trimtab.core.traffic import Traffic

__all__ = ["Flown"]


class Flown(Protocol):
    """One endpoint with a flight on it. OutsideError where nobody answers, UserError where something is refused."""

    def status(self) -> FlightStatus | None:
        """What is known now; None where no flight is on."""

    def steer(self, traffic: Traffic, lease_s: float) -> None:
        """From now on, in all processes at once. Without another call the share is nothing again after the lease."""

    def promote(self) -> None:
        """The challenger is the champion from now on, also after a restart; to say it twice is to say it once."""

    def end(self) -> None:
        """No challenger any more: it is unloaded, and the champion answers everything. Also to be said twice."""
