"""What every request of a gateway has in common: the arms, how they are chosen, what is counted and kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from trimtab.core.traffic import Arm
from trimtab.server.gateway.backends import Backend
from trimtab.server.gateway.choosing import Choosing
from trimtab.server.gateway.deadlines import Deadlines
from trimtab.server.gateway.pool import Pool
from trimtab.server.gateway.settings import GatewaySettings
from trimtab.server.gateway.tally import Tally
from trimtab.server.logs import Log
from trimtab.server.wire import Answer, Request

__all__ = ["Around", "Ended", "Listens", "Side", "Sums"]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One arm: its backend, the connections to it, and the header that names it in answers."""

    arm: Arm
    backend: Backend
    pool: Pool
    revision: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """A request that is over. request, answer: the bodies, None where they are longer than is kept, or were not kept.

    side: that answered. chosen, probability: the arm that it was to be, and how likely that was.
    """

    http: Request
    side: Side
    chosen: Arm
    probability: float
    status: int
    seconds: float
    request: bytes | None
    answer: bytes | None
    json: bool
    error: str = ""


class Listens(Protocol):
    """Wants to know of requests that are over; the answer has left."""

    def ended(self, ended: Ended) -> None:
        """Here is one."""


class Sums(Protocol):
    """Counts every request that was divided or not, by who answered."""

    def answered(self, side: Side, status: int, seconds: float) -> None:
        """It is over."""


@dataclass(slots=True)
class Around:
    """Everything on the loop's thread. sides: the challenger is missing when its flight is over.

    keeps: where requests and answers are kept, if anywhere. mirror: asks the challenger too. suspect: an arm took no
    connection. stopping: answers say that their connection ends. own: paths that
    are answered here, and never passed on.
    """

    settings: GatewaySettings
    sides: dict[Arm, Side]
    choosing: Choosing
    tally: Tally
    log: Log
    suspect: Callable[[Arm], None]
    deadlines: Deadlines = field(default_factory=Deadlines)
    clock: Callable[[], float] = time.perf_counter
    keeps: Listens | None = None
    mirror: Listens | None = None
    stopping: bool = False
    own: Mapping[bytes, Callable[[], Answer]] = field(default_factory=dict)
    sums: Sums | None = None
