"""Flies what is behind a gateway, which lives and ends with the process that directs it."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from trimtab.ops.flights.book import here
from trimtab.ops.flights.director import Director, Means
from trimtab.ops.flights.flown import Flown
from trimtab.ops.flights.fly import Airfield, Tell
from trimtab.ops.flights.helm import helm
from trimtab.ops.flights.standing import Standing
from trimtab.ops.flights.wishes import FileWishes
from trimtab.release.ledger.flights import Begun

__all__ = ["Gateway", "fly_behind"]


class Gateway(Flown, Protocol):
    """A gateway: it is flown as a server is, and knows of no flight that it was not told of."""

    def begin(self, flight: str) -> None:
        """A flight of this id begins, weight nothing; may be said twice. UserError where another one is on."""


def fly_behind(field: Airfield, gateway: Gateway, begun: Begun, tell: Tell) -> Standing:
    """Until the flight is over; where it stands then.

    A flight that is still on in the ledger was left by a gateway that was killed. Nobody is exposed any more: it is
    promoted if that was decided, else rolled back, and another one begins. UserError P424 where another process directs
    the endpoint, P426 where the flight that is on is of another challenger.
    """
    book = field.book
    with helm(book.ledger.folder, begun.endpoint) as says:
        left = book.on(begun.endpoint)
        if left is not None and left.begun.challenger == begun.challenger:
            says(left.flight)
            ended = _directed(field, gateway, book.resume(left, field.clock(), here()), tell)
            if ended.ended is not None and ended.ended.outcome == "promoted":
                return ended
        standing = book.begin(begun)
        says(standing.flight)
        return _directed(field, gateway, standing, tell)


def _directed(field: Airfield, gateway: Gateway, standing: Standing, tell: Tell) -> Standing:
    wishes = FileWishes(field.book.ledger.folder, standing.begun.endpoint)
    start = partial(gateway.begin, standing.flight)
    means = Means(gateway, start, field.book, wishes, field.decide, field.clock, field.sleep, field.measures)
    director = Director(standing, means, tell)
    director.run()
    return director.standing
