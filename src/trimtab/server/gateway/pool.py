"""The connections to one backend: kept while they may be used again, and closed before the backend does it."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections import deque
from collections.abc import Callable
from typing import Final

from trimtab.server.gateway.asking import Asker, Broken
from trimtab.server.gateway.backends import Backend
from trimtab.server.gateway.upstream import Upstream

__all__ = ["Pool"]

# a request that must not be sent twice goes over no connection that a backend might be closing at this moment:
# the shortest times after which servers close what is idle are 2 s (gunicorn) and 5 s (uvicorn)
_FRESH_S: Final = 1.0
_IDLE_S: Final = 15.0


class Pool:
    """Everything on the loop's thread."""

    def __init__(self, backend: Backend, connect_s: float, most: int, clock: Callable[[], float]) -> None:
        """connect_s: patience for a connection. most: connections at once."""
        self.backend = backend
        self._connect_s, self._most, self._clock = connect_s, most, clock
        self._idle: deque[Upstream] = deque()  # the one that was given back last is the last one
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: set[Upstream] = set()
        self._tls = _context() if backend.tls else None
        self._retired = False

    def take(self, asker: Asker, *, safe: bool) -> None:
        """Connects who asks, now or later. safe: the request may be sent twice."""
        idle, now = self._idle, self._clock()
        while idle:
            if now - idle[-1].since > (_IDLE_S if safe else _FRESH_S):
                break  # all others have waited longer
            upstream = idle.pop()
            if upstream.open:
                asker.connected(upstream)
                return
        self.connect(asker)

    def connect(self, asker: Asker) -> None:
        """Over a connection of its own, once it is there."""
        if len(self._open) + len(self._tasks) >= self._most:
            if not self._idle:
                asker.broke(Broken("full", f"{self._most} connections are open"))
                return
            self._idle.popleft().close()
        task = asyncio.get_running_loop().create_task(self._connect(asker))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, asker: Asker) -> None:
        loop, backend = asyncio.get_running_loop(), self.backend
        try:
            async with asyncio.timeout(self._connect_s):
                name = backend.host if self._tls is not None else None
                _, upstream = await loop.create_connection(
                    lambda: Upstream(self._free, self._lost), backend.host, backend.port,
                    ssl=self._tls, server_hostname=name,
                )  # fmt: skip
        except TimeoutError:
            why = f"no connection within {self._connect_s:g} s"
        except OSError as error:
            why = _said(error)
        else:
            self._open.add(upstream)
            if asker.gone:
                self._free(upstream)
            else:
                asker.connected(upstream)
            return
        if not asker.gone:
            asker.broke(Broken("refused", why))

    def _free(self, upstream: Upstream) -> None:
        if self._retired:
            upstream.close()
            return
        upstream.since = self._clock()
        self._idle.append(upstream)

    def _lost(self, upstream: Upstream) -> None:
        self._open.discard(upstream)
        if upstream in self._idle:
            self._idle.remove(upstream)

    def look(self) -> None:
        """To be called now and then: what is idle too long is closed."""
        now = self._clock()
        while self._idle and now - self._idle[0].since > _IDLE_S:
            self._idle.popleft().close()

    @property
    def open(self) -> int:
        """Connections that there are, or are about to be."""
        return len(self._open) + len(self._tasks)

    def retire(self) -> None:
        """Who asks already gets its answer; then its connection is closed, and those that nobody uses at once."""
        self._retired = True
        while self._idle:
            self._idle.popleft().close()

    def close(self) -> None:
        """Every connection, whoever waits on it."""
        for task in self._tasks:
            task.cancel()
        for upstream in tuple(self._open):
            upstream.close()
        self._idle.clear()


def _said(error: OSError) -> str:
    """Why, without the address: callers are told."""
    if isinstance(error, ssl.SSLError):
        return str(error.reason or "tls").lower().replace("_", " ")
    return os.strerror(error.errno).lower() if error.errno and error.errno > 0 else "its name is not known"


def _context() -> ssl.SSLContext:
    """What this machine trusts, or what SSL_CERT_FILE names."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
