"""Sockets that whoever started the server has bound already: systemd, or a server that hands over.

`LISTEN_FDS`, `LISTEN_FDNAMES` and `LISTEN_PID` say so, as in sd_listen_fds(3): descriptors from 3 on, with names
`http`, `grpc`, `admin` and `seat`; any other name counts as `http`.
"""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from trimtab.core.errors import Problem, UserError

__all__ = ["NOTHING", "Given", "Sockets", "given", "spread"]

Sockets: TypeAlias = tuple[socket.socket, ...]
_FIRST: Final = 3
_BACKLOG: Final = 16
_VARIABLES: Final = ("LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID")
_HINT: Final = "`trimtab serve` binds its own where `LISTEN_FDS` is not set"


@dataclass(frozen=True, slots=True)
class Given:
    """What there is from the start. seat: where its keeper speaks with it. settings: what its keeper calls them."""

    http: Sockets = ()
    grpc: Sockets = ()
    admin: Sockets = ()
    seat: Sockets = ()
    settings: str = ""


NOTHING: Final = Given()


def given(environ: MutableMapping[str, str], settings: str = "", first: int = _FIRST) -> Given:
    """The sockets that this process was given; the variables are taken away, as they hold for no child of ours.

    UserError P304 for variables that make no sense, and for what is no listening socket.
    """
    count, names, pid = (environ.pop(name, "") for name in _VARIABLES)
    if not count or pid not in ("", str(os.getpid())):
        return Given(settings=settings)
    if not count.isdecimal():
        raise UserError(Problem("P304", f"`{count[:20]}` is no number of sockets", "LISTEN_FDS", _HINT))
    said = [*names.split(":"), *([""] * int(count))]
    found: dict[str, list[socket.socket]] = {"http": [], "grpc": [], "admin": [], "seat": []}
    for number in range(int(count)):
        found.get(said[number], found["http"]).append(_listening(first + number))
    for one in found["seat"]:
        one.listen(_BACKLOG)  # again: whoever connects sees that it is this process
    return Given(**{name: tuple(sockets) for name, sockets in found.items()}, settings=settings)


def _listening(fd: int) -> socket.socket:
    try:
        one = socket.socket(fileno=fd)
        listens = one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        what = f"descriptor {fd} cannot be listened on: {(error.strerror or str(error)).lower()}"
        raise UserError(Problem("P304", what, "LISTEN_FDS", _HINT)) from None
    if not listens:
        one.detach()
        raise UserError(Problem("P304", f"descriptor {fd} is no listening socket", "LISTEN_FDS", _HINT))
    one.set_inheritable(False)
    one.setblocking(False)
    return one


def spread(sockets: Sockets, count: int) -> list[Sockets]:
    """The sockets of each of `count` processes: none is left to nobody, and no process is left without one."""
    if not sockets:
        return [()] * count
    return [sockets[number::count] or (sockets[number % len(sockets)],) for number in range(count)]
