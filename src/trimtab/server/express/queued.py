"""A head whose requests are read on the express lane, and then wait in the queue of a model like all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf

from trimtab.server.answering import Answering, Around
from trimtab.server.dataplane import InferRequest, InferResponse
from trimtab.server.dialects import Exchange
from trimtab.server.endpoint import Endpoint
from trimtab.server.express.lane import Caller
from trimtab.server.express.reading import Reading
from trimtab.server.guard.principal import Principal
from trimtab.server.metrics import Place
from trimtab.server.router import Bound
from trimtab.server.wire import Answer, Request

__all__ = ["Asks", "Queued"]


@dataclass(frozen=True, slots=True)
class Asks:
    """What was found out of a head: who sends it, and may; what it asks, and where that is counted.

    encode: how answers are written. timeout_s: how long its caller waits, None where he does not say. length: of the
    body.
    """

    http: Request
    principal: Principal
    endpoint: Endpoint
    reading: Reading
    found: tuple[Bound | None, Place]
    encode: Callable[[InferResponse], Answer]
    timeout_s: float | None
    length: int


class Queued:
    """As `Lane`, for a model that is more than a call of the kernels."""

    __slots__ = ("_around", "_asks", "_ids")

    def __init__(self, around: Around, asks: Asks, ids: Iterator[str]) -> None:
        """ids: of requests that are not kept."""
        self._around, self._asks, self._ids = around, asks, ids

    @property
    def principal(self) -> Principal:
        """Who takes it."""
        return self._asks.principal

    def __call__(self, data: bytes, begin: int, caller: Caller) -> bool:
        """Whether the request will be answered. Its body begins there, and the data ends where it should end."""
        asks, plane = self._asks, self._around.plane
        endpoint = asks.endpoint
        if len(data) - begin != asks.length or plane.stopping or endpoint.state != "ready" or endpoint.arms is not None:
            return False
        if self._around.guard.known(asks.http) is not asks.principal:
            return False
        batcher = endpoint.batcher
        if batcher is None or batcher.full_for(inf if asks.timeout_s is None else asks.timeout_s):
            return False  # before any work is done for it: a refusal must stay cheap
        table = asks.reading.table(data, begin)
        if table is None:
            return False
        plane.metrics.begin()
        slot = caller.owe()
        answering = Answering(self._around, asks.http, caller.peer, asks.found, next(self._ids), slot.put)
        try:
            answering.known(asks.principal)
            request = InferRequest(endpoint.name, {}, answering.id, timeout_s=asks.timeout_s)
            slot.call = answering.ask(Exchange(request, asks.encode), table)
        except Exception as error:  # noqa: BLE001 - as in `App.answer`
            answering.finish(answering.failed(error))
        return True
