"""The way to a server over HTTP: one request, its answer, and how long that took."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from trimtab.ops.check.subject import CannotError, Heard, Wire

__all__ = ["wire_to"]

_TIMEOUT_S: Final = 30.0
_LARGEST: Final = 1 << 26


def wire_to(
    url: str,
    headers: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Wire:
    """url: `http://host:port`, with whatever path it is behind. headers: of every request, such as `authorization`."""
    parts = urlsplit(url)
    always = dict(headers or {})

    def wire(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Heard:
        said = {name: text for name, text in {**always, **(headers or {})}.items() if text}
        if parts.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname or "", parts.port, timeout=_TIMEOUT_S, context=tls or ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
        began = clock()
        try:
            connection.request(method, f"{parts.path.rstrip('/')}{path}", body or None, said)
            answer = connection.getresponse()
            content = answer.read(_LARGEST)
        except (OSError, http.client.HTTPException) as error:
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise CannotError(f"no answer from {parts.hostname}:{parts.port}: {why}") from None
        finally:
            connection.close()
        names = {name.lower(): text for name, text in answer.getheaders()}
        return Heard(answer.status, names, content, clock() - began)

    return wire
