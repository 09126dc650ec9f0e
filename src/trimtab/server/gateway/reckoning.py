"""What one request counts for: whose evidence it is, from when on it is late, and who is told when it is over."""

from __future__ import annotations

from math import inf
from typing import Final

from trimtab.server.gateway.answers import AnswerHead
from trimtab.server.gateway.around import Around, Ended, Side
from trimtab.server.gateway.choosing import Choice
from trimtab.server.gateway.copies import Copy
from trimtab.server.wire import Request

__all__ = ["LEFT", "Reckoning"]

LEFT: Final = 499  # the caller did not wait for its answer; nobody is to blame
# a challenger's answer that is waited for longer than this, and so many times longer than any of the champion, counts
# as failed from then on: who hangs is not to be in the air until every caller has lost patience
_OVERDUE_S, _OVERDUE_TIMES = 2.0, 10.0


class Reckoning:
    """Of one request; it counts once."""

    __slots__ = ("_around", "_asked", "_http", "answer", "choice", "counted", "request", "start")

    def __init__(self, around: Around, http: Request) -> None:
        """It begins now."""
        self._around, self._http = around, http
        self.start = around.clock()
        self.choice = Choice("champion")
        self.counted = True
        self._asked = False
        self.request: Copy | None = None
        self.answer: Copy | None = None

    def choose(self, body: bytes) -> None:
        """Its arm, and whether its bodies are kept."""
        around = self._around
        self._asked = True
        self.choice = choice = around.choosing.choose(self._http.headers)
        self.counted = choice.counted
        if around.keeps is not None or (choice.mirrored and around.mirror is not None):
            self.request, self.answer = Copy(around.settings.body), Copy(around.settings.body)
            self.request.add(body)

    def count(self, side: Side, status: int) -> None:
        """It is over for this arm; the champion that stands in for a challenger has no part in it."""
        if self.counted and self.choice.arm == side.arm:
            self._around.tally.answered(side.arm, status, self._around.clock() - self.start)
        self.counted = False

    def look(self, side: Side, until: float) -> float:
        """When to look next at an answer that has not begun; until: when its time is up. It may count as failed now."""
        if side.arm != "challenger" or not self.counted:
            return until
        now, slowest = self._around.clock(), self._around.tally.slowest("champion")
        limit = max(_OVERDUE_S, slowest * _OVERDUE_TIMES) if slowest else inf
        if now - self.start >= limit:
            self.count(side, 504)
            return until
        return min(until, self.start + limit if limit < inf else now + _OVERDUE_S)

    def over(self, side: Side, head: AnswerHead | None, status: int, error: str) -> None:
        """Whoever keeps it, or asks the challenger the same, is told."""
        around, choice = self._around, self.choice
        if around.sums is not None and self._asked:
            around.sums.answered(side, status, around.clock() - self.start)
        if self.request is None or self.answer is None:
            return
        ended = Ended(
            self._http, side, choice.arm, choice.probability, status, around.clock() - self.start,
            self.request.whole, self.answer.whole, head is not None and head.json, error,
        )  # fmt: skip
        if around.keeps is not None:
            around.keeps.ended(ended)
        if choice.mirrored and around.mirror is not None:
            around.mirror.ended(ended)
