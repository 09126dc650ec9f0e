"""How things stand between a journal and a destination, as numbers: what its logbook says of what there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trimtab.core.errors import Problem
from trimtab.journal.ship.logbook import read_logbook
from trimtab.journal.ship.sealed import Sealed, sealed_files
from trimtab.journal.ship.state import State

__all__ = ["Standing", "damaged", "shipping_status", "standing_of", "waiting"]

_LOGBOOK = "*.log"


@dataclass(frozen=True, slots=True)
class Standing:
    """One destination.

    waiting: files that are not there yet, or not in their newest version; oldest: when the oldest of them was sealed.
    damaged: those of them that cannot be read here. shipped: files here that are there, too. lost: removed here before
    they were shipped, ever. failures in a row, since when, the last of them, and when it is tried again (seconds since
    1970; 0.0 for at once).
    """

    destination: str
    waiting: int
    waiting_bytes: int
    oldest: float | None
    damaged: int
    shipped: int
    lost_files: int
    lost_bytes: int
    failures: int
    since: float
    next_try: float
    problem: Problem | None


def shipping_status(journal: Path) -> list[Standing]:
    """How all destinations stand that the journal is shipped to; none for a journal that never was.

    Reads only, whoever may ship meanwhile. OutsideError P967 for logbooks of a later trimtab.
    """
    logbooks = sorted((journal / "spool").glob(_LOGBOOK))
    if not logbooks:
        return []
    files = sealed_files(journal)
    states = [read_logbook(path)[0] for path in logbooks]  # after the files: what was listed may have gone meanwhile
    return [standing_of(state, [one for one in files if one.stream in state.streams]) for state in states]


def standing_of(state: State, files: Sequence[Sealed]) -> Standing:
    """The standing that a logbook's state and the files that there are come to."""
    left = waiting(state, files)
    return Standing(
        destination=state.place,
        waiting=len(left),
        waiting_bytes=sum(sealed.size for sealed in left),
        oldest=min((sealed.changed for sealed in left), default=None),
        damaged=len(damaged(state, left)),
        shipped=len(files) - len(left),
        lost_files=state.lost_files,
        lost_bytes=state.lost_bytes,
        failures=state.failures,
        since=state.since,
        next_try=state.next_try,
        problem=state.problem,
    )


def damaged(state: State, files: Sequence[Sealed]) -> dict[str, str]:
    """Which of these files cannot be read, as far as that was tried in their newest version, and why."""
    known = ((sealed, *state.damaged.get(sealed.name, ("", "", 0.0))) for sealed in files)
    return {sealed.name: why for sealed, version, why, _ in known if version == sealed.version}


def waiting(state: State, files: Sequence[Sealed]) -> list[Sealed]:
    """What is to be shipped, in the order in which it goes.

    First what was changed after it was shipped, as something may have been forgotten of it; then the oldest, which
    retention would take first. What failed before goes behind what did not, so that one file holds up no others.
    """
    left = [sealed for sealed in files if state.shipped.get(sealed.name) != sealed.version]

    def rank(sealed: Sealed) -> tuple[int, bool, float, str]:
        return state.trouble.get(sealed.name, 0), sealed.name not in state.shipped, sealed.changed, sealed.name

    return sorted(left, key=rank)
