"""The flights of one ledger: begun, gone on with, written down."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass

from trimtab.core.errors import Problem, UserError
from trimtab.ops.flights.director import LEASE_S
from trimtab.ops.flights.standing import Standing, after, flights_of, standing_of
from trimtab.release.ledger.flights import Begun, Note, Resumed, body_of, kind_of
from trimtab.release.ledger.ledger import Ledger

__all__ = ["Book", "here"]


@dataclass(frozen=True, slots=True)
class Book:
    """Notes of flights in a ledger. The helm of an endpoint must be held to begin a flight there, or to go on."""

    ledger: Ledger

    def note(self, flight: str, note: Note) -> float:
        """It survives a power cut from now on; the time of the entry."""
        return self.ledger.append(kind_of(note), flight, body_of(note)).time

    def flights(self) -> dict[str, Standing]:
        """All of them by id, the oldest first."""
        return flights_of(self.ledger.entries())

    def on(self, endpoint: str) -> Standing | None:
        """The flight that is on there."""
        return standing_of(self.flights().values(), endpoint)

    def begin(self, begun: Begun, chance: Callable[[int], bytes] = os.urandom) -> Standing:
        """A new flight. UserError P426 where one is on that nobody directs."""
        flights = self.flights()
        if (other := standing_of(flights.values(), begun.endpoint)) is not None:
            raise _still_on(other)
        number = sum(one.begun.endpoint == begun.endpoint for one in flights.values()) + 1
        flight = f"{begun.endpoint}-{number}-{chance(3).hex()}"
        at = self.note(flight, begun)
        return Standing(flight, begun, at, at)

    def resume(self, standing: Standing, now: float, by: str = "") -> Standing:
        """The same flight in other hands; what nobody watched is no watched time."""
        away_s = max(now - standing.last - LEASE_S, 0.0)
        note = Resumed(away_s, by)
        return after(standing, note, self.note(standing.flight, note))

    def known(self, flight: str) -> Standing:
        """That one, by its id or what its id begins with. UserError P427 for none, and for several."""
        found = [one for id_, one in self.flights().items() if id_ == flight or id_.startswith(flight)]
        exact = [one for one in found if one.flight == flight]
        if len(found) == 1 or exact:
            return (exact or found)[0]
        what = f"`{flight}` is the beginning of {len(found)} flights" if found else f"no flight `{flight}`"
        raise UserError(Problem("P427", what, str(self.ledger.path), "`trimtab flights` lists them"))


def here() -> str:
    """Who does this, and where: for people who read the ledger later."""
    return f"uid:{os.getuid()} on {socket.gethostname()}"


def _still_on(other: Standing) -> UserError:
    endpoint, challenger = other.begun.endpoint, other.begun.challenger
    what = f"flight `{other.flight}` of `{challenger}` is on at `{endpoint}`, and nobody directs it"
    hint = f"`trimtab fly --resume --endpoint {endpoint}` goes on with it, `trimtab flights abort {endpoint}` ends it"
    return UserError(Problem("P426", what, "", hint))
