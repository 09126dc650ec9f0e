"""How answers leave the lane: at once, or when it is known what became of their records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import msgspec

from trimtab.server.journal.hand import Outcome
from trimtab.server.journal.unkept import unkept
from trimtab.server.metrics import Metrics, Place
from trimtab.server.wire import Answer

__all__ = ["ID", "Exit", "Found", "Put", "Ready", "rest_of"]

ID: Final = 128  # bytes that an id has at most
_OK: Final = 200


class Ready(msgspec.Struct, frozen=True):
    """An answer of status 200 in JSON; `rest` is all behind the head that such answers of one second share."""

    rest: bytes


class Found(NamedTuple):
    """The answer to a body of so many rows: its JSON up to the id and behind it. at: which frame it was."""

    rows: int
    head: bytes
    behind: bytes
    at: int = -1


Put: TypeAlias = Callable[[Answer | Ready], None]


@dataclass(frozen=True, slots=True)
class Exit:
    """Where the answers of one lane are counted when they leave. clock: the one that their beginning was read from."""

    metrics: Metrics
    place: Place
    model: str
    clock: Callable[[], float]

    def count(self, rows: int, start: float, status: int = _OK) -> None:
        """One has left."""
        self.metrics.answered(self.place, self.model, rows, self.clock() - start, status)

    def leaving(self, found: Found, own_id: str, start: float, put: Put) -> Callable[[Outcome], None]:
        """To be told what became of the record; then the answer is put in its place."""

        def leave(outcome: Outcome) -> None:
            answer: Answer | Ready
            if outcome == "kept":
                status, answer = _OK, Ready(rest_of(found, own_id))
            else:
                answer = unkept(Answer(_OK, _body(found, own_id)), outcome, own_id)
                status = answer.status
            self.count(found.rows, start, status)
            put(answer)

        return leave


def _body(found: Found, own_id: str) -> bytes:
    return b'%b"%b"%b' % (found.head, own_id.encode(), found.behind)


def rest_of(found: Found, own_id: str) -> bytes:
    """See `Ready`."""
    said = own_id.encode()
    length = len(found.head) + len(said) + 2 + len(found.behind)
    return b'x-request-id: %b\r\ncontent-length: %d\r\n\r\n%b"%b"%b' % (said, length, found.head, said, found.behind)
