"""One timer of the loop for a time that is put off again and again: when it fires too early, it is set anew."""

from __future__ import annotations

from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable
from math import inf

__all__ = ["Alarm"]


class Alarm:
    """Rings at `until` on the loop's clock; at infinity never."""

    __slots__ = ("_at", "_handle", "_loop", "_ring", "until")

    def __init__(self, loop: AbstractEventLoop, ring: Callable[[], None]) -> None:
        """It is not set."""
        self._loop, self._ring = loop, ring
        self._handle: TimerHandle | None = None
        self._at = self.until = inf  # when the loop's timer fires

    def set(self, until: float) -> None:
        """Ring then, and not before."""
        self.until = until
        if until < inf and (self._handle is None or until < self._at):
            self._arm()

    def stop(self) -> None:
        """Never ring."""
        self.until = inf
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _arm(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._at = self.until
        self._handle = self._loop.call_at(self.until, self._fire)

    def _fire(self) -> None:
        self._handle = None
        if self.until == inf:
            return
        if self._loop.time() < self.until:
            self._arm()
        else:
            self._ring()
