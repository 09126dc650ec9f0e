"""HTTP/1.1 without I/O: bytes in, events out.

Framing is our own and strict where request smuggling lives: one length, CRLF only, no body with two framings. After a
refusal or a request that ends the connection nothing more comes. `heads` reads the heads.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from trimtab.server.chunks import Chunks, RefusedError
from trimtab.server.heads import END, OFTEN, framed, framed_again
from trimtab.server.wire import Continue, Event, Request

__all__ = ["Connection", "Limits", "Phase"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may send: bytes of a head and of a body, chunks of a chunked body."""

    head: int = 32 * 2**10
    body: int = 64 * 2**20
    chunks: int = 65_536


class Phase(Enum):
    """What the connection waits for."""

    IDLE = "a request"
    HEAD = "the rest of a head"
    BODY = "the rest of a body"
    CLOSED = "nothing"


class Connection:
    """The receiving side of one connection; a state machine that never waits and never raises."""

    __slots__ = ("_blank", "_body", "_chunks", "_held", "_left", "_limits", "_request", "phase")

    def __init__(self, limits: Limits) -> None:
        """An empty connection."""
        self._limits = limits
        self.phase = Phase.IDLE
        self._held = bytearray()  # the beginning of a head
        self._blank = True  # one empty line before a request is allowed (RFC 9112, section 2.2)
        self._request: Request | None = None  # a head that waits for its body
        self._body = bytearray()
        self._left = 0
        self._chunks: Chunks | None = None

    @property
    def idle(self) -> bool:
        """Whether what comes next is the first byte of a request."""
        return self.phase is Phase.IDLE and self._request is None and not self._held

    def receive(self, data: bytes) -> list[Event]:
        """The events that these bytes complete, in order."""
        if self.idle:
            request = self._whole(data)
            if request is not None:
                return [request]
        return self._piecewise(data)

    def _whole(self, data: bytes) -> Request | None:
        """The one request that these bytes are, nothing before and nothing behind it; None for everything else."""
        end = data.find(END, 0, OFTEN) + len(END)
        if end < len(END):
            return None
        try:
            head = framed_again(data[:end])
        except RefusedError:
            return None
        request, length = head.request, head.length
        if head.chunked or end + length != len(data) or length > self._limits.body or end > self._limits.head:
            return None
        self._blank = True
        if not request.keep_alive:
            self.phase = Phase.CLOSED
        return request.with_body(data[end:]) if length else request

    def _piecewise(self, data: bytes) -> list[Event]:
        events: list[Event] = []
        held = len(self._held)
        text: bytes | bytearray = data
        if held:
            self._held += data
            text, self._held = self._held, bytearray()
        position = 0
        try:
            while position < len(text) and self.phase is not Phase.CLOSED:
                if self._request is None:
                    position = self._take_head(text, position, max(held - 3, position), events)
                else:
                    position = self._take_body(text, position, events)
        except RefusedError as refused:
            self.phase = Phase.CLOSED
            events.append(refused.refusal)
        return events

    @property
    def received(self) -> int:
        """Bytes of the unfinished body that are here."""
        return len(self._body) if self._chunks is None else len(self._chunks.body)

    def _take_head(self, text: bytes | bytearray, start: int, searched: int, events: list[Event]) -> int:
        if self._blank and text.startswith(b"\r\n", start):
            self._blank = False
            start += 2
        self.phase = Phase.HEAD
        end = text.find(END, max(searched, start), start + self._limits.head)
        if end < 0:
            if len(text) - start >= self._limits.head:
                raise RefusedError(431, f"the head is longer than {self._limits.head} bytes")
            if text.count(b"\n", start) != text.count(b"\r\n", start):
                raise RefusedError(400, "a line of the head ends with a bare LF")
            self._held = bytearray(memoryview(text)[start:]) if start or isinstance(text, bytes) else text
            return len(text)
        end += len(END)
        self._begin(bytes(text[start:end]), events, more=end < len(text))
        return end

    def _begin(self, head: bytes, events: list[Event], *, more: bool) -> None:
        found = framed_again(head) if len(head) <= OFTEN else framed(head)
        if found.chunked:
            self._chunks = Chunks(self._limits.body, self._limits.chunks, self._limits.head)
        elif found.length > self._limits.body:
            raise RefusedError(413, f"the body is longer than {self._limits.body} bytes")
        elif found.length == 0:
            self._finish(found.request, events)
            return
        self._left = found.length
        if found.expects and not more:
            events.append(Continue())
        self._request = found.request
        self.phase = Phase.BODY

    def _take_body(self, text: bytes | bytearray, start: int, events: list[Event]) -> int:
        request = self._request
        assert request is not None  # noqa: S101 - the caller looked; mypy does not see it
        if self._chunks is not None:
            start = self._chunks.take(text, start)
            if self._chunks.done:
                body, self._chunks = self._chunks.body, None
                self._finish(request.with_body(body), events)
            return start
        end = start + self._left
        if not self._body and end <= len(text):
            self._finish(request.with_body(bytes(text[start:end])), events)
            return end
        piece = memoryview(text)[start:end]
        self._body += piece
        self._left -= len(piece)
        if self._left == 0:
            body, self._body = self._body, bytearray()
            self._finish(request.with_body(body), events)
        return start + len(piece)

    def _finish(self, request: Request, events: list[Event]) -> None:
        self._request = None
        self._blank = True
        self.phase = Phase.IDLE if request.keep_alive else Phase.CLOSED
        events.append(request)
