"""Requests as backends get them and answers as callers do: every head is made anew, its framing too."""

from __future__ import annotations

from typing import Final

from trimtab.server.gateway.answers import AnswerHead
from trimtab.server.gateway.backends import Backend
from trimtab.server.wire import Headers, Request

__all__ = ["ARM", "PIN", "REVISION", "answer_head", "asks_upgrade", "framing", "is_safe", "request_head"]

ARM: Final = b"x-trimtab-arm"
PIN: Final = b"x-trimtab-pin"
REVISION: Final = b"x-trimtab-revision"
# of the caller's connection alone (RFC 9110, section 7.6.1), or said anew
_LEFT_OUT: Final = frozenset({
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te", b"trailer",
    b"transfer-encoding", b"upgrade", b"http2-settings", b"content-length", b"expect", b"host", b"x-forwarded-for",
    b"x-forwarded-proto", b"x-forwarded-host", ARM, PIN,
})  # fmt: skip
_NOTED: Final = 64  # callers whose head is the same
_SAFE: Final = frozenset({b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE"})  # idempotent (section 9.2.2)
_BARE: Final = frozenset({204, 304})


def is_safe(method: bytes) -> bool:
    """Whether a request by this method may be sent twice."""
    return method in _SAFE


def asks_upgrade(headers: Headers) -> str:
    """The protocol that the caller wants to change to; empty for none, or for one that may be passed over in silence.

    `h2c` is offered by clients that are as well answered without (RFC 9110, section 7.8).
    """
    wanted = headers.get(b"upgrade")
    if wanted is None or b"upgrade" not in headers.get(b"connection", b"").lower():
        return ""
    names = [name.strip() for name in wanted.split(b",")]
    return "" if all(name.lower() == b"h2c" for name in names) else names[0][:50].decode("ascii", "replace")


def request_head(request: Request, backend: Backend, address: str, *, secure: bool) -> bytes:
    """The request's first line and headers, without framing and the empty line; remembered with the caller's head.

    `host` is the backend's, as it looks at its own; what the caller said is in `x-forwarded-host`. `x-forwarded-for`
    has the address that we see behind those that the caller says. address: empty where the caller has none.
    """
    key = (backend, address, secure)
    found: bytes | None = request.notes.get(key)
    if found is None:
        found = _head(request, backend, address, secure=secure)
        if len(request.notes) < _NOTED:
            request.notes[key] = found
    return found


def _head(request: Request, backend: Backend, address: str, *, secure: bool) -> bytes:
    headers = request.headers
    named = {token.strip() for token in headers.get(b"connection", b"").lower().split(b",")}
    target = request.path if request.path == b"*" else backend.path.encode() + request.path
    target += b"?" + request.query if request.query else b""
    host = headers.get(b"host")
    lines = [b"%b %b HTTP/1.1\r\nhost: %b\r\n" % (request.method, target, backend.authority.encode())]
    lines += [
        b"%b: %b\r\n" % (name, value) for name, value in headers.items() if name not in _LEFT_OUT and name not in named
    ]
    seen = [one for one in (headers.get(b"x-forwarded-for"), address.encode()) if one]
    if seen:
        lines.append(b"x-forwarded-for: %b\r\n" % b", ".join(seen))
    lines.append(b"x-forwarded-proto: %b\r\n" % (b"https" if secure else b"http"))
    if host is not None:
        lines.append(b"x-forwarded-host: %b\r\n" % host)
    return b"".join(lines)


def framing(request: Request, length: int) -> bytes:
    """The end of a request's head. length: of the body, -1 where it is not known yet."""
    if length < 0:
        return b"transfer-encoding: chunked\r\n\r\n"
    if length == 0 and request.method in (b"GET", b"HEAD", b"OPTIONS", b"DELETE", b"TRACE"):
        return b"\r\n"
    return b"content-length: %d\r\n\r\n" % length


def answer_head(head: AnswerHead, revision: bytes, *, keep_alive: bool, chunked: bool) -> bytes:
    """The bytes in front of the body. revision: lines of ours. chunked: the body is, on its way to the caller."""
    key = (revision, keep_alive, chunked)
    found = head.notes.get(key)
    if found is None:
        found = head.notes[key] = _answer_head(head, revision, keep_alive=keep_alive, chunked=chunked)
    return found


def _answer_head(head: AnswerHead, revision: bytes, *, keep_alive: bool, chunked: bool) -> bytes:
    if chunked:
        end = b"transfer-encoding: chunked\r\n"
    elif head.said >= 0 and head.status not in _BARE:
        end = b"content-length: %d\r\n" % head.said
    else:
        end = b""
    if not keep_alive:
        end += b"connection: close\r\n"
    return b"%b%b%b%b\r\n" % (head.first, b"".join(head.lines), revision, end)
