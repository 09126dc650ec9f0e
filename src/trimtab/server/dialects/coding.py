"""Compressed bodies, both ways: gzip and deflate (RFC 9110, section 8.4.1), as Triton's client speaks them.

A body is inflated into at most the bytes that a plain one may have: what would be more is refused before it exists.
It is inflated piece by piece, about a millisecond each: a long one holds nobody up between two pieces.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from trimtab.server.dataplane import InferResponse
from trimtab.server.dialects import Dialect, Exchange
from trimtab.server.endpoint import Endpoint
from trimtab.server.faults import refused
from trimtab.server.settings import Settings
from trimtab.server.wire import Answer, Request

__all__ = ["Inflation", "Later", "accepted", "exchange", "is_coded", "packed", "quality"]

# what zlib calls the two: a gzip member, and a zlib stream, which is what HTTP means by deflate
_WINDOW: Final[Mapping[bytes, int]] = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}
_LEVEL: Final = 1  # answers are numbers: more effort costs several times the time for a few percent
_CODINGS: Final = "codings"  # what is noted of a head
_SHOWN: Final = 100
_PIECE: Final = 256 * 2**10  # bytes, of the stream and of the body: about a millisecond, where 64 MiB take 0.25 s
_WEIGHTS: Final = 20  # codings of an `accept-encoding` that are looked at


def is_coded(http: Request) -> bool:
    """Whether the body says that it is compressed."""
    return http.headers.get(b"content-encoding", b"identity").lower() != b"identity"


@dataclass(frozen=True, slots=True)
class Later:
    """What a request with a long compressed body will be: `step` until there is a request, `then` what it asks."""

    step: Callable[[], Request | None]
    then: Callable[[Request], Exchange]


def exchange(read: Dialect, http: Request, endpoint: Endpoint, own_id: str, settings: Settings) -> Exchange | Later:
    """What the dialect makes of the request, whatever coding its body has and its answer may have."""
    noted = http.notes.get(_CODINGS)
    if noted is None:
        noted = http.notes[_CODINGS] = is_coded(http), accepted(http.headers.get(b"accept-encoding", b""))
    coded, coding = noted

    def then(plain: Request) -> Exchange:
        exchange = read(plain, endpoint, own_id)
        return _coded(exchange, coding, settings.compress_above) if coding and exchange.events is None else exchange

    if not coded:
        return then(http)
    inflation = Inflation(http, settings.body_limit)
    plain = inflation.step()
    return Later(inflation.step, then) if plain is None else then(plain)


def _coded(plain: Exchange, coding: bytes, above: int) -> Exchange:
    """The exchange whose answer is compressed if it is long."""
    write = plain.encode  # alone: who keeps it does not keep what was asked

    def encode(response: InferResponse) -> Answer:
        answer = write(response)
        return packed(answer, coding) if len(answer.body) > above else answer

    return replace(plain, encode=encode)


class Inflation:
    """The body of a request on its way to what it was before it was compressed."""

    __slots__ = ("_at", "_body", "_http", "_limit", "_name", "_stream")

    def __init__(self, http: Request, limit: int) -> None:
        """limit: bytes of the body. Raises UserError P314 for a coding that is not taken."""
        name = http.headers[b"content-encoding"].lower()
        if name not in _WINDOW:
            shown = name[:_SHOWN].decode("latin-1")
            raise refused("P314", f"content encoding `{shown}` is not taken", hint="`gzip`, `deflate`, or uncompressed")
        self._http = http
        self._limit = limit
        self._name = name.decode()
        self._stream = zlib.decompressobj(_WINDOW[name])
        self._body = bytearray()
        self._at = 0

    def step(self) -> Request | None:
        """Inflate a piece; the request with its whole body when that was the last one.

        Raises UserError P315 beyond the limit, P310 for what is no such stream.
        """
        stream, sent = self._stream, self._http.body
        data: bytes | bytearray = stream.unconsumed_tail
        if not data:
            data = sent[self._at : self._at + _PIECE]
            self._at += len(data)
        try:
            piece = stream.decompress(data, min(_PIECE, self._limit + 1 - len(self._body)))
        except zlib.error:
            raise refused("P310", f"the body is no {self._name} stream") from None
        self._body += piece
        if len(self._body) > self._limit:
            raise refused("P315", f"the body is longer than {self._limit} bytes once it is inflated")
        if stream.eof:
            return self._whole(len(stream.unused_data) + len(sent) - self._at)
        if not piece and not stream.unconsumed_tail and self._at == len(sent):
            raise refused("P310", f"the body's {self._name} stream is cut off")
        return None

    def _whole(self, behind: int) -> Request:
        if behind:
            raise refused("P310", f"{behind} bytes follow the body's {self._name} stream")
        headers = {header: value for header, value in self._http.headers.items() if header != b"content-encoding"}
        return replace(self._http, headers=headers, body=self._body)


def accepted(header: bytes) -> bytes:
    """The coding for an answer by an `accept-encoding` header; empty for none. Of equals, the one named first."""
    best, weight = b"", 0.0
    for part in header.lower().split(b",")[:_WEIGHTS]:
        name, _, parameter = (piece.strip() for piece in part.partition(b";"))
        if name == b"*":
            name = b"gzip"
        given = quality(parameter)
        if name in _WINDOW and given > weight:
            best, weight = name, given
    return best


def quality(parameter: bytes) -> float:
    """The q of a coding or a media type, 1 where none is given, 0 where it is none."""
    name, _, value = (piece.strip() for piece in parameter.partition(b"="))
    if name != b"q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


def packed(answer: Answer, coding: bytes) -> Answer:
    """The answer with its body compressed, and the header that says so."""
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW[coding])
    body = stream.compress(answer.body) + stream.flush()
    return replace(
        answer, body=body, headers=(*answer.headers, (b"content-encoding", coding), (b"vary", b"accept-encoding"))
    )
