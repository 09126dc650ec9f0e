"""What a release works with: everything that it sees and touches, so that a test can have it all in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from trimtab.core.attestations import Attestation
from trimtab.core.deployment import Deployment
from trimtab.release.environments import Environment
from trimtab.release.history import Release
from trimtab.release.moves import Flown
from trimtab.release.promotion.values import Candidate, Finding, Judgement, Source, Standing
from trimtab.release.record.record import Record
from trimtab.targets.target import Status, Target, Tell

__all__ = ["Crew", "Evidenced", "Flights", "Judge", "Means"]

Judge: TypeAlias = Callable[[Environment, Candidate, tuple[Attestation, ...], Standing, float], Judgement]


@dataclass(frozen=True, slots=True)
class Evidenced:
    """What is proved of a bundle. documents: sha256 of each one that was read. faults: of those that do not count."""

    attestations: tuple[Attestation, ...] = ()
    documents: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Crew:
    """Who releases. by: for people who read it later. owner: this process, as no other is called.

    alive: whether the process of that name runs; None where that cannot be seen from here.
    """

    by: str
    owner: str
    alive: Callable[[str], bool | None]


class Flights(Protocol):
    """The flights of an environment, as a ledger on this machine has them."""

    def known(self, release: str) -> Flown | None:
        """The flight of that release; None where none has begun here."""

    def fly(self, release: Release, control: str, looked: Callable[[], None]) -> Flown:
        """Until it is over; goes on with one that is on. looked: called at every look. OutsideError, UserError."""


@dataclass(frozen=True, slots=True)
class Means:
    """Of one environment.

    evidence: of a digest; share: has it in the record, for everybody. stands: refuses a source whose tag or branch is
    no longer what it was. prove: asks the deployed thing its golden rows. compatible: how callers of a live digest
    would break with a new one, a finding for each way. vouch: keeps a statement, signed. has: whether a bundle is still
    there. need: digests that must stay there for an environment and endpoint, with their uses. clock: seconds since
    1970. tell: topic and text, for whoever watches.
    """

    record: Record
    target: Target
    flights: Flights
    judge: Judge
    evidence: Callable[[str], Evidenced]
    share: Callable[[str], None]
    stands: Callable[[Source], None]
    prove: Callable[[Status, Deployment], Finding]
    compatible: Callable[[str, str], tuple[Finding, ...]]
    vouch: Callable[[Attestation], None]
    has: Callable[[str], bool]
    need: Callable[[str, str, Mapping[str, str]], None]
    crew: Crew
    clock: Callable[[], float]
    tell: Tell
