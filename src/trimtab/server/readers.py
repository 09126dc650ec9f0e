"""Whether a caller who asks for nothing more still reads what it was answered."""

from __future__ import annotations

import asyncio
import fcntl
import termios
from contextlib import suppress
from typing import Literal

__all__ = ["Reader", "unread"]


class Reader:
    """One caller, looked at now and then; while it takes something it is not idle."""

    __slots__ = ("_left", "_since")

    def __init__(self) -> None:
        """It has nothing to read."""
        self._left = 0
        self._since = 0.0

    def look(self, left: int, now: float, limit_s: float) -> Literal["idle", "reads", "deaf"]:
        """What it does by the bytes that it has not taken; deaf: none of them for so long."""
        if left != self._left:
            self._left, self._since = left, now
            return "reads"
        if not left:
            return "idle"
        return "deaf" if now - self._since >= limit_s else "reads"


def unread(transport: asyncio.Transport) -> int:
    """Bytes of what was written that the caller's machine has not taken: ours, and those that the kernel keeps."""
    kept = bytearray(4)
    socket = transport.get_extra_info("socket")
    if socket is not None:
        with suppress(OSError):  # a kind of socket that does not count them
            fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, kept)
    return transport.get_write_buffer_size() + int.from_bytes(kept, "little")
