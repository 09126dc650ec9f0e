"""`python -m trimtab.server.probe PORT`: exit status 0 when the server of this container is ready; for health checks.

Standard library only, so that it costs little each time. FUNCTIONS_CUSTOMHANDLER_PORT and PORT go before the argument,
as they do for the server.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final

__all__ = ["main", "port_of"]

_PATIENCE_S: Final = 4.0
_READY: Final = 200


def port_of(words: Sequence[str], environ: Mapping[str, str]) -> int:
    """The port to ask: environment, first word, 8080."""
    said = environ.get("FUNCTIONS_CUSTOMHANDLER_PORT") or environ.get("PORT") or (words[0] if words else "8080")
    return int(said)


def main(words: Sequence[str], environ: Mapping[str, str]) -> int:
    """0 when `/readyz` answers so on the loopback address, over HTTP or TLS; else 1."""
    port = port_of(words, environ)
    return 0 if _is_ready(port, tls=False) or _is_ready(port, tls=True) else 1


def _is_ready(port: int, *, tls: bool) -> bool:
    if tls:
        import ssl

        # the certificate is for a name that others use; this asks its own container
        context = ssl._create_unverified_context()  # noqa: S323, SLF001
        asking: HTTPConnection = HTTPSConnection("127.0.0.1", port, timeout=_PATIENCE_S, context=context)
    else:
        asking = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    try:
        asking.request("GET", "/readyz")
        return asking.getresponse().status == _READY
    except (OSError, HTTPException):
        return False
    finally:
        asking.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
