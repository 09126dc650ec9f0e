"""Callers' connections on one socket, from the moment that they are taken until the last one is drained."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Final

from trimtab.server.door import Door
from trimtab.server.gateway.around import Around
from trimtab.server.gateway.listener import GatewayListener
from trimtab.server.renewal import Renewal

__all__ = ["Taking"]

_DRAIN_LOOK_S: Final = 0.01


class Taking:
    """Everything on the loop's thread."""

    def __init__(self, around: Around) -> None:
        """Nobody is taken yet."""
        self._around = around
        self._listeners: set[GatewayListener] = set()

    async def run(self, listening: socket.socket, tls: Renewal, ready: Callable[[], None], stop: asyncio.Event) -> None:
        """Until told to stop; then no more are taken, and what was taken is finished. ready: the first one may come."""
        around = self._around
        door = Door(lambda: GatewayListener(around, self._listeners), tls, "http/1.1")
        await door.open(listening)
        try:
            ready()
            await stop.wait()
            around.stopping = True
            door.close()
            await self._drained()
        finally:
            door.close()

    async def _drained(self) -> None:
        clock = self._around.clock
        until = clock() + self._around.settings.serving.drain_timeout_s
        while self._listeners and clock() < until:
            for listener in tuple(self._listeners):
                listener.drain()
            await asyncio.sleep(_DRAIN_LOOK_S)
        for listener in tuple(self._listeners):
            listener.abort()
