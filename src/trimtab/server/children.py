"""A serving process as its supervisor sees it, and the signals that the supervisor itself gets."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, Self

import msgspec

from trimtab.server.process import Beat

__all__ = ["Child", "Signals"]

_LONGEST: Final = 256 * 2**10
_NUMBERS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)
_read: Final = msgspec.json.Decoder(Beat).decode


class Child:
    """A process that we have forked. `fresh`: it is to take over from another; `leaving`: since when it is to end."""

    def __init__(self, number: int, pid: int, line: socket.socket) -> None:
        """line: what it beats on."""
        self.number = number
        self.pid = pid
        self.line = line
        self.beat = Beat()
        self.began = self.heard = self.leaving = 0.0
        self.fresh = False
        line.setblocking(False)
        self._descriptor = os.pidfd_open(pid)

    def fileno(self) -> int:
        """A descriptor that becomes readable when the process ends."""
        return self._descriptor

    def hear(self) -> bool:
        """Read what it has said since; False when it will say no more, or nothing that makes sense."""
        try:
            while data := self.line.recv(_LONGEST):
                self.beat = _read(data)
        except BlockingIOError:
            return True
        except (OSError, msgspec.DecodeError):
            return False
        return False

    def signal(self, number: int) -> None:
        """Send it a signal; its process id cannot be another's, since it is reaped by `end` only."""
        signal.pidfd_send_signal(self._descriptor, number)

    def end(self) -> int:
        """Wait for its end; the exit status, negative for a signal."""
        _, status = os.waitpid(self.pid, 0)
        os.close(self._descriptor)
        self.line.close()
        return os.waitstatus_to_exitcode(status)


class Signals:
    """Signals as calls of a function, and something to poll that they wake; put back at the end as they were."""

    def __init__(self, told: Callable[[int], None]) -> None:
        """told: called with the signal's number, between two steps of the main thread."""
        self._told = told
        self._before: dict[int, Any] = {}
        self._fd = self._read = self._write = -1

    def __enter__(self) -> Self:
        """From now on they are ours."""
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._before = {number: signal.signal(number, self._handle) for number in _NUMBERS}
        self._fd = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        return self

    def __exit__(self, *_: object) -> None:
        """As it was."""
        signal.set_wakeup_fd(self._fd)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._read)
        os.close(self._write)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self._told(number)

    def fileno(self) -> int:
        """Readable after a signal, until `clear`."""
        return self._read

    def clear(self) -> None:
        """Forget that there were signals."""
        os.read(self._read, _LONGEST)
