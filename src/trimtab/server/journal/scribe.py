"""When records are written, and when the answers that wait for that may leave.

`written`: by one call of the system for all that was answered in a turn of the loop, or in some that followed each
other without a pause; then these answers leave. `sent`: some moments later, many at once. `synced`: a thread writes,
syncs the disk, and says so; whatever came meanwhile shares the next sync. A disk that is slow is left to that thread in
every mode, so that nothing but the answers waits for it.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic, time
from typing import Final, TypeAlias

import msgspec

from trimtab.journal.segments.frames import Frame, Kind
from trimtab.server.faults import OverloadedError
from trimtab.server.journal.hand import BUSY, Hand, Outcome, Pen, Waiting
from trimtab.server.journal.settings import Mode, OnFault
from trimtab.server.journal.trail import Trail
from trimtab.server.journal.turns import Turns
from trimtab.server.journal.unkept import REFUSED
from trimtab.server.logs import Log, describe
from trimtab.server.metrics import Recorded

__all__ = ["Count", "Ended", "Later", "Scribe", "Way"]

# told what became of so many records
Count: TypeAlias = Callable[[Recorded, int], None]
Later: TypeAlias = Callable[[Outcome], None]
# a question that has its answer: the trail, status, seconds, and the share of such that is kept; or the record of it
Ended: TypeAlias = tuple[Trail, int, float, float] | bytes
_WARIEST_S: Final = 60.0
_AGAIN_S: Final = 0.5  # where nothing leaves without a record, a fault turns callers away for so long
_GATHER_S: Final = 0.05
_SAID_S: Final = 60.0
_INTERACTION: Final = int(Kind.INTERACTION)
_FULL: Final = "more waits to be written than there is room for"


def _nothing(*_ended: object) -> bytes:
    raise LookupError("nobody has said what a record is")


@dataclass(frozen=True, slots=True)
class Way:
    """How safe a record is to be before its answer leaves, and what leaves where there can be no record.

    patience_s: no answer waits longer for the disk. slow_s: a write that takes longer on the loop is the last one there
    for `wary_s`, and for twice as long each time it is slow again. room: bytes of records that may wait.
    """

    mode: Mode = "written"
    on_fault: OnFault = "open"
    patience_s: float = 2.0
    slow_s: float = 0.02
    wary_s: float = 0.5
    room: int = 16 * 2**20


class Scribe:
    """Keeps frames in the journal; everything on the loop's thread but what `Hand` does."""

    def __init__(self, pen: Pen, way: Way, loop: AbstractEventLoop, count: Count, log: Log) -> None:
        """pen: writes the segments."""
        self._way, self._mode = way, way.mode
        self._loop, self.count, self._log = loop, count, log
        self._hand = Hand(pen, loop, self._done, sync=way.mode == "synced")
        self.make: Callable[..., bytes] = _nothing  # a record of what has ended; set by whoever keeps something
        self._turns = Turns(loop, self._write_down)
        self._gathered: list[tuple[int, bytes]] = []
        self._gathered_bytes = 0
        self._wary_until, self._wary_s = 0.0, way.wary_s
        self.strict = way.on_fault == "closed"  # nothing leaves without a record
        self._failed_at = self._said_at = self._lost_since = -inf
        self._lost, self._why = 0, ""

    def require(self) -> None:
        """Raises OverloadedError P350 where nothing leaves without a record, and none can be written just now."""
        if self._lost and self.strict and monotonic() - self._failed_at < _AGAIN_S:
            raise OverloadedError(REFUSED)

    def keep(self, ended: Ended, later: Later) -> Outcome | None:
        """Write down what has ended. None where that takes its time: `later` is told then."""
        if self._mode == "synced" or self._hand.waits or self._wary_until:
            try:
                frame = (_INTERACTION, ended if isinstance(ended, bytes) else self.make(*ended))
            except Exception as error:  # noqa: BLE001 - a fault of ours must not cost the caller its answer
                return self._cannot(ended, error)
            return self._pass_on(frame, later)
        self._turns.add((ended, later))
        return None

    def hurry(self) -> None:
        """Nothing else is to come in this turn of the loop: what was answered in it is written down now."""
        self._turns.flush()

    def _write_down(self, turn: list[tuple[Ended, Later]]) -> None:
        """What was answered lately: made into records together, while the code for it is at hand."""
        make, frames, waiting = self.make, [], []
        for ended, later in turn:
            try:
                frames.append((_INTERACTION, ended if isinstance(ended, bytes) else make(*ended)))
            except Exception as error:  # noqa: BLE001 - as in `keep`
                later(self._cannot(ended, error))
            else:
                waiting.append(later)
        if self._mode == "sent":
            for frame, later in zip(frames, waiting, strict=True):
                later(self._gather(frame))
        elif frames:
            self._write_turn(frames, waiting)

    def _write_turn(self, frames: list[tuple[int, bytes]], waiting: list[Later]) -> None:
        begin = monotonic()
        error = self._hand.write(frames)
        if error is BUSY:
            for frame, later in zip(frames, waiting, strict=True):
                if (passed := self._pass_on(frame, later)) is not None:
                    later(passed)
            return
        outcome = self._told(len(frames), self._slowly(begin, error))
        for later in waiting:
            later(outcome)

    def _slowly(self, begin: float, error: OSError | None) -> OSError | None:
        """A write on the loop has ended that began then: where it was slow, the thread has the next ones."""
        now = monotonic()
        if now - begin > self._way.slow_s:
            self._wary_until = now + self._wary_s
            self._wary_s = min(self._wary_s * 2, _WARIEST_S)
        return error

    def keep_all(self, frames: Sequence[tuple[int, bytes]], later: Later) -> Outcome | None:
        """Write down what callers said, all of it or nothing; it is never `lost`. Otherwise as `keep`."""

        def told(outcome: Outcome) -> None:
            later("kept" if outcome == "kept" else "refused")

        error: OSError | None = BUSY
        if self._mode != "synced" and not self._hand.waits and not self._wary_until:
            error = self._hand.write(frames)
        if error is BUSY:
            return None if self._hand.take(Waiting(frames, told), self._way.room) else "refused"
        if error is not None:
            self._lose(0, error.strerror or str(error))
            return "refused"
        return "kept"

    def _gather(self, frame: tuple[int, bytes]) -> Outcome:
        size = len(frame[1])
        if self._gathered_bytes + size > self._way.room:
            self._lose(1, _FULL)
            return self._unkept
        if not self._gathered:
            self._loop.call_later(_GATHER_S, self._write_gathered)
        self._gathered.append(frame)
        self._gathered_bytes += size
        return "kept"

    def _write_gathered(self) -> None:
        """What was answered in the last moments."""
        frames, self._gathered, self._gathered_bytes = self._gathered, [], 0
        if not frames:
            return
        begin = monotonic()
        error: OSError | None = BUSY
        if not self._hand.waits and not self._wary_until:
            error = self._slowly(begin, self._hand.write(frames))
        if error is not BUSY:
            self._told(len(frames), error)
        elif not self._hand.take(Waiting(frames, None, len(frames)), self._way.room):
            self._lose(len(frames), _FULL)

    def _pass_on(self, frame: tuple[int, bytes], later: Later) -> Outcome | None:
        if self._hand.take(Waiting((frame,), later, 1), self._way.room):
            return None
        return self._told(1, OSError(_FULL))

    def _done(self, waiting: Sequence[Waiting], error: OSError | None) -> None:
        """The hand has written them, or cannot; some may have been given up before."""
        outcome = self._told(sum(one.interactions for one in waiting if not one.given_up), error)
        for one in waiting:
            if one.later is not None:
                later, one.later = one.later, None
                later(outcome)

    @property
    def _unkept(self) -> Outcome:
        return "lost" if self._way.on_fault == "open" else "refused"

    def _told(self, count: int, error: OSError | None) -> Outcome:
        if error is not None:
            self._lose(count, error.strerror or str(error))
            return self._unkept
        self.count("kept", count)
        if self._lost and count:
            self._tell_gap()
        return "kept"

    def _lose(self, count: int, why: str) -> None:
        now = self._failed_at = monotonic()
        if not self._lost:
            self._lost_since = now
        self._lost, self._why = self._lost + count, why
        self.count("lost", count)
        if now - self._said_at >= _SAID_S:
            self._said_at = now
            self._log("journal not written", {"level": "error", "why": why, "lost": self._lost})

    def _tell_gap(self) -> None:
        """It is written again: that something is missing is itself a record."""
        seconds = round(monotonic() - self._lost_since, 3)
        gap = {"count": self._lost, "why": self._why, "seconds": seconds, "time": time() - seconds}
        self._lost = 0
        self._hand.take(Waiting((Frame(Kind.GAP, msgspec.json.encode(gap)),)), self._way.room)
        self._log("journal is written again", {"level": "info", **gap})

    def _cannot(self, ended: Ended, error: Exception) -> Outcome:
        """A record could not even be made."""
        own_id = "" if isinstance(ended, bytes) else ended[0].id
        self._log("interaction not kept", {"level": "error", "id": own_id, **describe(error)})
        self.count("lost", 1)
        return self._unkept

    def look(self) -> None:
        """To be called twice a second: nobody waits for ever, and segments do not grow old."""
        now = monotonic()
        if self._wary_until and now > self._wary_until:
            self._wary_until = 0.0
        elif not self._wary_until:
            self._wary_s = self._way.wary_s  # it was quick since the last look
        before = now - self._way.patience_s
        if late := [one for one in self._hand.waiting if one.later is not None and one.since < before]:
            self._done(late, OSError("the disk does not answer in time"))
            for one in late:
                one.given_up = True
        self._hand.look()

    def close(self) -> None:
        """Write and sync what waits; then nothing more is taken."""
        self._turns.flush()
        self._write_gathered()
        error = self._hand.close()
        if error is not None:
            self._log("journal not closed", {"level": "error", "why": error.strerror or str(error)})
