"""What a listener needs of whoever answers its requests: the data plane of a server, the control plane of a router."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from trimtab.server.express.lanes import Lanes
from trimtab.server.guard.peer import Peer
from trimtab.server.inflating import Owed
from trimtab.server.settings import Settings
from trimtab.server.wire import Answer, Refusal, Request

__all__ = ["Answers"]


class _Plane(Protocol):
    @property
    def settings(self) -> Settings: ...

    @property
    def stopping(self) -> bool: ...


class Answers(Protocol):
    """Whoever answers the requests of a listener: an `App`, or a control plane."""

    @property
    def plane(self) -> _Plane:
        """What its callers are put up with, and whether it stops."""

    @property
    def lanes(self) -> Lanes | None:
        """What goes ahead of `answer`; None where nothing does."""

    def answer(self, http: Request, send: Callable[[Answer], None], peer: Peer) -> Owed | None:
        """Sends one answer, now or later; never raises. What comes back is still waited for."""

    def refuse(self, refusal: Refusal) -> Answer:
        """The answer to bytes that are no request."""
