"""The receiving side of a caller's connection, without I/O: as `connection.py`, but a body is passed on as it comes.

The same readers of heads and of chunks decide what is a request, so the same requests are refused.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from trimtab.server.chunks import Chunks, RefusedError
from trimtab.server.connection import Limits, Phase
from trimtab.server.heads import OFTEN, Framed, framed, framed_again
from trimtab.server.wire import Refusal

__all__ = ["Begun", "Heard", "Incoming", "Piece"]

_END: Final = b"\r\n\r\n"


class Begun(NamedTuple):
    """A head, and what of the body came with it. last: that is all of it. waits: for `100 Continue`."""

    head: Framed
    body: bytes
    last: bool
    waits: bool = False


class Piece(NamedTuple):
    """More of the body."""

    data: bytes
    last: bool


Heard: TypeAlias = Begun | Piece | Refusal


class Incoming:
    """One request at a time: what comes behind it is held until `again`. Never waits, never raises."""

    __slots__ = ("_blank", "_chunks", "_held", "_left", "_limits", "_taken", "phase", "received")

    def __init__(self, limits: Limits) -> None:
        """An empty connection."""
        self._limits = limits
        self._held = b""
        self._blank = True  # one empty line before a request is allowed (RFC 9112, section 2.2)
        self._chunks: Chunks | None = None
        self._left = 0
        self._taken = False  # a request is whole, and has not been answered yet
        self.received = 0  # bytes of the body so far
        self.phase = Phase.IDLE

    @property
    def held(self) -> int:
        """Bytes that wait for their turn."""
        return len(self._held)

    def receive(self, data: bytes) -> Heard | None:
        """What these bytes bring of the request whose turn it is, if anything."""
        if self._held:
            data = self._held + data
            self._held = b""
        if self._taken or self.phase is Phase.CLOSED:
            self._held = b"" if self.phase is Phase.CLOSED else data
            return None
        try:
            return self._body(data) if self.phase is Phase.BODY else self._head(data)
        except RefusedError as refused:
            self.phase = Phase.CLOSED
            return refused.refusal

    def again(self) -> Heard | None:
        """The request is answered: what is held of the next one."""
        self._taken = False
        self._blank = True
        return self.receive(b"") if self._held else None

    def _head(self, data: bytes) -> Heard | None:
        if self._blank and data.startswith(b"\r\n"):
            self._blank = False
            data = data[2:]
        if not data:
            return None
        self.phase = Phase.HEAD
        end = data.find(_END, 0, self._limits.head)
        if end < 0:
            if len(data) >= self._limits.head:
                raise RefusedError(431, f"the head is longer than {self._limits.head} bytes")
            if data.count(b"\n") != data.count(b"\r\n"):
                raise RefusedError(400, "a line of the head ends with a bare LF")
            self._held = data
            return None
        end += len(_END)
        head = data[:end]
        found = framed_again(head) if end <= OFTEN else framed(head)
        if found.length > self._limits.body:
            raise RefusedError(413, f"the body is longer than {self._limits.body} bytes")
        self.received, self._left = 0, found.length
        self._chunks = Chunks(self._limits.body, self._limits.chunks, self._limits.head) if found.chunked else None
        waits = found.expects and len(data) == end
        self.phase = Phase.BODY
        piece = self._body(data[end:]) if len(data) > end or not (found.length or found.chunked) else None
        if piece is None:
            return Begun(found, b"", last=False, waits=waits)
        return Begun(found, piece.data, piece.last, waits)

    def _body(self, data: bytes) -> Piece | None:
        chunks = self._chunks
        if chunks is None:
            piece, self._held = data[: self._left], data[self._left :]
            self._left -= len(piece)
            last = self._left == 0
        else:
            stop = chunks.take(data, 0)
            piece, self._held = bytes(chunks.body), data[stop:]
            chunks.body.clear()
            last = chunks.done
        self.received += len(piece)
        if self.received > self._limits.body:
            raise RefusedError(413, f"the body is longer than {self._limits.body} bytes")
        if last:
            self._taken, self._chunks = True, None
            self.phase = Phase.IDLE
        return Piece(piece, last) if piece or last else None
