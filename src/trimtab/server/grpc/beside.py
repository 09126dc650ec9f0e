"""The gRPC listener beside the HTTP one, in a process whose loop owns the data plane."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final

from trimtab.core.errors import Problem, UserError
from trimtab.server.app import App
from trimtab.server.asking import Asking
from trimtab.server.grpc.entrance import Entrance
from trimtab.server.grpc.front import Linking
from trimtab.server.grpc.listener import Listening, listen
from trimtab.server.renewal import Renewal
from trimtab.server.settings import Settings

__all__ = ["Beside", "bind", "can_listen", "open_beside"]

_BACKLOG: Final = 1024
_LOOK_S: Final = 0.25
_END_S: Final = 5.0  # for grpcio to say that it has ended


class Beside:
    """What answers gRPC, or nothing where no port is set; everything on the loop's thread."""

    def __init__(self, front: Linking | None = None, listening: Listening | None = None) -> None:
        """It answers already."""
        self._front = front
        self._listening = listening
        self._looking: asyncio.TimerHandle | None = None

    def look(self) -> None:
        """Tell those who watch what has changed, now and from time to time."""
        if self._listening is not None:
            self._listening.board.look()
            self._looking = asyncio.get_running_loop().call_later(_LOOK_S, self.look)

    def freeze(self) -> None:
        """Another process serves the same already: watchers hear nothing of the end of this one."""
        if self._listening is not None:
            self._listening.board.freeze()

    async def drain(self, patience_s: float) -> None:
        """Take no more connections, and wait until every call that was begun is answered."""
        if self._front is None or self._listening is None:
            return
        self._listening.board.look()
        draining = asyncio.ensure_future(self._front.drain(patience_s))
        await asyncio.sleep(0)  # goodbye is said ahead of the end of what is watched: so they watch elsewhere at once
        self._listening.board.close()
        await draining
        ended = self._listening.stop(0)  # whoever is still there has left, or has had his time
        await asyncio.to_thread(ended.wait, _END_S)

    def close(self) -> None:
        """End what is still under way."""
        if self._looking is not None:
            self._looking.cancel()
        if self._front is not None and self._listening is not None:
            self._front.abort()
            self._listening.board.close()
            self._listening.stop(0)


def can_listen(settings: Settings, *, bound: bool = False) -> None:
    """Raises UserError for a listener that is asked for and cannot be; before any process is forked.

    bound: its socket is there already.
    """
    if settings.grpc_port is None:
        return
    missing = [package for package in ("grpc", "google.protobuf") if not _installed(package)]
    if missing:
        hint = "`pip install 'trimtab[grpc]'`"
        raise UserError(Problem("P307", f"gRPC needs the package `{missing[0]}`", "trimtab serve", hint))
    if bound:
        return
    try:
        # the processes share the port, and would share it with strangers: so first ask for it alone
        with _socket(settings, reuse=False):
            pass
    except OSError as error:
        raise _taken(settings, error) from None


def bind(settings: Settings, count: int) -> list[socket.socket]:
    """As many listening sockets on the port as there are processes, none without a port; raises UserError P304."""
    if settings.grpc_port is None:
        return []
    sockets: list[socket.socket] = []
    try:
        for _ in range(count):
            sockets.append(_socket(settings, reuse=True))
            sockets[-1].listen(_BACKLOG)
    except OSError as error:
        for one in sockets:
            one.close()
        raise _taken(settings, error) from None
    return sockets


def _socket(settings: Settings, *, reuse: bool) -> socket.socket:
    place = socket.getaddrinfo(settings.host, settings.grpc_port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, proto, _, address = min(place, key=lambda one: one[0] != socket.AF_INET)
    one = socket.socket(family, kind, proto)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.setblocking(False)
        one.bind(address)
    except OSError:
        one.close()
        raise
    return one


def _taken(settings: Settings, error: OSError) -> UserError:
    hint = f"stop what listens there, or say another one: `--grpc-port {(settings.grpc_port or 0) + 1}`"
    what = f"cannot listen for gRPC: {(error.strerror or str(error)).lower()}"
    return UserError(Problem("P304", what, f"{settings.host}:{settings.grpc_port}", hint))


def _installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ModuleNotFoundError, ValueError):  # its parent is missing; it stands in sys.modules as None
        return False


async def open_beside(app: App, listening: Sequence[socket.socket], tls: Renewal) -> Beside:
    """What answers the calls that come in on these sockets, on the running loop."""
    if not listening:
        return Beside()
    name = f"trimtab-grpc-{os.getpid()}-{secrets.token_hex(16)}"
    plane = app.plane
    front = Linking(name, plane.settings.guard.certificates)
    inner = listen(
        plane,
        Asking(asyncio.get_running_loop(), plane),
        name,
        Entrance(app.guard, front.peer, max(plane.settings.grpc_threads // 2, 1)),
    )
    for one in listening:
        await front.listen(one, tls)
    beside = Beside(front, inner)
    beside.look()
    return beside
