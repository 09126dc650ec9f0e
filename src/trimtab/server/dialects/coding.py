"""Compressed bodies, both ways: gzip and deflate (RFC 9110, section 8.4.1), as Triton's client speaks them.

A body is inflated into at most the bytes that a plain one may have: what would be more is refused before it exists.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from trimtab.server.dataplane import InferResponse
from trimtab.server.dialects import Dialect, Exchange
from trimtab.server.endpoint import Endpoint
from trimtab.server.faults import refused
from trimtab.server.settings import Settings
from trimtab.server.wire import Answer, Request

__all__ = ["accepted", "exchange", "inflated", "is_coded", "packed", "quality"]

# what zlib calls the two: a gzip member, and a zlib stream, which is what HTTP means by deflate
_WINDOW: Final[Mapping[bytes, int]] = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}
_LEVEL: Final = 1  # answers are numbers: more effort costs several times the time for a few percent
_CODINGS: Final = "codings"  # what is noted of a head
_SHOWN: Final = 100
_WEIGHTS: Final = 20  # codings of an `accept-encoding` that are looked at


def is_coded(http: Request) -> bool:
    """Whether the body says that it is compressed."""
    return http.headers.get(b"content-encoding", b"identity").lower() != b"identity"


def exchange(read: Dialect, http: Request, endpoint: Endpoint, own_id: str, settings: Settings) -> Exchange:
    """What the dialect makes of the request, whatever coding its body has and its answer may have."""
    noted = http.notes.get(_CODINGS)
    if noted is None:
        noted = http.notes[_CODINGS] = is_coded(http), accepted(http.headers.get(b"accept-encoding", b""))
    coded, coding = noted
    plain = read(inflated(http, settings.body_limit) if coded else http, endpoint, own_id)
    if not coding or plain.events is not None:
        return plain

    def encode(response: InferResponse) -> Answer:
        answer = plain.encode(response)
        return packed(answer, coding) if len(answer.body) > settings.compress_above else answer

    return replace(plain, encode=encode)


def inflated(http: Request, limit: int) -> Request:
    """The request with its body as it was before; raises UserError P314, P315 beyond `limit` bytes, P310."""
    name = http.headers[b"content-encoding"].lower()
    if name not in _WINDOW:
        shown = name[:_SHOWN].decode("latin-1")
        raise refused("P314", f"content encoding `{shown}` is not taken", hint="`gzip`, `deflate`, or uncompressed")
    stream = zlib.decompressobj(_WINDOW[name])
    try:
        body = stream.decompress(http.body, limit + 1)
    except zlib.error:
        raise refused("P310", f"the body is no {name.decode()} stream") from None
    if len(body) > limit:
        raise refused("P315", f"the body is longer than {limit} bytes once it is inflated")
    if not stream.eof:
        raise refused("P310", f"the body's {name.decode()} stream is cut off")
    if stream.unused_data:
        raise refused("P310", f"{len(stream.unused_data)} bytes follow the body's {name.decode()} stream")
    headers = {header: value for header, value in http.headers.items() if header != b"content-encoding"}
    return replace(http, headers=headers, body=body)


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
