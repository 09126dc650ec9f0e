"""What passes over an HTTP connection, as values, and the bytes of an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, TypeAlias
from wsgiref.handlers import format_date_time

import msgspec

__all__ = ["CONTINUE", "Answer", "Continue", "Event", "Headers", "Refusal", "Request", "date_of", "serialise", "start"]

Headers: TypeAlias = Mapping[bytes, bytes]
_SPLITS: Final = re.compile(rb"[\r\n\0]")
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Request(msgspec.Struct, frozen=True):
    """One whole request; header names are lower case, the values of a repeated header are joined by `, `.

    path: the target as it was sent, without query, never percent-decoded. notes: what readers of the head have found
    out of it, each under a key of his own; requests with the same head share them.
    """

    method: bytes
    path: bytes
    query: bytes
    headers: Headers
    body: bytes | bytearray
    keep_alive: bool
    notes: dict[object, Any] = msgspec.field(default_factory=dict)
    old: bool = False  # HTTP/1.0, which knows no chunks

    def with_body(self, body: bytes | bytearray) -> Request:
        """The same head with this body."""
        return Request(self.method, self.path, self.query, self.headers, body, self.keep_alive, self.notes, self.old)

    def __eq__(self, other: object) -> bool:
        """Whether they say the same, whatever was noted of them."""
        return isinstance(other, Request) and _said(self) == _said(other)

    __hash__ = None  # type: ignore[assignment]  # headers have none


def _said(request: Request) -> tuple[object, ...]:
    return (request.method, request.path, request.query, request.headers, request.body, request.keep_alive)


@dataclass(frozen=True, slots=True)
class Continue:
    """The caller waits for `100 Continue` before it sends its body."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The bytes are no request that we take; one answer with this status, then the connection ends."""

    status: int
    what: str


Event: TypeAlias = Request | Continue | Refusal


class Answer(msgspec.Struct, frozen=True):
    """An answer before it is put on the wire; header names and values are checked when it is."""

    status: int
    body: bytes
    content_type: bytes = b"application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    id: str = ""  # given by this server: of an interaction, or of nothing

    def called(self, own_id: str, *headers: tuple[bytes, bytes]) -> Answer:
        """The same with the id that this server has given it, and these headers too."""
        return Answer(self.status, self.body, self.content_type, (*self.headers, *headers), own_id)


@lru_cache(maxsize=256)
def start(status: int, content_type: bytes, date: bytes, keep_alive: bool) -> bytes:  # noqa: FBT001 - for its cache
    """What heads of one second have in common: the first bytes of an answer."""
    phrase = HTTPStatus(status).phrase.encode()
    head = b"HTTP/1.1 %d %b\r\ncontent-type: %b\r\nx-content-type-options: nosniff\r\n" % (status, phrase, content_type)
    _whole(b"content-type", content_type)
    if date:
        head += b"date: %b\r\n" % date
    return head if keep_alive else head + b"connection: close\r\n"


@lru_cache(maxsize=2)
def date_of(second: int) -> bytes:
    """That second as the `date` of an answer."""
    return format_date_time(second).encode()


def _whole(name: bytes, value: bytes) -> None:
    if _SPLITS.search(name + value):
        raise ValueError(f"header {name!r} would split the answer")


def serialise(answer: Answer, *, keep_alive: bool, body: bool = True, date: bytes = b"") -> bytes:
    """The answer's bytes; without `body` for HEAD. ValueError for a header that would split the answer."""
    head = start(answer.status, answer.content_type, date, keep_alive)
    for name, value in answer.headers:
        _whole(name, value)
        head += b"%b: %b\r\n" % (name, value)
    if answer.id:
        head += b"x-request-id: %b\r\n" % answer.id.encode()
    return b"%bcontent-length: %d\r\n\r\n%b" % (head, len(answer.body), answer.body if body else b"")
