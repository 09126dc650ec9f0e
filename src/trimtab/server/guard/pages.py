"""Requests that a page of another place has a browser send: it can neither leave these headers out nor forge them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from trimtab.core.hosts import is_loopback

__all__ = ["host_of", "page_fault"]

_SAFE: Final = frozenset({b"GET", b"HEAD"})
_OWN: Final = frozenset({b"same-origin", b"none"})
_SHOWN: Final = 100


def host_of(headers: Mapping[bytes, bytes]) -> str:
    """The name in `host`, without its port, in lower case."""
    host = headers.get(b"host", b"").decode("latin-1").lower()
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).strip("[]")


def page_fault(method: bytes, headers: Mapping[bytes, bytes], hosts: frozenset[str], *, everybody: bool) -> str:
    """Why the request is not taken; empty if it is.

    hosts: names that the server is called by, beside loopback ones. everybody: whether also what is no browser must
    call it by one of them.
    """
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
    name = host_of(headers)
    asked = (everybody and b"host" in headers) or site is not None or origin is not None  # a browser leaves none out
    if asked and not (name in hosts or is_loopback(name)):
        return f"this server is not called `{name[:_SHOWN]}`"
    if method in _SAFE:
        return ""
    if site is not None and site.lower() not in _OWN:
        return "a page of another site sends it"
    if origin is not None and not _is_own(origin.decode("latin-1"), headers.get(b"host", b"").decode("latin-1")):
        return "a page of another origin sends it"
    return ""


def _is_own(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == host.lower() != ""
    except ValueError:
        return False
