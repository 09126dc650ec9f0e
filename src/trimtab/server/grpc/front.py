"""Takes connections on the supervisor's socket and links them with grpcio, which listens where only we ask it.

A grpcio server that stops resets the connections that it has not taken yet, and drops the calls that arrive before
their clients have read its goodbye. Here the socket stays open, and the goodbye is said while grpcio still answers.

grpcio sees a socket of ours at the other end of every connection. Each has a name of its own that nobody can guess, nor
bind while it is bound: by it grpcio's side asks who the caller is, and knows one who came another way.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import weakref
from typing import Final

from trimtab.server.door import Door
from trimtab.server.grpc.link import Link
from trimtab.server.guard.certificates import peer_of
from trimtab.server.guard.peer import LOCAL, Peer
from trimtab.server.guard.settings import Certificates
from trimtab.server.renewal import Renewal

__all__ = ["Linking"]

_LOOK_S: Final = 0.02
_LINGER_S: Final = 3.0  # for a client that has just come to begin its first call, also on a busy machine
_READ_S: Final = 2.0  # for a client with nothing under way to read the goodbye
_TRIES, _TRY_S = 100, 0.01  # while more connections wait for grpcio than it has room for
_FLUSH_S: Final = 30.0  # for a client to read the last bytes of its answers


class Linking:
    """The connections of listening sockets; everything on the loop's thread."""

    def __init__(self, inner: str, certificates: Certificates | None = None) -> None:
        """inner: the abstract name of grpcio's socket, without its leading zero. certificates: those of callers."""
        self._inner = f"\0{inner}"
        self._loop = asyncio.get_running_loop()
        self._certificates = certificates
        self._doors: list[Door] = []
        self._peers: dict[str, Peer] = {}  # by the name of our end
        self._links: set[Link] = set()
        self._expected: weakref.WeakSet[Link] = weakref.WeakSet()  # taken from the socket; TLS may not be agreed on yet
        self._tasks: set[asyncio.Task[None]] = set()
        self._flushing: dict[Link, asyncio.TimerHandle] = {}

    async def listen(self, listening: socket.socket, tls: Renewal) -> None:
        """Take connections from now on, on this socket too."""
        self._doors.append(Door(lambda: self._expect().outer, tls, "h2"))
        await self._doors[-1].open(listening)

    def peer(self, name: str) -> Peer | None:
        """Who is linked with grpcio by the socket of that abstract name; None for one that is not ours. Any thread."""
        return self._peers.get(name)

    def close(self) -> None:
        """Take no more connections."""
        for door in self._doors:
            door.close()

    async def drain(self, patience_s: float) -> None:
        """Take no more, and have every client leave when its calls are answered."""
        self.close()
        start = self._loop.time()
        while self._links or self._expected:
            past_s = self._loop.time() - start
            if past_s >= patience_s:
                return
            if past_s >= _LINGER_S:
                self._expected.clear()
            for link in tuple(self._links):
                if past_s >= _LINGER_S + _READ_S and link.idle:
                    link.abort()
                else:
                    link.leave(now=self._loop.time() - link.since >= _LINGER_S)
            await asyncio.sleep(_LOOK_S)

    def abort(self) -> None:
        """End every connection now."""
        self.close()
        for link in tuple(self._links):
            link.abort()

    def _expect(self) -> Link:
        link = Link(self)
        self._expected.add(link)
        return link

    def opened(self, link: Link) -> None:
        """See `Front`."""
        self._expected.discard(link)
        self._links.add(link)
        link.since = self._loop.time()
        task = self._loop.create_task(self._join(link))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def closing(self, link: Link) -> None:
        """See `Front`."""
        if link in self._links:
            self._flushing[link] = self._loop.call_later(_FLUSH_S, link.abort)

    def ended(self, link: Link) -> None:
        """See `Front`."""
        self._links.discard(link)
        timer = self._flushing.pop(link, None)
        if timer is not None:
            timer.cancel()

    def parted(self, link: Link) -> None:
        """See `Front`."""
        self._peers.pop(link.name, None)

    async def _join(self, link: Link) -> None:
        transport = link.outer.transport
        peer = LOCAL if transport is None else peer_of(transport, self._certificates)
        name = f"trimtab-peer-{secrets.token_hex(16)}"
        try:
            near = await self._connected(name)
            link.name = name
            self._peers[name] = peer
            await self._loop.create_unix_connection(lambda: link.inner, sock=near)
        except OSError:  # no descriptor is left, or grpcio has ended
            self.parted(link)
            link.abort()

    async def _connected(self, name: str) -> socket.socket:
        near = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        near.setblocking(False)
        near.bind(f"\0{name}")
        for left in reversed(range(_TRIES)):
            try:
                near.connect(self._inner)  # it takes or refuses at once; BlockingIOError: too many wait there
            except BlockingIOError:
                if not left:
                    near.close()
                    raise
                await asyncio.sleep(_TRY_S)
            except OSError:
                near.close()
                raise
            else:
                break
        return near
