"""What listeners speak over TLS: the same for every protocol, from the standard library."""

from __future__ import annotations

import os
import ssl
from typing import Literal

from trimtab.server.settings import Settings

__all__ = ["tls_of"]


def tls_of(settings: Settings, protocol: Literal["http/1.1", "h2"]) -> ssl.SSLContext | None:
    """A server's context that agrees on that protocol; None for plain text.

    Raises OSError for files that are no certificate and key.
    """
    if settings.tls is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols([protocol])
    context.load_cert_chain(*map(os.fspath, settings.tls))
    return context
