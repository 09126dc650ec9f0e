"""A caller's connection: one request after the other becomes an exchange with a backend."""

from __future__ import annotations

import asyncio
from math import inf
from typing import cast

from trimtab.server.connection import Phase
from trimtab.server.faults import problem_answer, refused
from trimtab.server.gateway.around import Around
from trimtab.server.gateway.exchange import Exchange
from trimtab.server.gateway.incoming import Begun, Heard, Incoming
from trimtab.server.guard.certificates import peer_of
from trimtab.server.patience import Patience
from trimtab.server.wire import CONTINUE, Refusal, serialise

__all__ = ["GatewayListener"]


class GatewayListener(asyncio.Protocol):
    """A `Caller`, and one of those who wait: for its next request, or for it to read what it was answered."""

    def __init__(self, around: Around, open_ones: set[GatewayListener]) -> None:
        """open_ones: every connection puts itself in here while it is open."""
        self._around, self._open = around, open_ones
        self._incoming = Incoming(around.settings.serving.limits)
        self._patience = Patience(around.settings.serving)
        self._exchange: Exchange | None = None
        self._transport: asyncio.Transport | None = None
        self._reading = True
        self._blocked = self._ending = False
        self.address, self.secure = "", False
        self.deadline = inf

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A caller is there."""
        self._transport = cast(asyncio.Transport, transport)  # as in `server/listener.py`
        self.address = peer_of(transport, None).address
        self.secure = transport.get_extra_info("sslcontext") is not None
        self._open.add(self)
        self._around.deadlines.waiting.add(self)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the name that asyncio gives
        """The caller has gone."""
        self._transport = None
        self._open.discard(self)
        self._around.deadlines.waiting.discard(self)
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.left()

    def data_received(self, data: bytes) -> None:
        """Work off what has arrived."""
        self._take(self._incoming.receive(data))

    def _take(self, heard: Heard | None) -> None:
        if isinstance(heard, Begun):
            self._begin(heard)
        elif isinstance(heard, Refusal):
            self._refuse(heard)
        elif heard is not None and self._exchange is not None:
            self._exchange.send(heard.data, last=heard.last)
        if self._exchange is not None:
            if self._incoming.held and self._incoming.phase is Phase.IDLE:
                self.pause(reading=False)  # more than one request: the next one waits for its turn
            if self._incoming.phase is Phase.IDLE and not self._blocked:
                self.deadline = inf  # it is a backend that is waited for
                return
        self._wait()

    def _begin(self, begun: Begun) -> None:
        self._patience.anew()
        if begun.waits and not begun.last:
            self.write(CONTINUE)
        head = begun.head
        self._exchange = exchange = Exchange(self._around, self, head.request, chunked=head.chunked)
        exchange.begin(begun.body, last=begun.last)

    def _refuse(self, refusal: Refusal) -> None:
        code = "P315" if refusal.status == 413 else "P320"  # noqa: PLR2004 - the status of a body over the limit
        answer = problem_answer(refused(code, refusal.what).problems, status=refusal.status)
        exchange, self._exchange = self._exchange, None
        if exchange is None:
            self.write(serialise(answer, keep_alive=False))
            self.end()
        elif not exchange.refuse(answer):
            self.abort()

    def write(self, data: bytes) -> None:
        """See `Caller`."""
        if self._transport is not None and not self._ending and data:
            self._transport.write(data)

    def pause(self, *, reading: bool) -> None:
        """See `Caller`."""
        reading = reading and not (self._incoming.held and self._incoming.phase is Phase.IDLE)
        if self._transport is not None and not self._ending and reading is not self._reading:
            self._reading = reading
            (self._transport.resume_reading if reading else self._transport.pause_reading)()

    def ended(self, *, keep_alive: bool) -> None:
        """See `Caller`."""
        self._exchange = None
        if not keep_alive or self._around.stopping:
            self.end()
            return
        self._patience.anew()
        if self._incoming.held:
            asyncio.get_running_loop().call_soon(self._next)
        else:
            self._incoming.again()
            if not self._reading:
                self.pause(reading=True)
        if self._blocked:
            self._wait()
        else:
            self.deadline = self._around.clock() + self._around.settings.serving.idle_timeout_s

    def _next(self) -> None:
        if self._transport is not None and not self._ending and self._exchange is None:
            self._take(self._incoming.again())
            self.pause(reading=True)

    def abort(self) -> None:
        """See `Caller`."""
        self._exchange = None
        self._ending = True
        if self._transport is not None:
            self._transport.abort()

    def end(self) -> None:
        """Close after what was written has left."""
        self._ending = True
        if self._transport is not None:
            self.deadline = self._around.clock() + self._around.settings.serving.write_timeout_s
            self._transport.close()

    def drain(self) -> None:
        """Close now if nothing is owed to the caller."""
        if self._exchange is None:
            self.end()

    def pause_writing(self) -> None:
        """The caller reads too slowly: its answer waits, and it has so long to catch up."""
        self._blocked = True
        if self._exchange is not None:
            self._exchange.take(more=False)
        self._wait()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._blocked = False
        if self._exchange is not None:
            self._exchange.take(more=True)
        self._wait()

    def _wait(self) -> None:
        """Set the time that the caller has for what comes next; none runs while it is a backend that is waited for."""
        if self._ending:
            return
        now, phase = self._around.clock(), self._incoming.phase
        if self._blocked:
            self.deadline = now + self._around.settings.serving.write_timeout_s
        elif self._exchange is not None and (phase is not Phase.BODY or not self._reading):
            self.deadline = inf
        else:
            self.deadline = self._patience.until(phase, self._incoming.received, now)

    def late(self, now: float) -> None:  # noqa: ARG002 - see `Waits`
        """Time is up: close what is idle, say what did not arrive."""
        phase = self._incoming.phase
        if self._ending or self._blocked:
            if self._transport is not None:
                self._transport.abort()
        elif phase is Phase.HEAD:
            self._refuse(Refusal(408, "the head did not arrive in time"))
        elif phase is Phase.BODY:
            self._refuse(Refusal(408, "the body did not go on in time"))
        else:
            self.end()
