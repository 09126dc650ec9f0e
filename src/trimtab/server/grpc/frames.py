"""The frames of HTTP/2 as they pass by (RFC 9113): where one ends, which calls are open, and how to say goodbye.

Nothing is decoded but the nine bytes at the head of each frame, and what a PING carries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

__all__ = ["GOODBYE", "PING", "Calls", "Frames", "farewell", "from_client", "from_server"]

_HEAD: Final = 9
_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _PING, _GOAWAY, _CONTINUATION = 0, 1, 3, 4, 6, 7, 9
_END_STREAM, _ACK, _END_HEADERS = 0x1, 0x1, 0x4
_PREFACE: Final = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
_WORD: Final = b"trimtab!"  # of our PING: its echo says that the goodbye has been read

PING: Final = bytes([0, 0, 8, _PING, 0, 0, 0, 0, 0]) + _WORD


def farewell(last: int) -> bytes:
    """Begin no call after this: none beyond that one has been seen here, or will be (section 6.8)."""
    return bytes([0, 0, 8, _GOAWAY, 0, 0, 0, 0, 0]) + last.to_bytes(4, "big") + bytes(4)


# whatever has been begun is taken; then a PING
GOODBYE: Final = farewell(0x7FFFFFFF) + PING


class Calls:
    """The calls of one connection that are not answered to their end."""

    def __init__(self) -> None:
        """None yet."""
        self.open: set[int] = set()
        self.echoes = 0  # of our PINGs: the client has read what was sent ahead of so many
        self.last = 0  # that was begun

    @property
    def begun(self) -> bool:
        """Whether there was one."""
        return self.last > 0

    def asked(self, kind: int, flags: int, stream: int, word: bytes) -> None:
        """A frame of the client's has passed."""
        if kind == _HEADERS and stream > self.last:
            self.last = stream
            self.open.add(stream)
        elif kind == _RST_STREAM:
            self.open.discard(stream)
        elif kind == _PING and flags & _ACK and word == _WORD:
            self.echoes += 1

    def answered(self, kind: int, flags: int, stream: int, _word: bytes) -> None:
        """A frame of the server's has passed."""
        if kind == _RST_STREAM or (kind in {_DATA, _HEADERS} and flags & _END_STREAM):
            self.open.discard(stream)


# is told of every whole frame: kind, flags, stream, what a PING carries
Passed: TypeAlias = Callable[[int, int, int, bytes], None]


class Frames:
    """One direction of a connection, however its bytes are cut."""

    def __init__(self, passed: Passed, preface: int = 0) -> None:
        """preface: bytes before the first frame."""
        self._passed = passed
        self._left = preface  # bytes until this frame ends
        self._head = b""
        self._kind = self._flags = self._stream = -1
        self._word = b""
        self._in_block = False  # between a call's HEADERS and the last CONTINUATION nothing may stand
        self.seam = False  # whether a frame of ours may follow what has passed

    def feed(self, data: bytes) -> int:
        """Follow these bytes; where in them a frame of ours may stand, behind the last whole one, and -1 if nowhere."""
        at, end, seam = 0, len(data), -1
        while at < end:
            if not self._left:
                at = self._begin(data, at)
                if self._head:
                    break
            else:
                step = min(self._left, end - at)
                if self._kind == _PING:
                    self._word = (self._word + data[at : at + min(step, len(_WORD))])[: len(_WORD)]
                at += step
                self._left -= step
            if not self._left and self._ended():
                seam = at
        self.seam = seam == end or (self.seam and not end)
        return seam

    def _begin(self, data: bytes, at: int) -> int:
        """Read a head, or what is there of it; where it ends."""
        taken = at + _HEAD - len(self._head)
        head = self._head + data[at:taken]
        if len(head) < _HEAD:
            self._head = head
            return len(data)
        self._head = self._word = b""
        self._left = int.from_bytes(head[:3], "big")
        self._kind, self._flags = head[3], head[4]
        self._stream = int.from_bytes(head[5:], "big") & 0x7FFFFFFF
        return taken

    def _ended(self) -> bool:
        """A frame is whole; whether another may follow that is not its own continuation."""
        if self._kind < 0:
            return False  # the preface
        if self._kind in {_HEADERS, _CONTINUATION}:
            self._in_block = not self._flags & _END_HEADERS
        self._passed(self._kind, self._flags, self._stream, self._word)
        return not self._in_block


def from_client(calls: Calls) -> Frames:
    """What a client sends."""
    return Frames(calls.asked, _PREFACE)


def from_server(calls: Calls) -> Frames:
    """What a server sends; its first frame is its settings, and nothing may stand before them."""
    return Frames(calls.answered)
