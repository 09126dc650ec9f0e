"""HTTP/1.1 without I/O: bytes in, events out.

The head is parsed by httptools; framing is our own and strict where request smuggling lives: one length, CRLF only,
no folded headers, no body with two framings. After a refusal or a request that ends the connection nothing more comes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

import httptools

from trimtab.server.chunks import Chunks, RefusedError
from trimtab.server.wire import Continue, Event, Request

__all__ = ["Connection", "Limits", "Phase"]

_SINGLE: Final = frozenset({b"host", b"content-length", b"transfer-encoding"})
_LENGTH_DIGITS: Final = 18
_OFTEN: Final = 1024  # bytes of a head that is worth remembering
_OWS: Final = b" \t"
_END: Final = b"\r\n\r\n"
# llhttp skips line ends before a method, which others take for part of a line
_LINE: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ ([\x21-\x7e]+) HTTP/([0-9]\.[0-9])")
_ADDRESS: Final = re.compile(rb"https?://[^/?#]+", re.IGNORECASE)


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


class _Head:
    """Collects what httptools reports of one head."""

    __slots__ = ("headers", "twice", "url")

    def __init__(self) -> None:
        self.url = b""
        self.headers: dict[bytes, bytes] = {}
        self.twice = b""

    def on_url(self, url: bytes) -> None:
        self.url = url

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        value = value.strip(_OWS)
        if name in self.headers:
            if name in _SINGLE:
                self.twice = name
            value = self.headers[name] + b", " + value
        self.headers[name] = value


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

    def receive(self, data: bytes) -> list[Event]:
        """The events that these bytes complete, in order."""
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
        end = text.find(_END, max(searched, start), start + self._limits.head)
        if end < 0:
            if len(text) - start >= self._limits.head:
                raise RefusedError(431, f"the head is longer than {self._limits.head} bytes")
            if text.count(b"\n", start) != text.count(b"\r\n", start):
                raise RefusedError(400, "a line of the head ends with a bare LF")
            self._held = bytearray(memoryview(text)[start:]) if start or isinstance(text, bytes) else text
            return len(text)
        end += len(_END)
        self._begin(bytes(text[start:end]), events, more=end < len(text))
        return end

    def _begin(self, head: bytes, events: list[Event], *, more: bool) -> None:
        request = _parse_again(head) if len(head) <= _OFTEN else _parse(head)
        headers = request.headers
        length, coding = headers.get(b"content-length"), headers.get(b"transfer-encoding")
        if length is None and coding is None:
            self._finish(request, events)
            return
        if coding is not None:
            if length is not None:
                raise RefusedError(400, "both content-length and transfer-encoding")
            if coding.lower() != b"chunked":
                raise RefusedError(501, "the only transfer coding taken is `chunked`")
            self._chunks = Chunks(self._limits.body, self._limits.chunks, self._limits.head)
        else:
            self._left = _length(length or b"")
            if self._left > self._limits.body:
                raise RefusedError(413, f"the body is longer than {self._limits.body} bytes")
            if self._left == 0:
                self._finish(request, events)
                return
        if b"expect" in headers and not more:
            events.append(Continue())
        self._request = request
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


@lru_cache(maxsize=512)
def _parse_again(head: bytes) -> Request:
    """A caller that keeps its connection sends the same short head again and again: it is parsed once."""
    return _parse(head)


def _parse(head: bytes) -> Request:
    """The request of a head that ends with its empty line; body still empty."""
    line = _LINE.fullmatch(head, 0, head.index(b"\r\n"))
    if line is None:
        raise RefusedError(400, "the first line is not `method target HTTP/1.1`")
    if line[2] not in (b"1.1", b"1.0"):
        raise RefusedError(505, "the only versions taken are HTTP/1.1 and HTTP/1.0")
    parsed = _Head()
    parser = httptools.HttpRequestParser(parsed)
    try:
        parser.feed_data(head)
    except httptools.HttpParserUpgrade:
        pass  # an offer to change the protocol may be ignored (RFC 9110, section 7.8)
    except httptools.HttpParserInvalidMethodError:
        raise RefusedError(501, "unknown method") from None
    except httptools.HttpParserError as error:
        # httptools speaks of the rule that was broken, never of the bytes
        raise RefusedError(400, f"malformed head: {error}") from None
    modern = line[2] == b"1.1"
    _check(parsed, modern=modern)
    path, _, query = _origin(line[1], parser.get_method()).partition(b"?")
    tokens = [token.strip(_OWS) for token in parsed.headers.get(b"connection", b"").lower().split(b",")]
    keep_alive = b"close" not in tokens if modern else b"keep-alive" in tokens
    return Request(parser.get_method(), path, query, parsed.headers, b"", keep_alive)


def _check(head: _Head, *, modern: bool) -> None:
    if head.twice:
        raise RefusedError(400, f"the header `{head.twice.decode('ascii', 'replace')}` is given twice")
    if modern and b"host" not in head.headers:
        raise RefusedError(400, "the header `host` is missing")
    if not modern and b"transfer-encoding" in head.headers:
        raise RefusedError(400, "HTTP/1.0 has no transfer-encoding")
    if head.headers.get(b"expect", b"100-continue").lower() != b"100-continue":
        raise RefusedError(417, "the only expectation met is `100-continue`")


def _origin(target: bytes, method: bytes) -> bytes:
    """The target as a path; a whole address gives its path, whoever is named in it."""
    if target.startswith(b"/"):
        return target
    if target == b"*" and method == b"OPTIONS":
        return target
    address = _ADDRESS.match(target)
    if address is not None:
        path = target[address.end() :]
        return path if path.startswith(b"/") else b"/" + path
    raise RefusedError(400, "the target is neither a path nor a whole address")


def _length(text: bytes) -> int:
    if not text.isdigit() or len(text) > _LENGTH_DIGITS:
        raise RefusedError(400, "content-length is not a number")
    return int(text)
