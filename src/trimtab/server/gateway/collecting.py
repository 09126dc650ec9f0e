"""Asking a backend something of our own: the whole answer, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import TypeAlias

from trimtab.server.gateway.answers import AnswerHead
from trimtab.server.gateway.asking import Broken, Line
from trimtab.server.gateway.copies import Copy
from trimtab.server.gateway.deadlines import Deadlines

__all__ = ["Collected", "Collecting", "Told"]


@dataclass(frozen=True, slots=True)
class Collected:
    """An answer. body: None where it is longer than was asked for."""

    status: int
    body: bytes | None
    json: bool


Told: TypeAlias = Callable[[Collected | Broken], None]


class Collecting:
    """An `Asker` for one request."""

    __slots__ = ("_bare", "_copy", "_data", "_deadlines", "_head", "_line", "_told", "deadline", "gone")

    def __init__(self, data: bytes, most: int, told: Told, *, bare: bool = False) -> None:
        """data: the whole request. most: bytes of a body that are kept. told: called once."""
        self._data, self._told, self._bare = data, told, bare
        self._copy = Copy(most)
        self._head: AnswerHead | None = None
        self._line: Line | None = None
        self._deadlines: Deadlines | None = None
        self.gone = False
        self.deadline = inf

    def until(self, deadline: float, deadlines: Deadlines) -> None:
        """It has time until then."""
        self.deadline, self._deadlines = deadline, deadlines
        deadlines.waiting.add(self)

    def connected(self, line: Line) -> None:
        """See `Asker`."""
        self._line = line
        line.ask(self, self._data, bare=self._bare, last=True)

    def heard(self, head: AnswerHead | None, piece: bytes, *, last: bool) -> None:
        """See `Asker`."""
        if head is not None:
            self._head = head
        self._copy.add(piece)
        if last and self._head is not None:
            self._tell(Collected(self._head.status, self._copy.whole, self._head.json))

    def broke(self, broken: Broken) -> None:
        """See `Asker`."""
        if not self.gone:
            self._tell(broken)

    def full(self, *, full: bool) -> None:
        """See `Asker`; what is sent is short."""

    def late(self, now: float) -> None:  # noqa: ARG002 - see `Waits`
        """See `Waits`."""
        if self._line is not None:
            self._line.abort()
        self._tell(Broken("late", "no answer in time"))

    def _tell(self, what: Collected | Broken) -> None:
        self.gone = True
        self._line = None
        if self._deadlines is not None:
            self._deadlines.waiting.discard(self)
        self._told(what)
