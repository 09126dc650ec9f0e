"""What callers say of answers that they got: the routes of truth and feedback."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from trimtab.journal.segments.frames import Frame
from trimtab.server.faults import refused
from trimtab.server.guard.principal import Principal
from trimtab.server.journal.trail import name_of
from trimtab.server.wire import Answer, Request

if TYPE_CHECKING:
    from trimtab.server.dataplane import DataPlane

__all__ = ["Said", "saying"]


class Said(NamedTuple):
    """What is to be kept, and what the caller is told once it is."""

    frames: list[Frame]
    answer: Answer


def saying(stream: Literal["truth", "feedback"], plane: DataPlane, http: Request, caller: Principal) -> Said:
    """The entries of a body; raises what `records_of` raises, and UserError P356 where no journal is kept."""
    if plane.journal is None:
        raise refused("P356", "this server keeps no journal", hint="`[server.log]` in trimtab.toml has it keep one")
    from trimtab.journal.segments.records import record_frame
    from trimtab.journal.truth.entries import FEEDBACK, TRUTH, Speaker
    from trimtab.server.journal.said import kept, records_of

    kinds: dict[str, Any] = {"truth": TRUTH, "feedback": FEEDBACK}
    # where nobody is asked who he is, nobody may speak for others
    speaker = Speaker(name_of(caller), caller.kind != "anybody" and caller.may("operate"))
    records = records_of(kinds[stream], http, speaker, plane.journal.keys, time.time())
    return Said([record_frame(stream, record) for record in records], kept(records))
