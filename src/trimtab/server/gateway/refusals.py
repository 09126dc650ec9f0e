"""What a caller is told when no backend has answered."""

from __future__ import annotations

from typing import Final

from trimtab.core.errors import Problem
from trimtab.server.faults import problem_answer
from trimtab.server.gateway.asking import Broken
from trimtab.server.wire import Answer

__all__ = ["broken_answer", "upgrade_answer"]

_SAYS: Final = {
    "refused": ("P372", "takes no connection"),
    "full": ("P378", "is asked by too many at once"),
    "closed": ("P373", "broke off before its answer was whole"),
    "malformed": ("P373", "gave no answer that HTTP knows"),
    "late": ("P374", "did not answer in time"),
}


def broken_answer(arm: str, broken: Broken) -> Answer:
    """502, 503 or 504. Callers are told which arm it was, and not what its address is."""
    code, what = _SAYS[broken.ending]
    return problem_answer((Problem(code, f"the {arm} {what}: {broken.why}"),))


def upgrade_answer(protocol: str) -> Answer:
    """501 for a change of the protocol."""
    what = f"a change to `{protocol}` is not passed on: the gateway speaks HTTP/1.1, and gRPC on a port of its own"
    return problem_answer((Problem("P375", what),))
