"""The place of one answer in the order of its connection."""

from __future__ import annotations

from collections.abc import Callable

from trimtab.server.express.leaving import Ready
from trimtab.server.inflating import Owed
from trimtab.server.streaming import Streamed
from trimtab.server.wire import Answer

__all__ = ["Slot"]


class Slot:
    """Empty until its answer is there; `call`: what is still asked for it."""

    __slots__ = ("_told", "answer", "body", "call", "keep_alive")

    def __init__(self, told: Callable[[], None], keep_alive: bool, body: bool) -> None:  # noqa: FBT001 - one a request
        """told: is called when an answer has come. body: whether it leaves with its body."""
        self._told = told
        self.answer: Answer | Ready | None = None
        self.call: Owed | None = None
        self.keep_alive = keep_alive
        self.body = body

    def put(self, answer: Answer | Ready) -> None:
        """Here it is; it leaves when those before it have left."""
        if type(answer) is not Streamed:
            self.call = None
        self.answer = answer
        self._told()
