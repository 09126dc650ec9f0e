"""Large compressed bodies, a piece at a time: the loop is free for other connections between two pieces.

One body is inflated at a time, whoever has sent how many: there is never more than one of full size that nobody has
read yet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol, TypeAlias

from trimtab.core.errors import TrimtabError
from trimtab.server.dialects import Exchange
from trimtab.server.dialects.coding import Later

__all__ = ["Inflating", "Owed", "Soon", "Turns"]

Soon: TypeAlias = Callable[[Callable[[], None]], object]


class Owed(Protocol):
    """An answer that is still to come."""

    def settle(self, result: TrimtabError) -> None:
        """Nobody waits for it any more."""


class Inflating:
    """One request whose body is not whole yet; then the call that it has become."""

    __slots__ = ("_ask", "_call", "_fail", "_in_time", "_later")

    def __init__(
        self,
        later: Later,
        ask: Callable[[Exchange], Owed | None],
        fail: Callable[[Exception], None],
        in_time: Callable[[], None],
    ) -> None:
        """ask: asks the model; fail: answers with an error, once; in_time: raises when its time is up."""
        self._later: Later | None = later
        self._ask = ask
        self._fail = fail
        self._in_time = in_time
        self._call: Owed | None = None

    def piece(self) -> bool:
        """Inflate the next piece; whether there is nothing more to do."""
        later = self._later
        if later is None:
            return True
        try:
            self._in_time()
            plain = later.step()
            if plain is None:
                return False
            self._later = None
            self._call = self._ask(later.then(plain))
        except Exception as error:  # noqa: BLE001 - what is ours must not end the process either
            self._later = None
            self._fail(error)
        return True

    def settle(self, result: TrimtabError) -> None:
        """Nobody waits: nothing more is inflated, and the model is not asked."""
        if self._call is not None:
            self._call.settle(result)
        elif self._later is not None:
            self._later = None
            self._fail(result)


class Turns:
    """Who is inflated now, and who waits for it."""

    def __init__(self, soon: Soon) -> None:
        """soon: runs a callable when the loop has looked at what else has arrived."""
        self._soon = soon
        self._waiting: deque[Inflating] = deque()

    def add(self, one: Inflating) -> None:
        """Its turn comes."""
        self._waiting.append(one)
        if len(self._waiting) == 1:
            self._soon(self._turn)

    def _turn(self) -> None:
        if self._waiting[0].piece():
            self._waiting.popleft()
        if self._waiting:
            self._soon(self._turn)
