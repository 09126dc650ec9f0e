"""What comes in one turn of the loop, handed on together; where several come at a time, in a few turns."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable
from typing import Final, Generic, TypeVar

__all__ = ["Turns"]

One = TypeVar("One")
_MOST: Final = 8  # more save little, and the first has waited for all others


class Turns(Generic[One]):
    """Waits a turn more as long as the last one brought somebody, up to eight; who comes alone does not wait."""

    def __init__(self, loop: AbstractEventLoop, together: Callable[[list[One]], None]) -> None:
        """together: is given what has come, in order."""
        self._loop, self._together = loop, together
        self._come: list[One] = []
        self._met = 0  # how many there were a turn ago
        self._most = 0  # so many wait for no more

    def add(self, one: One) -> None:
        """It has come."""
        if not self._come:
            self._loop.call_soon(self._end)
        self._come.append(one)

    def _end(self) -> None:
        met = len(self._come)
        if self._met < met < self._most:
            self._met = met
            self._loop.call_soon(self._end)
        else:
            self._met = 0
            self._most = _MOST if met > 1 else 0
            self.flush()

    def flush(self) -> None:
        """Hand on what has come."""
        come, self._come = self._come, []
        self._together(come)
