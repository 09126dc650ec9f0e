"""What the control plane wants of a flight, as it travels to the supervisor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias

import msgspec

from trimtab.core.errors import TrimtabError
from trimtab.core.flights import FlightStatus
from trimtab.core.traffic import Traffic
from trimtab.server.changes import Change

__all__ = ["FlightOrder", "Fly", "Flying", "Reply"]

# the status, where that is asked for; else whether anything has changed
Reply: TypeAlias = FlightStatus | bool


class FlightOrder(msgspec.Struct, frozen=True):
    """traffic, lease_s: where to steer; challenger: which bundle to begin with."""

    do: Literal["begin", "status", "steer", "promote", "end"]
    endpoint: str
    flight: str = ""
    challenger: str = ""
    traffic: Traffic | None = None
    lease_s: float = 0.0


# an order, where changes of what is served are asked for, and who is told what came of it
Fly: TypeAlias = Callable[[FlightOrder, Callable[[Change], None], Callable[[Reply | TrimtabError], None]], None]


class Flying(Protocol):
    """Whoever has the flights of a server; may block; raises TrimtabError P36x."""

    def fly(self, order: FlightOrder) -> Reply:
        """Do it; for a promotion, when it is promised."""
