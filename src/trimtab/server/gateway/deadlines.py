"""Times that are up, found by looking now and then: a timer for each request costs more than its share."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Deadlines", "Waits"]


class Waits(Protocol):
    """Who waits for something; deadline: until when, by the clock of whoever looks."""

    deadline: float

    def late(self, now: float) -> None:
        """It did not come in time."""


class Deadlines:
    """Everybody who waits."""

    def __init__(self) -> None:
        """Nobody."""
        self.waiting: set[Waits] = set()

    def look(self, now: float) -> None:
        """Tell those whose time is up."""
        for one in [one for one in self.waiting if one.deadline <= now]:
            one.late(now)
