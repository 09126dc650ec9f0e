"""What a model's processes print, as events of the log: their words stand in a field, and are no lines of their own."""

from __future__ import annotations

import os
from asyncio import AbstractEventLoop
from typing import Final

from trimtab.server.logs import Log

__all__ = ["Voice"]

_PIECE: Final = 16 * 2**10  # bytes that are read at once, and kept at most


class Voice:
    """The end of a pipe that standard output and standard error of those processes lead into."""

    def __init__(self, fd: int) -> None:
        """fd: closed at the end; whoever prints waits while nobody reads and the pipe is full."""
        os.set_blocking(fd, False)
        self._fd = fd
        self._held = bytearray()
        self._loop: AbstractEventLoop | None = None

    def open(self, loop: AbstractEventLoop, model: str, log: Log) -> None:
        """Log whole lines from now on, those that come together as one event."""
        self._model, self._log, self._loop = model, log, loop
        loop.add_reader(self._fd, self._hear)

    def _hear(self) -> None:
        try:
            data = os.read(self._fd, _PIECE)
        except BlockingIOError:
            return
        self._held += data
        end = self._held.rfind(b"\n") + 1
        if data:
            self._say(end if end or len(self._held) < _PIECE else len(self._held))
        elif self._loop is not None:
            self._loop.remove_reader(self._fd)
            self._say(len(self._held))

    def _say(self, end: int) -> None:
        text = self._held[:end].decode("utf-8", "backslashreplace").strip("\n")
        del self._held[:end]
        if text:
            self._log("model said", {"level": "info", "model": self._model, "text": text})

    def close(self) -> None:
        """What is there is the last that is heard."""
        if self._loop is not None:
            self._hear()
            self._say(len(self._held))
            self._loop.remove_reader(self._fd)
        os.close(self._fd)
