"""The receiving side of a connection to a backend, without I/O: bytes in, the answer's head and pieces out.

As strict as the side of the callers: an answer that two readers might end at different places is broken off, and its
connection is never used again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from trimtab.server.chunks import Chunks, RefusedError

__all__ = ["AnswerHead", "Answers", "MalformedError"]

_END: Final = b"\r\n\r\n"
_HEAD: Final = 64 * 2**10
_OFTEN: Final = 1024  # bytes of a head that is worth remembering
_NO_LIMIT: Final = 2**62
_DIGITS: Final = 18
_FIRST: Final = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?")
_LINE: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)")
# of this connection alone, and never passed on (RFC 9110, section 7.6.1)
_HOP: Final = frozenset({
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-connection", b"te", b"trailer", b"transfer-encoding",
    b"upgrade", b"content-length",
    b"x-trimtab-revision",  # ours to say
})  # fmt: skip
_BARE: Final = frozenset({204, 304})  # never have a body
_EARLY, _SWITCHING = 200, 101


class MalformedError(ValueError):
    """What came is no answer that has one meaning."""


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """Status and headers of an answer.

    lines: the headers that are passed on, each with its line end. length: of the body, -1 where only its end tells;
    said: what `content-length` said, which an answer to HEAD has without a body. kept: its connection may be used
    again.
    """

    status: int
    first: bytes
    lines: tuple[bytes, ...]
    length: int
    said: int
    chunked: bool
    kept: bool
    json: bool
    notes: dict[object, bytes] = field(default_factory=dict, compare=False)  # as it is passed on


class Answers:
    """Of one connection: the answers to one request after the other."""

    __slots__ = ("_bare", "_chunks", "_held", "_left", "done", "head", "over")

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self.done = True
        self.over = False  # bytes came that no request asked for
        self._held = b""
        self._bare = False
        self._chunks: Chunks | None = None
        self._left = 0
        self.head: AnswerHead | None = None

    def expect(self, *, bare: bool) -> None:
        """A request was sent; bare: by HEAD, whose answer has no body."""
        self.done, self._bare, self.head = False, bare, None

    def receive(self, data: bytes) -> tuple[AnswerHead | None, bytes]:
        """The head if it is whole now, and more of the body; `done` when that was all. Raises MalformedError."""
        head = None
        if self.head is None:
            data = self._held + data if self._held else data
            head, data = self._take_heads(data)
            if head is None:
                return None, b""
        return head, self._take(data)

    def close(self) -> bool:
        """The backend has closed the connection: whether that was the end of the answer."""
        if self.head is not None and not self.done and self._left < 0 and self._chunks is None:
            self.done = True
        return self.done

    def _take_heads(self, data: bytes) -> tuple[AnswerHead | None, bytes]:
        """The head of the final answer; those ahead of it (1xx) are for this connection alone."""
        while True:
            end = data.find(_END, 0, _HEAD)
            if end < 0:
                if len(data) >= _HEAD:
                    raise MalformedError(f"its head is longer than {_HEAD} bytes")
                self._held = data
                return None, b""
            self._held = b""
            head = _head_again(data[:end]) if end <= _OFTEN else _head(data[:end])
            data = data[end + len(_END) :]
            if head.status == _SWITCHING:
                raise MalformedError("it changes the protocol, and nobody asked for that")
            if head.status >= _EARLY:
                break
        self.head = head
        if self._bare or head.status in _BARE:
            self._left = 0
        elif head.chunked:
            self._chunks = Chunks(_NO_LIMIT, _NO_LIMIT, _HEAD)
        else:
            self._left = head.length
        return head, data

    def _take(self, data: bytes) -> bytes:
        chunks = self._chunks
        if chunks is not None:
            try:
                stop = chunks.take(data, 0)
            except RefusedError as error:
                raise MalformedError(error.refusal.what) from None
            piece = bytes(chunks.body)
            chunks.body.clear()
            if chunks.done:
                self.done, self._chunks = True, None
            self.over = stop < len(data)
            return piece
        if self._left < 0:
            return data
        piece = data if len(data) <= self._left else data[: self._left]
        self._left -= len(piece)
        self.done = self._left == 0
        self.over = len(piece) < len(data)
        return piece


def _head(text: bytes) -> AnswerHead:
    first, *lines = text.split(b"\r\n")
    status, reason, modern = _status(first)
    kept: list[bytes] = []
    said: dict[bytes, bytes] = {}
    for line in lines:
        name, value, passed = _line(line)
        if name in _HOP:
            if said.get(name, value) != value and name != b"connection":
                raise MalformedError(f"the header `{name.decode()}` is given twice")
            said[name] = said[name] + b"," + value if name == b"connection" and name in said else value
        else:
            kept.append(passed)
            if name == b"content-type":
                said[name] = value
    tokens = {token.strip().lower() for token in said.get(b"connection", b"").split(b",")} - {b""}
    named = tokens - {b"close", b"keep-alive"}
    if named:
        kept = [line for line in kept if line.partition(b":")[0].lower() not in named]
    length, chunked = _framing(said, modern=modern)
    keeps = b"close" not in tokens if modern else b"keep-alive" in tokens
    ends = chunked or length >= 0 or status in _BARE
    json = b"json" in said.get(b"content-type", b"")
    return AnswerHead(status, reason, tuple(kept), length, length, chunked, keeps and ends, json)


@lru_cache(maxsize=512)
def _head_again(text: bytes) -> AnswerHead:
    """Answers of one second often have the same head."""
    return _head(text)


def _framing(said: dict[bytes, bytes], *, modern: bool) -> tuple[int, bool]:
    coding, length = said.get(b"transfer-encoding"), said.get(b"content-length")
    if coding is not None:
        if length is not None:
            raise MalformedError("it has both `content-length` and `transfer-encoding`")
        if coding.lower() != b"chunked" or not modern:
            raise MalformedError("its transfer coding is not `chunked`")
        return -1, True
    if length is None:
        return -1, False
    if not length.isdigit() or len(length) > _DIGITS:
        raise MalformedError("its `content-length` is not a number")
    return int(length), False


@lru_cache(maxsize=256)
def _status(line: bytes) -> tuple[int, bytes, bool]:
    found = _FIRST.fullmatch(line)
    if found is None:
        raise MalformedError("its first line is not `HTTP/1.1 status reason`")
    return int(found[2]), b"HTTP/1.1 %b %b\r\n" % (found[2], found[3] or b""), found[1] == b"1"


@lru_cache(maxsize=2048)
def _line(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Name, value, and the line as it is passed on; most lines of an answer are those of the last one."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise MalformedError("a line of its head is not `name: value`")
    value = found[2].strip(b" \t")  # by the pattern it would take the square of what blanks there are
    return found[1].lower(), value, b"%b: %b\r\n" % (found[1], value)
