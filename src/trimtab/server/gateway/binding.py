"""Where a gateway listens: only where it may, and alone."""

from __future__ import annotations

import errno
import socket

from trimtab.core.errors import Problem, UserError
from trimtab.core.hosts import is_loopback
from trimtab.server.gateway.backends import Backend
from trimtab.server.settings import Settings

__all__ = ["address_of", "bound", "guarded"]


def guarded(serving: Settings, where: str, hint: str) -> None:
    """UserError P303 for an address that other machines reach, unless that is meant. where: it was said."""
    if not serving.insecure and not is_loopback(serving.host):
        what = f"`{serving.host}` is reached by other machines, and a gateway asks nobody who they are"
        raise UserError(Problem("P303", what, where, hint))


def bound(serving: Settings, said: str = "--listen ") -> socket.socket:
    """A socket that listens there; UserError P304. said: how the address was."""
    host, port = serving.host, serving.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, proto, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        one = socket.socket(family, kind, proto)
        try:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(address)
            one.setblocking(False)
            one.listen(1024)
        except OSError:
            one.close()
            raise
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        what = f"port {port} is taken" if taken else f"cannot listen: {(error.strerror or str(error)).lower()}"
        hint = f"stop what listens there, or say another one: `{said}{host}:{port + 1}`"
        raise UserError(Problem("P304", what, f"{host}:{port}", hint)) from None
    return one


def address_of(listening: socket.socket, serving: Settings) -> str:
    """The URL that reaches it."""
    host, port = listening.getsockname()[:2]
    return str(Backend("http" if serving.tls is None else "https", host, port))
