"""A request whose sender is not known yet, and the way back to the loop for whoever finds out."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable
from contextlib import suppress

from trimtab.core.errors import TrimtabError
from trimtab.server.inflating import Owed

__all__ = ["Waiting", "in_loop"]


class Waiting:
    """A request whose sender is not known yet; then what is owed to it."""

    __slots__ = ("_gone", "_next", "_owed")

    def __init__(self, begin: Callable[[], Owed | None], gone: Callable[[TrimtabError], None]) -> None:
        """begin: asks once more; gone: told if nobody waits any more."""
        self._next: Callable[[], Owed | None] | None = begin
        self._gone = gone
        self._owed: Owed | None = None

    def go_on(self) -> None:
        """Ask once more who it is."""
        begin, self._next = self._next, None
        if begin is not None:
            self._owed = begin()

    def settle(self, result: TrimtabError) -> None:
        """See `Owed`."""
        if self._owed is not None:
            self._owed.settle(result)
        elif self._next is not None:
            self._next = None
            self._gone(result)


def in_loop(loop: AbstractEventLoop, job: Callable[[], None]) -> None:
    """Run the job on the loop's thread; nothing where the loop has ended."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(job)
