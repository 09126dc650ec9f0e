"""Flies a challenger behind a server, goes on with the flight that is on, and does what a person asks of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from trimtab.core.errors import Problem, UserError
from trimtab.ops.flights.book import Book, here
from trimtab.ops.flights.director import EVERY_S, Decide, Director, Means, Measures, Seen
from trimtab.ops.flights.helm import helm, helmsman
from trimtab.ops.flights.server import Reach, ServerFlown
from trimtab.ops.flights.standing import Standing
from trimtab.ops.flights.wishes import FileWishes
from trimtab.release.flight.states import Asked
from trimtab.release.ledger.flights import Begun, Wish

__all__ = ["Airfield", "ask", "fly"]

_PATIENCE_S: Final = 30.0  # until a person's wish is taken up
_LAST: Final[frozenset[Asked]] = frozenset({"abort", "promote"})  # after these a flight is over
Tell: TypeAlias = Callable[[Seen], None]


@dataclass(frozen=True, slots=True)
class Airfield:
    """Where flights are written down, by what they are decided, and how the server of each is reached."""

    book: Book
    decide: Decide
    reach: Callable[[Standing], Reach]
    measures: Measures | None = None
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


def fly(field: Airfield, endpoint: str, begun: Begun | None, tell: Tell) -> Standing:
    """Until the flight is over; where it stands then. begun: what is to fly; None to go on with what is on.

    One of the same challenger is gone on with, by the plan that it began with. UserError P424 where another process
    directs it, P426 where a flight of another challenger is on, P427 where there is none to go on with.
    """
    book = field.book
    with helm(book.ledger.folder, endpoint) as says:
        on = book.on(endpoint)
        if begun is not None and (on is None or on.begun.challenger != begun.challenger):
            standing = book.begin(begun)
        else:
            standing = book.resume(_on(on, endpoint), field.clock(), here())
        says(standing.flight)
        director = Director(standing, _means(field, standing), tell)
        director.run()
        return director.standing


def ask(field: Airfield, endpoint: str, asked: Asked) -> tuple[Standing, bool]:
    """Has whoever directs the flight do what a person asks, or does it; where it stands then, and if it is done.

    `resume` waits for somebody who directs it, as a flight that nobody looks at must not go on. UserError P427.
    """
    book, folder = field.book, field.book.ledger.folder
    standing = _on(book.on(endpoint), endpoint)
    wish = Wish(standing.flight, asked, os.urandom(8).hex(), here(), field.clock())
    FileWishes(folder, endpoint).write(wish)
    if helmsman(folder, endpoint) is None and asked != "resume":
        with helm(folder, endpoint) as says:
            says(standing.flight)
            standing = book.resume(book.known(standing.flight), field.clock(), here())
            director = Director(standing, _means(field, standing))
            return _waited(field, wish, lambda: _turned(director))
    if helmsman(folder, endpoint) is None:
        return standing, False
    return _waited(field, wish, lambda: book.known(standing.flight))


def _waited(field: Airfield, wish: Wish, look: Callable[[], Standing]) -> tuple[Standing, bool]:
    end = field.clock() + _PATIENCE_S
    while True:
        standing = look()
        done = wish.token in standing.handled and standing.pending is None
        if standing.ended is not None or (done and wish.asked not in _LAST):
            return standing, True
        if field.clock() >= end:
            return standing, False
        field.sleep(EVERY_S)


def _turned(director: Director) -> Standing:
    if director.standing.ended is None:
        director.turn()
    return director.standing


def _means(field: Airfield, standing: Standing) -> Means:
    begun, flight = standing.begun, standing.flight
    flown = ServerFlown(field.reach(standing), begun.endpoint, flight, standing.challenger)
    wishes = FileWishes(field.book.ledger.folder, begun.endpoint)
    start = partial(flown.start, begun.challenger)
    return Means(flown, start, field.book, wishes, field.decide, field.clock, field.sleep, field.measures)


def _on(standing: Standing | None, endpoint: str) -> Standing:
    if standing is None:
        raise _none_on(endpoint)
    return standing


def _none_on(endpoint: str) -> UserError:
    hint = "`trimtab flights` lists those that were; `trimtab fly CHALLENGER` begins one"
    return UserError(Problem("P427", f"no flight is on at `{endpoint}`", "", hint))
