"""Which heads are on the express lane. A lane is noted with its head, and forgotten with it."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Final

from trimtab.server.answering import Around
from trimtab.server.chunks import RefusedError
from trimtab.server.dialects import Exchange
from trimtab.server.dialects.coding import accepted
from trimtab.server.endpoint import Endpoint
from trimtab.server.express.express import Express
from trimtab.server.express.lane import Caller, Lane, Passed
from trimtab.server.express.queued import Asks, Queued
from trimtab.server.guard.principal import Principal
from trimtab.server.heads import END, OFTEN, framed_again
from trimtab.server.journal.unkept import called_by
from trimtab.server.metrics import Place
from trimtab.server.router import Bound
from trimtab.server.wire import Request

__all__ = ["Lanes"]

# what a head must not say: how the body is written is then another matter
_ODD: Final = frozenset({b"content-encoding", b"expect", b"inference-header-content-length", b"transfer-encoding"})


class Lanes:
    """Of one server; on the loop's thread."""

    def __init__(self, around: Around, ids: Iterator[str]) -> None:
        """ids: of requests that are not kept."""
        self._around, self._ids = around, ids
        self._plane, self._guard = around.plane, around.guard
        self._open = around.guard.shares is None and not around.plane.settings.access_log

    def take(self, data: bytes, caller: Caller) -> bool:
        """Whether these bytes are one request that was answered, or will be, since its head has a lane."""
        begin = data.find(END, 0, OFTEN) + len(END)
        if begin < len(END):
            return False
        try:
            lane: Lane | Queued | None = framed_again(data[:begin]).request.notes.get(self)
        except RefusedError:
            return False
        return lane is not None and lane(data, begin, caller)

    def take_read(self, http: Request, caller: Caller) -> bool:
        """The same for a request whose bytes are taken apart already."""
        lane: Lane | Queued | None = http.notes.get(self)
        return lane is not None and lane(bytes(http.body), 0, caller)

    def learn(
        self,
        http: Request,
        exchange: Exchange,
        endpoint: Endpoint,
        caller: Principal,
        found: tuple[Bound | None, Place],
    ) -> None:
        """A request was read in full and is about to be answered: those that are like it may take the lane."""
        reading, known = endpoint.reading, http.notes.get(self)
        if reading is None or not self._open or endpoint.arms is not None or not self._plain(http, exchange, caller):
            return
        if not reading.learn(http.body, exchange.request.columns) or (known is not None and known.principal is caller):
            return
        head, length = http.with_body(b""), len(http.body)
        limit = self._plane.settings.compress_above if accepted(http.headers.get(b"accept-encoding", b"")) else inf
        called = called_by("", "", http.headers)
        if isinstance(reading, Express):
            passed = Passed(head, caller, endpoint, reading, found[1], length, called, limit)
            http.notes[self] = Lane(self._plane, self._guard, passed, self._ids)
        else:
            # not the exchange itself: the numbers of its request are not kept any longer than they are needed
            patience_s = exchange.request.timeout_s
            asks = Asks(head, caller, endpoint, reading, found, exchange.encode, patience_s, length, called, limit)
            http.notes[self] = Queued(self._around, asks, self._ids)

    def _plain(self, http: Request, exchange: Exchange, caller: Principal) -> bool:
        usual = (
            http.keep_alive and not http.old and not http.headers.keys() & _ODD and b"content-length" in http.headers
        )
        whole = exchange.events is None and not exchange.request.outputs
        return usual and whole and self._guard.known(http) is caller
