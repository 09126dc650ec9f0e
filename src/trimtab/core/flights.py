"""What is counted of a flight, and what is said of one: what server, gateway, director and simulator share."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Final, Literal, TypeAlias

from trimtab.core.traffic import Traffic

__all__ = ["LATENCY_S", "ArmCounts", "Counts", "FlightState", "FlightStatus", "Moments", "bucket_of"]

_FIRST_S: Final = 50e-6
_EACH_DOUBLING: Final = 16
# upper bounds of the buckets of latencies, seconds: each 4.4 % above the one before, 50 us to 2 minutes; then no bound
LATENCY_S: Final = tuple(_FIRST_S * 2 ** (at / _EACH_DOUBLING) for at in range(341))


def bucket_of(seconds: float) -> int:
    """The number of the bucket; the last one, `len(LATENCY_S)`, has what no bound is above."""
    return bisect_left(LATENCY_S, seconds)


@dataclass(frozen=True, slots=True)
class Moments:
    """Of numbers: how many, their sum, the sum of their squares, and the least and greatest that were met."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    least: float = inf
    greatest: float = -inf


@dataclass(frozen=True, slots=True)
class ArmCounts:
    """What one arm has answered, of the requests that were divided; who asked for an arm by name is not in it.

    errors: answers of 500 and above, among `requests`; what callers do wrong (4xx) is in neither. latency: answers by
    bucket (see LATENCY_S), errors too. values: of each output of one number a row; `NAME=LABEL` holds how often an
    output of few labels was that label, as a moment of ones and zeros. measures: quality and rewards that came later.
    """

    requests: int = 0
    errors: int = 0
    latency: tuple[int, ...] = (0,) * (len(LATENCY_S) + 1)
    values: Mapping[str, Moments] = field(default_factory=dict)
    measures: Mapping[str, Moments] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of a whole flight so far, or of a time in it. Counters never go back while a flight lasts.

    mirrored: requests that a shadow was asked; dropped: that it was not, for want of room or time; failed: it had no
    answer. compared, disagreed: pairs of answers. delay: latencies of the shadow, by bucket.
    """

    champion: ArmCounts = field(default_factory=ArmCounts)
    challenger: ArmCounts = field(default_factory=ArmCounts)
    mirrored: int = 0
    dropped: int = 0
    failed: int = 0
    compared: int = 0
    disagreed: int = 0
    delay: tuple[int, ...] = (0,) * (len(LATENCY_S) + 1)


# of the challenger, as the server has it: `loading` beside the champion, `ready` to be asked, `failed` for good
FlightState: TypeAlias = Literal["loading", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class FlightStatus:
    """What a server, or a gateway, says of the flight on an endpoint.

    champion, challenger: digests of bundles, or addresses of backends. why: the challenger failed. lease_s: until the
    share goes back to nothing unless somebody steers again.
    """

    endpoint: str
    champion: str
    challenger: str
    traffic: Traffic
    state: FlightState
    counts: Counts
    why: str = ""
    lease_s: float = 0.0
