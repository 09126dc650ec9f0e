"""A document fetched from an issuer: over TLS that is checked, from that one place, and not without end."""

from __future__ import annotations

import os
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from trimtab import __version__
from trimtab.server.guard.tokens.jwks import require_https

__all__ = ["Fetch", "Fetched", "fetch_document", "max_age_s"]

_LARGEST: Final = 1 << 20  # bytes of an answer
_PIECE: Final = 1 << 16
_SILENCE_S: Final = 5.0  # that an issuer may be silent
_WHOLE_S: Final = 10.0  # until its answer has to be there
_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age=\"?([0-9]{1,9})(?![0-9])", re.IGNORECASE)
_HEADERS: Final = {"user-agent": f"trimtab/{__version__}", "accept": "application/json", "connection": "close"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document, and for how many seconds it holds; None where that is not said."""

    body: bytes
    max_age_s: float | None = None


# (address, file of authorities or None for the system's) -> document; raises OSError or ValueError, saying what failed
Fetch: TypeAlias = Callable[[str, Path | None], Fetched]


def fetch_document(
    address: str, authorities: Path | None, *, silence_s: float = _SILENCE_S, whole_s: float = _WHOLE_S
) -> Fetched:
    """The document at an https address: nothing that redirects, no body larger than 1 MiB, none that drips."""
    require_https(address)
    ends = time.monotonic() + whole_s
    request = Request(address, headers=_HEADERS)  # noqa: S310 - https, as just seen
    try:
        with _opener(authorities).open(request, timeout=silence_s) as answer:
            if answer.status != 200:  # noqa: PLR2004
                raise ValueError(f"status {answer.status}")
            return Fetched(_body(answer, ends), max_age_s(answer.headers.get("cache-control", "")))
    except HTTPException as error:
        raise OSError(f"no answer of HTTP: {type(error).__name__}") from None


def max_age_s(said: str) -> float | None:
    """For how long an answer may be kept, by its `Cache-Control` header; None if that is not said."""
    lowered = said.lower()
    if "no-store" in lowered or "no-cache" in lowered:
        return 0.0
    found = _MAX_AGE.search(said)
    return float(found[1]) if found else None


def _opener(authorities: Path | None) -> OpenerDirector:
    """Knows https alone and follows nothing; of the environment it heeds `HTTPS_PROXY`, and `NO_PROXY` with it."""
    context = ssl.create_default_context(cafile=None if authorities is None else os.fspath(authorities))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    proxy = os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy")
    opener = OpenerDirector()
    for handler in (
        ProxyHandler({"https": proxy} if proxy else {}),
        HTTPSHandler(context=context),
        HTTPErrorProcessor(),
        HTTPDefaultErrorHandler(),
        UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _body(answer: Any, ends: float) -> bytes:
    """The body, piece by piece, so that neither its length nor its pace is up to who sends it."""
    body = b""
    while piece := answer.read1(_PIECE):
        body += piece
        if len(body) > _LARGEST:
            raise ValueError(f"more than {_LARGEST} bytes")
        if time.monotonic() > ends:
            raise TimeoutError("the answer takes too long")
    length = answer.headers.get("content-length", "")
    if length.isdigit() and int(length) != len(body):
        raise OSError("the answer broke off")
    return body
