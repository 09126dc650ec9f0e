"""The chunked transfer coding (RFC 9112, section 7.1), strictly: the place where smuggled requests hide."""

from __future__ import annotations

import re
from typing import Final

from trimtab.server.wire import Refusal

__all__ = ["Chunks", "RefusedError"]

_LINE_LIMIT: Final = 256
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[\t\x20-\x7e\x80-\xff]*)?")
_TRAILER: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*")

# what another reader of the same bytes might heed (RFC 9110, section 6.5.1)
_FRAMING: Final = frozenset({b"content-length", b"transfer-encoding", b"host"})


class RefusedError(Exception):
    """The bytes so far cannot become a request that we take."""

    def __init__(self, status: int, what: str) -> None:
        """The status of the only answer, and why."""
        super().__init__(what)
        self.refusal = Refusal(status, what)


class Chunks:
    """Collects the body of one chunked request; `done` once its last byte was taken."""

    __slots__ = ("_body_limit", "_chunk_limit", "_in_trailer", "_left", "_line", "_trailer_left", "body", "done")

    def __init__(self, body_limit: int, chunk_limit: int, trailer_limit: int) -> None:
        """Limits in bytes, but for `chunk_limit`, the number of chunks."""
        self.body = bytearray()
        self.done = False
        self._body_limit = body_limit
        self._chunk_limit = chunk_limit
        self._trailer_left = trailer_limit
        self._line = bytearray()
        self._left = -1  # bytes of the chunk still to come; 0: its line end; -1: a size line
        self._in_trailer = False

    def take(self, data: bytes | bytearray, start: int) -> int:
        """Takes what belongs to this body from `start` on; the position behind it. Raises RefusedError."""
        while start < len(data) and not self.done:
            if self._left > 0:
                piece = memoryview(data)[start : start + self._left]
                self.body += piece
                self._left -= len(piece)
                start += len(piece)
            else:
                start = self._take_line(data, start)
        return start

    def _take_line(self, data: bytes | bytearray, start: int) -> int:
        """Collects one line; it may come in many pieces, its two end bytes apart too."""
        room = _LINE_LIMIT + 2 - len(self._line)  # of the whole line, so that its pieces do not matter
        end = data.find(b"\n", start, start + room)
        stop = end + 1 if end >= 0 else min(len(data), start + room)
        self._line += memoryview(data)[start:stop]
        if end >= 0:
            if not self._line.endswith(b"\r\n"):
                raise RefusedError(400, "a line of a chunked body ends with a bare LF")
            line = bytes(self._line[:-2])
            self._line.clear()
            self._take_complete(line)
        elif len(self._line) == _LINE_LIMIT + 2:
            raise RefusedError(400, "a line of a chunked body is too long")
        return stop

    def _take_complete(self, line: bytes) -> None:
        if self._in_trailer:
            self._trailer_left -= len(line) + 2
            if self._trailer_left < 0:
                raise RefusedError(431, "the trailer of a chunked body is too long")
            if line and not _TRAILER.fullmatch(line):
                raise RefusedError(400, "the trailer of a chunked body is malformed")
            if line.partition(b":")[0].lower() in _FRAMING:
                raise RefusedError(400, "the trailer of a chunked body speaks of framing")
            self.done = not line
        elif self._left == 0:
            if line:
                raise RefusedError(400, "a chunk is longer than its size")
            self._left = -1
        else:
            self._begin(line)

    def _begin(self, line: bytes) -> None:
        match = _SIZE.fullmatch(line)
        if match is None:
            raise RefusedError(400, "a chunk size is not a hexadecimal number")
        size = int(match[1], 16)
        self._chunk_limit -= 1
        if self._chunk_limit < 0:
            raise RefusedError(413, "the body has too many chunks")
        if len(self.body) + size > self._body_limit:
            raise RefusedError(413, f"the body is longer than {self._body_limit} bytes")
        self._in_trailer = size == 0
        self._left = size or -1
