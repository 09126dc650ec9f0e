"""Orders about flights, as they come in at the supervisor's desk: done here and now, or asked for as a change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeAlias

from trimtab.core.errors import TrimtabError
from trimtab.core.traffic import Traffic
from trimtab.server.changes import Change
from trimtab.server.endpoint import ServedBundle
from trimtab.server.flights.flights import Flights
from trimtab.server.flights.orders import FlightOrder, Reply

__all__ = ["FlightDesk"]

Told: TypeAlias = Callable[[Reply | TrimtabError], None]
Ask: TypeAlias = Callable[[Change], None]


class _Served(Protocol):
    @property
    def flights(self) -> Flights: ...

    def bundle(self, name: str) -> ServedBundle | None: ...


class FlightDesk:
    """Everything on the supervisor's thread."""

    def __init__(self, served: _Served) -> None:
        """served: what processes are born with."""
        self._served = served

    def take(self, order: FlightOrder, ask: Ask, told: Told) -> None:
        """Do it, or ask for it; `told` is called once."""
        try:
            self._take(order, ask, told)
        except TrimtabError as error:
            told(error)

    def _take(self, order: FlightOrder, ask: Ask, told: Told) -> None:
        flights, name, flight = self._served.flights, order.endpoint, order.flight
        match order.do:
            case "status":
                told(flights.status(name))
            case "begin":
                new = flights.begin(name, self._served.bundle(name), flight, order.challenger)
                if new:
                    wanted = partial(flights.wanted, name, flight)
                    ask(Change("fly", name, partial(flights.loaded, name, flight), flight, wanted))
                told(new)
            case "steer":
                told(flights.steer(name, order.traffic or Traffic(flight), order.lease_s))
            case "end":
                had = flights.end(name, flight)
                if had:
                    ask(Change("land", name, flight=flight))
                told(had)
            case "promote":
                if flights.promotable(name, flight):
                    ask(Change("promote", name, _once(told), flight))
                else:
                    told(False)


def _once(told: Told) -> Callable[[TrimtabError | None], None]:
    """What comes of a promotion is said when it is promised; what comes later is the processes' matter."""
    waiting = [told]

    def tell(error: TrimtabError | None) -> None:
        if waiting:
            waiting.pop()(error or True)

    return tell
