"""Flights on the control plane: what is asked, and how it is answered, without a framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final, TypeAlias, TypeVar

import msgspec

from trimtab.core.traffic import Split, Traffic
from trimtab.server.dialects.body import decode
from trimtab.server.faults import refused
from trimtab.server.flights.orders import FlightOrder, Reply
from trimtab.server.guard.principal import Scope
from trimtab.server.wire import Answer

__all__ = ["FLIGHTS", "FlightWay", "Wanted"]

T = TypeVar("T")
Answered: TypeAlias = Callable[[Reply], Answer]
Wanted: TypeAlias = tuple[FlightOrder, Answered]
_LONGEST_S: Final = 86_400.0  # of a lease: nobody is exposed for longer because a director has died
_ID: Final = 128
_NAME: Final = 256
_encode: Final = msgspec.json.Encoder().encode


class _Begin(msgspec.Struct):
    flight: str
    challenger: str


class _Flight(msgspec.Struct):
    flight: str


class _Steer(msgspec.Struct):
    flight: str
    share: float
    lease_s: float
    shadow: float = 0.0
    split: Split = Split()


_BEGIN: Final = msgspec.json.Decoder(_Begin)
_FLIGHT: Final = msgspec.json.Decoder(_Flight)
_STEER: Final = msgspec.json.Decoder(_Steer)


@dataclass(frozen=True, slots=True)
class FlightWay:
    """A route: what its callers need, and the order that a request is. wanted: of query, endpoint and body."""

    route: str
    scope: Scope
    wanted: Callable[[Mapping[str, str], str, bytes], Wanted]


def _begin(_query: Mapping[str, str], name: str, body: bytes) -> Wanted:
    said = decode(_BEGIN, body)
    order = FlightOrder("begin", name, _id(said.flight), said.challenger)
    return order, lambda new: Answer(202 if new else 200, b"{}")


def _status(_query: Mapping[str, str], name: str, _body: bytes) -> Wanted:
    return FlightOrder("status", name), lambda status: Answer(200, _encode(status))


def _steer(_query: Mapping[str, str], name: str, body: bytes) -> Wanted:
    said = decode(_STEER, body)
    for word, value in (("share", said.share), ("shadow", said.shadow)):
        if not 0.0 <= value <= 1.0:
            raise refused("P310", f"{value:g} is no share: 0 to 1", word)
    if not (isfinite(said.lease_s) and 0.0 < said.lease_s <= _LONGEST_S):
        raise refused("P310", f"{said.lease_s:g} s is no lease: more than 0, at most {_LONGEST_S:g}", "lease_s")
    by, key = said.split.by, said.split.name
    if len(key) > _NAME or (by in ("header", "column")) != bool(key):
        raise refused(
            "P310", f"to split by {by} needs {'a name' if by in ('header', 'column') else 'no name'}", "split"
        )
    split = Split(by, key.lower() if by == "header" else key)
    traffic = Traffic(_id(said.flight), said.share, said.shadow, split)
    return FlightOrder("steer", name, said.flight, traffic=traffic, lease_s=said.lease_s), _done


def _promote(_query: Mapping[str, str], name: str, body: bytes) -> Wanted:
    return FlightOrder("promote", name, _id(decode(_FLIGHT, body).flight)), _done


def _end(query: Mapping[str, str], name: str, _body: bytes) -> Wanted:
    return FlightOrder("end", name, _id(query.get("flight", ""))), _done


def _done(_changed: Reply) -> Answer:
    return Answer(200, b"{}")


def _id(flight: str) -> str:
    if not flight or len(flight) > _ID or not (flight.isascii() and flight.isprintable()):
        raise refused("P310", f"a flight has an id of 1 to {_ID} printable characters", "flight")
    return flight


FLIGHTS: Final = (
    FlightWay("POST /v1/flights/{name}", "operate", _begin),
    FlightWay("GET /v1/flights/{name}", "read", _status),
    FlightWay("PUT /v1/flights/{name}/traffic", "operate", _steer),
    FlightWay("POST /v1/flights/{name}/promote", "operate", _promote),
    FlightWay("DELETE /v1/flights/{name}", "operate", _end),
)
