"""What a ledger says of flights: what was intended, written before it is done, and what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from trimtab.core.flights import Counts
from trimtab.release.flight.plan import Plan
from trimtab.release.flight.states import Action, Asked, Phase, Stratum
from trimtab.release.ledger.lines import Entry
from trimtab.release.ledger.plain import plain_of, value_of

__all__ = [
    "KINDS", "Applied", "Begun", "Decided", "Ended", "Note", "Outcome", "Resumed", "Wish", "body_of", "kind_of",
    "note_of",
]  # fmt: skip

# `finished`: an A/B or shadow flight that came to its end; `refused`: it never began
Outcome: TypeAlias = Literal["promoted", "rolled back", "finished", "refused"]


@dataclass(frozen=True, slots=True)
class Begun:
    """A flight is to begin. challenger: as it was named. control: address of the control plane. by: who, and where.

    release: that it is a part of; empty for none.
    """

    endpoint: str
    challenger: str
    control: str
    plan: Plan
    by: str = ""
    release: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for. token: no other wish has it. by: who, and where."""

    flight: str
    asked: Asked
    token: str
    by: str = ""
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class Decided:
    """What is to be done, and why: its findings and what was counted. `wait`: nothing, which is noted now and then."""

    action: Action
    strata: tuple[Stratum, ...] = ()
    wish: Wish | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What was decided is done. share: of the challenger from now on, or mirrored. counts: of the flight until now.

    champion, challenger: what the server calls them, digests of bundles or addresses.
    """

    do: str
    phase: Phase
    step: int
    share: float
    counts: Counts = field(default_factory=Counts)
    champion: str = ""
    challenger: str = ""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Another director goes on. away_s: the longest time that nobody can have looked, which is not watched time."""

    away_s: float
    by: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """The flight is over."""

    outcome: Outcome
    why: str = ""


Note: TypeAlias = Begun | Decided | Applied | Resumed | Ended
KINDS: Final[Mapping[str, type[Note]]] = {
    "flight begun": Begun,
    "flight decided": Decided,
    "flight applied": Applied,
    "flight resumed": Resumed,
    "flight ended": Ended,
}
_NAMES: Final = {kind: name for name, kind in KINDS.items()}


def kind_of(note: Note) -> str:
    """The word that entries of this note have."""
    return _NAMES[type(note)]


def body_of(note: Note) -> Mapping[str, object]:
    """The note as plain JSON."""
    plain: Mapping[str, object] = plain_of(note)
    return plain


def note_of(entry: Entry) -> Note | None:
    """What the entry says of a flight; None for one that is about something else. ValueError for what nobody wrote."""
    kind = KINDS.get(entry.kind)
    return None if kind is None else value_of(dict(entry.body), kind)
