"""What a caller learns of an interaction that was not kept, and how interactions are called by their callers."""

from __future__ import annotations

from typing import Final

from trimtab.core.errors import Problem
from trimtab.server.faults import problem_answer
from trimtab.server.journal.hand import Outcome
from trimtab.server.wire import Answer, Headers

__all__ = ["MARK", "REFUSED", "called_by", "unkept"]

MARK: Final = (b"x-trimtab-journal", b"lost")
REFUSED: Final = Problem("P350", "the journal cannot be written, and nothing is answered without it")
_REQUEST_ID: Final = b"x-request-id"
_LONGEST: Final = 128


def unkept(answer: Answer, outcome: Outcome, own_id: str) -> Answer:
    """The answer that leaves where no record could be made: marked, or a refusal in its place."""
    if outcome == "refused":
        return problem_answer((REFUSED,), own_id).called(own_id)
    return answer.called(own_id, MARK)


def called_by(given: str, own_id: str, headers: Headers) -> str:
    """What the caller calls its request: the id in its body, else its header `x-request-id`; empty for neither."""
    if given != own_id:
        return given
    said = headers.get(_REQUEST_ID)
    if said is None or len(said) > _LONGEST:
        return ""
    text = said.decode("latin-1")
    return text if text.isascii() and text.isprintable() else ""
