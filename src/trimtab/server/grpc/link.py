"""A client's connection and ours to grpcio: bytes pass both ways, no faster than they are read, until a goodbye."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from trimtab.server.grpc.frames import GOODBYE, PING, Calls, farewell, from_client, from_server

__all__ = ["End", "Front", "Link", "Transport"]


class Transport(Protocol):
    """What of asyncio's transports an end needs."""

    def write(self, data: bytes) -> None:
        """Send when the other side reads."""

    def pause_reading(self) -> None:
        """Take nothing more."""

    def resume_reading(self) -> None:
        """Take more."""

    def get_write_buffer_size(self) -> int:
        """Bytes that are not sent."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Who is there."""

    def is_closing(self) -> bool:
        """Whether it ends, or has ended."""

    def close(self) -> None:
        """End when all is sent."""

    def abort(self) -> None:
        """End now."""


class Front(Protocol):
    """Where links come from."""

    def opened(self, link: Link) -> None:
        """A client is there: connect the other end."""

    def closing(self, link: Link) -> None:
        """The client only has to read what is left for it."""

    def ended(self, link: Link) -> None:
        """The client is gone."""

    def parted(self, link: Link) -> None:
        """Our end of the connection to grpcio is about to be closed."""


class End(asyncio.Protocol):
    """One end of a link, as asyncio wants it; `other` is the one that its bytes go out at."""

    other: End

    def __init__(self, made: Callable[[], None], arrived: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        """What to do when it is connected, with what it brings, and when it is gone."""
        self.transport: Transport | None = None
        self._made, self._arrived, self._lost = made, arrived, lost
        self._early = b""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # less than asyncio promises
        """See `asyncio.Protocol`."""
        self.transport = transport
        if self._early:
            transport.write(self._early)
            self._early = b""
        self._made()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._arrived(data)

    def connection_lost(self, _exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._lost()

    def pause_writing(self) -> None:
        """Nobody reads here: take nothing more there."""
        if self.other.transport is not None and not self.other.transport.is_closing():
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """See `pause_writing`."""
        if self.other.transport is not None and not self.other.transport.is_closing():
            self.other.transport.resume_reading()

    def write(self, data: bytes) -> None:
        """Send, or keep until it is connected."""
        if self.transport is None:
            self._early += data
        elif not self.transport.is_closing():
            self.transport.write(data)


class Link:
    """Both ends, and the calls between them."""

    def __init__(self, front: Front) -> None:
        """Nobody is connected yet."""
        self.since = 0.0  # by the loop's clock: when the client came
        self.name = ""  # of our end of the connection to grpcio
        self.calls = Calls()
        self.outer = End(self._opened, self._ask, self._left)
        self.inner = End(self._joined, self._answer, self._parted)
        self.outer.other, self.inner.other = self.inner, self.outer
        self._asked, self._answered = from_client(self.calls), from_server(self.calls)
        self._front = front
        self._leaving = self._hurry = self._said = self._again = self._closing = False

    @property
    def idle(self) -> bool:
        """Whether the client waits for nothing."""
        transport = self.outer.transport
        return not self.calls.open and (transport is None or not transport.get_write_buffer_size())

    def leave(self, *, now: bool = False) -> None:
        """Have the client begin no more calls here; the link ends when those under way are answered.

        A client that has begun none is told with its first one, or now. (The clients made of gRPC's C core hang until
        their deadline when a goodbye meets them while they still connect.)
        """
        self._leaving = True
        self._hurry |= now
        if self._answered.seam and self._may_say:
            self._said = True
            self.outer.write(GOODBYE)

    @property
    def _may_say(self) -> bool:
        return self._leaving and not self._said and not self._closing and (self.calls.begun or self._hurry)

    def end(self) -> None:
        """What is on its way still arrives."""
        if not self._closing:
            self._closing = True
            self._front.closing(self)
            for transport in (self.outer.transport, self.inner.transport):
                if transport is not None:
                    transport.close()

    def abort(self) -> None:
        """What is on its way is lost."""
        self._closing = True
        for transport in (self.outer.transport, self.inner.transport):
            if transport is not None:
                transport.abort()

    def _left(self) -> None:
        self._front.ended(self)
        self.end()

    def _parted(self) -> None:
        self._front.parted(self)
        self.end()

    def _opened(self) -> None:
        if self.outer.transport is not None:
            self.outer.transport.pause_reading()  # until grpcio reads
        self._front.opened(self)

    def _joined(self) -> None:
        if self._closing:
            self.abort()  # the client did not wait for it
        elif self.outer.transport is not None:
            self.outer.transport.resume_reading()

    def _ask(self, data: bytes) -> None:
        self._asked.feed(data)
        self.inner.write(data)
        if self._leaving:
            self.leave()
        self._settle()

    def _answer(self, data: bytes) -> None:
        seam = self._answered.feed(data)
        if self._may_say and seam >= 0:
            self._said = True
            data = data[:seam] + GOODBYE + data[seam:]
        self.outer.write(data)
        self._settle()

    def _settle(self) -> None:
        """Whoever has read the goodbye and waits for nothing more is let go.

        gRPC's C core sends the echo of a PING ahead of calls that it had begun before it read it. Behind the echo of
        another one they have come; and who is still later is told that it was not seen, and may ask elsewhere.
        """
        if self._closing or not self._said or not self.calls.echoes or not self._answered.seam:
            return
        if not self._again:
            self._again = True
            self.outer.write(PING)
        elif self.calls.echoes > 1 and not self.calls.open:
            self.outer.write(farewell(self.calls.last))
            self.end()
