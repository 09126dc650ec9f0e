"""Takes connections on one socket, over the TLS that counts at that moment."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from trimtab.server.renewal import LOOK_S, Renewal
from trimtab.server.tls import Alpn

__all__ = ["Door", "Doorways"]

_BACKLOG: Final = 1024
_HANDSHAKE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Doorways:
    """What a process takes connections on: its sockets, bound and listening, and the TLS of all.

    more: further ones for HTTP, more_grpc: for gRPC, where a server before this one had more processes.
    """

    http: socket.socket
    tls: Renewal
    grpc: socket.socket | None = None
    more: tuple[socket.socket, ...] = ()
    more_grpc: tuple[socket.socket, ...] = ()


class Door:
    """One listening socket at work; everything on the loop's thread.

    When the files of its TLS change, another server takes over on a duplicate of the socket: what waits in its queue
    waits on, and connections that exist are not touched.
    """

    def __init__(self, made: Callable[[], asyncio.Protocol], tls: Renewal, protocol: Alpn) -> None:
        """made: a protocol for every connection, once TLS is agreed on."""
        self._made = made
        self._tls = tls
        self._protocol: Alpn = protocol
        self._listening: socket.socket | None = None
        self._server: asyncio.AbstractServer | None = None
        self._socket: socket.socket | None = None  # the server's own
        self._looking: asyncio.Task[None] | None = None
        self._version = -1  # of what the server speaks

    async def open(self, listening: socket.socket) -> None:
        """Take connections from now on; the socket is closed with the door."""
        self._listening = listening
        await self._serve()
        if self._tls.context(self._protocol) is not None:
            self._looking = asyncio.get_running_loop().create_task(self._keep_looking())

    def close(self) -> None:
        """Take no more."""
        if self._looking is not None:
            self._looking.cancel()
        if self._server is not None:
            self._server.close()
        if self._listening is not None:
            self._listening.close()

    async def _serve(self) -> None:
        assert self._listening is not None  # noqa: S101 - it is open; mypy does not see it
        loop, older, older_socket = asyncio.get_running_loop(), self._server, self._socket
        version, context = self._tls.version, self._tls.context(self._protocol)
        sock = self._listening.dup()
        self._server = await loop.create_server(
            self._made,
            sock=sock,
            backlog=_BACKLOG,
            ssl=context,
            ssl_handshake_timeout=None if context is None else _HANDSHAKE_S,
            start_serving=False,
        )
        self._version, self._socket = version, sock
        try:
            await self._server.start_serving()
            if older_socket is not None:
                # asyncio's own loop takes a connection in one turn and needs its server for it in the next
                loop.remove_reader(older_socket)
                await asyncio.sleep(0)
        finally:
            if older is not None:
                older.close()

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Speak to those who come from now on what the files say now."""
        self._tls.look()
        if self._tls.version != self._version:
            with suppress(OSError):  # no descriptor is left: the one before goes on, and it is tried again
                await self._serve()
