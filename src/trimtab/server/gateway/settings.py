"""Every knob of a gateway as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from trimtab.server.gateway.backends import Backend
from trimtab.server.settings import Settings

__all__ = ["GatewaySettings", "Grpc"]


@dataclass(frozen=True, slots=True)
class Grpc:
    """Where gRPC is taken, and the `HOST:PORT` of each arm that it is passed on to."""

    listen: tuple[str, int]
    champion: str
    challenger: str


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Two backends and what is put up with; times in seconds, sizes in bytes.

    name: of the endpoint, as the ledger calls it. state: the file that remembers a promotion. serving: where the
    gateway listens, its TLS, and its limits of callers. health: path that says whether a backend is well; empty:
    the first of the usual ones that it answers. pin: what a caller shows in `x-trimtab-pin` to choose its
    arm; empty: nobody may.
    journal: the folder that requests and answers of both arms are kept in, None for none; body: of each, so much is
    kept and compared. tolerance: numbers of two answers that differ by no more, absolutely or relatively, agree.
    connect_s, answer_s, still_s: to a backend's connection, to the head of its answer, between two pieces of it.
    connections: at most, to one backend. shadows: mirrored requests at once.
    """

    champion: Backend
    challenger: Backend
    name: str
    state: Path
    serving: Settings = field(default_factory=Settings)
    health: str = ""
    pin: str = ""
    journal: Path | None = None
    body: int = 256 * 2**10
    tolerance: float = 1e-6
    connect_s: float = 2.0
    answer_s: float = 60.0
    still_s: float = 60.0
    health_s: float = 1.0
    connections: int = 512
    shadows: int = 8
    grpc: Grpc | None = None
