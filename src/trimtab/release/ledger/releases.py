"""What a ledger says of releases: what was wanted and why it was let through, before it is done, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from msgspec import convert

from trimtab.core.deployment import Deployment
from trimtab.release.ledger.lines import Entry
from trimtab.release.ledger.plain import plain_of
from trimtab.release.promotion.values import Judgement, Source

__all__ = [
    "KINDS", "Note", "Outcome", "ReleaseApplied", "ReleaseBegun", "ReleaseEnded", "ReleaseTaken", "Step", "Why",
    "body_of", "kind_of", "note_of",
]  # fmt: skip

# withdraw: what is live is taken away, and nothing takes its place
Why: TypeAlias = Literal["release", "rollback", "reconcile", "withdraw"]
# beside: the challenger is there and asked nothing. flown: promoted by its flight. applied: all of it runs
Step: TypeAlias = Literal["beside", "flown", "applied"]
# rolled back: its flight sent it back, or it did not come up; abandoned: somebody else took the environment over
Outcome: TypeAlias = Literal["released", "rolled back", "failed", "abandoned", "withdrawn"]


@dataclass(frozen=True, slots=True)
class ReleaseBegun:
    """A release is to happen. wanted: what shall run. before: what ran. by: who, and where. flight: if it is flown.

    evidence: sha256 of each document that the gate read. to: the revision that a rollback goes back to. owner: the
    process that does it, which has it for lease_s from this entry on, and from each one that it adds.
    """

    release: str
    environment: str
    wanted: Deployment
    before: Deployment | None
    judgement: Judgement
    source: Source
    by: str
    why: Why = "release"
    flight: bool = False
    evidence: tuple[str, ...] = ()
    to: str = ""
    owner: str = ""
    lease_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ReleaseTaken:
    """Somebody goes on with it, as whoever had it is dead or silent; or its owner says that it still is at work."""

    release: str
    by: str
    owner: str
    lease_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ReleaseApplied:
    """A step of it is done. flight: its id in the ledger of flights."""

    release: str
    step: Step
    flight: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseEnded:
    """It is over. live: what runs now. flight: its id, where a flight sent it back."""

    release: str
    outcome: Outcome
    live: Deployment | None
    why: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    flight: str = ""


Note: TypeAlias = ReleaseBegun | ReleaseTaken | ReleaseApplied | ReleaseEnded
KINDS: Final[Mapping[str, type[Note]]] = {
    "release begun": ReleaseBegun,
    "release taken": ReleaseTaken,
    "release applied": ReleaseApplied,
    "release ended": ReleaseEnded,
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
    """What the entry says of a release; None for one that is about something else. ValueError for what nobody wrote."""
    kind = KINDS.get(entry.kind)
    return None if kind is None else convert(dict(entry.body), kind)  # nothing in it is counted in buckets
