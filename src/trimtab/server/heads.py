"""Heads of requests: parsed by httptools, and held to one reading where others see two.

A head has one length, no folded lines, no header twice that may be there once, and no line end but CRLF.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import httptools

from trimtab.server.chunks import RefusedError
from trimtab.server.wire import Request

__all__ = ["END", "OFTEN", "Framed", "framed", "framed_again"]

END: Final = b"\r\n\r\n"
OFTEN: Final = 1024  # bytes of a head that is worth remembering
_SINGLE: Final = frozenset({b"host", b"content-length", b"transfer-encoding"})
_LENGTH_DIGITS: Final = 18
_OWS: Final = b" \t"
# llhttp skips line ends before a method, which others take for part of a line
_LINE: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ ([\x21-\x7e]+) HTTP/([0-9]\.[0-9])")
_ADDRESS: Final = re.compile(rb"https?://[^/?#]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Framed:
    """A head, and what it says of the body behind it: `length` bytes, or chunks."""

    request: Request
    length: int
    chunked: bool
    expects: bool


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


@lru_cache(maxsize=512)
def framed_again(head: bytes) -> Framed:
    """A caller that keeps its connection sends the same short head again and again: it is parsed once."""
    return framed(head)


def framed(head: bytes) -> Framed:
    """The head that ends with its empty line; raises RefusedError for one that is refused."""
    request = _parse(head)
    headers = request.headers
    length, coding = headers.get(b"content-length"), headers.get(b"transfer-encoding")
    if coding is not None:
        if length is not None:
            raise RefusedError(400, "both content-length and transfer-encoding")
        if coding.lower() != b"chunked":
            raise RefusedError(501, "the only transfer coding taken is `chunked`")
    size = 0 if length is None else _length(length)
    return Framed(request, size, coding is not None, b"expect" in headers)


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
    return Request(parser.get_method(), path, query, parsed.headers, b"", keep_alive, old=not modern)


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
