"""Where a flight stands, out of nothing but its entries in the ledger: what a director that was killed goes on from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from trimtab.core.flights import Counts
from trimtab.ops.flights.strata import difference
from trimtab.release.flight.states import Phase, Stratum
from trimtab.release.ledger.flights import Applied, Begun, Decided, Ended, Note, Outcome, Resumed, note_of
from trimtab.release.ledger.lines import Entry

__all__ = ["Standing", "after", "flights_of", "standing_of", "strata_of"]
_ENDING: Final[frozenset[Phase]] = frozenset({"promoting", "rolling back"})
_OUTCOMES: Final[Mapping[Phase, Outcome]] = {
    "promoted": "promoted", "rolled back": "rolled back", "ended": "finished",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """One flight. began, step_began, last: seconds since 1970; last: of its newest entry.

    base: what was counted when this share began; closed: what was counted at each share before it. pending: decided,
    and not known to be done; decided: the newest that was more than to wait, or to finish what was decided before.
    handled: tokens of what persons asked for and got. over: how it came out, once that is done; ended: and the
    challenger is gone.
    """

    flight: str
    begun: Begun
    began: float
    last: float
    phase: Phase = "loading"
    step: int = -1
    share: float = 0.0
    step_began: float = 0.0
    base: Counts = field(default_factory=Counts)
    closed: tuple[Stratum, ...] = ()
    pending: Decided | None = None
    decided: Decided | None = None
    handled: frozenset[str] = frozenset()
    over: Outcome | None = None
    ended: Ended | None = None
    champion: str = ""
    challenger: str = ""


def after(standing: Standing, note: Note, time: float) -> Standing:
    """Where it stands once that was noted."""
    standing = replace(standing, last=time)
    match note:
        case Begun():
            return standing
        case Decided(action, _, wish):
            handled = standing.handled | ({wish.token} if wish else set())
            if action.do == "wait":
                return replace(standing, handled=handled)
            decided = standing.decided if standing.phase in _ENDING else note
            return replace(standing, handled=handled, pending=note, decided=decided)
        case Applied():
            return _applied(standing, note, time)
        case Resumed(away_s):
            return replace(standing, step_began=standing.step_began + away_s)
        case Ended():
            return replace(standing, ended=note, pending=None)
        case _:
            assert_never(note)


def _applied(standing: Standing, note: Applied, time: float) -> Standing:
    closed = standing.closed
    if standing.step >= 0 and standing.share > 0:
        closed = strata_of(standing, note.counts, time)
    return replace(
        standing,
        phase=note.phase,
        step=note.step,
        share=note.share,
        step_began=time,
        base=note.counts,
        closed=closed,
        pending=None,
        champion=note.champion or standing.champion,
        challenger=note.challenger or standing.challenger,
        over=_OUTCOMES.get(note.phase),
    )


def strata_of(standing: Standing, counts: Counts, now: float) -> tuple[Stratum, ...]:
    """All strata until now, the one that is being flown at the end."""
    if standing.step < 0 or standing.phase in _ENDING or standing.over:
        return standing.closed
    seconds = max(now - standing.step_began, 0.0)
    return (*standing.closed, Stratum(standing.share, seconds, difference(counts, standing.base)))


def flights_of(entries: Iterable[Entry]) -> dict[str, Standing]:
    """Every flight of a ledger by its id, the oldest first."""
    found: dict[str, Standing] = {}
    for entry in entries:
        note = note_of(entry)
        if isinstance(note, Begun):
            found[entry.about] = Standing(entry.about, note, entry.time, entry.time)
        elif note is not None and entry.about in found:
            found[entry.about] = after(found[entry.about], note, entry.time)
    return found


def standing_of(flights: Iterable[Standing], endpoint: str) -> Standing | None:
    """The flight that is on at that endpoint."""
    return next((one for one in flights if one.begun.endpoint == endpoint and one.ended is None), None)
