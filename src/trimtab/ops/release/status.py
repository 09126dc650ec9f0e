"""What is live in an environment, as its target says now, beside what the record says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from trimtab.core.attestations import Attestation
from trimtab.core.deployment import Change, differences
from trimtab.core.errors import OutsideError
from trimtab.ops.release.means import Means
from trimtab.ops.release.plan import plain_live
from trimtab.release.environments import Environment
from trimtab.release.history import Past, past_of
from trimtab.targets.target import Status

__all__ = ["Ends", "Here", "ends_of", "look"]


@dataclass(frozen=True, slots=True)
class Ends:
    """Evidence that holds for a time. name: its kind. at: when it no longer counts, in seconds since 1970."""

    name: str
    at: float


@dataclass(frozen=True, slots=True)
class Here:
    """One environment. status: None where its target does not answer, and why.

    drift: fields in which what runs is not what was released; differs: in the target's own words. ends: evidence of
    what is live, soonest first.
    """

    environment: Environment
    past: Past
    status: Status | None
    why: str = ""
    drift: tuple[Change, ...] = ()
    ends: tuple[Ends, ...] = ()

    @property
    def differs(self) -> tuple[str, ...]:
        """How what runs is not what was released, in words; nothing where nothing is known."""
        if self.status is None:
            return ()
        if self.past.live is not None and self.status.live is None:
            return ("nothing runs, and something was released", *self.status.differs)
        changed = (f"`{one.field}` is {one.wanted!r}, and was released as {one.live!r}" for one in self.drift)
        return (*changed, *self.status.differs)

    @property
    def is_well(self) -> bool:
        """Whether all that was released answers, and nothing else; or nothing was released yet."""
        if self.status is None or self.differs:
            return False
        return self.past.live is None or self.status.ready


def look(environment: Environment, name: str, means: Means) -> Here:
    """One environment, now."""
    past = past_of(means.record.entries(), environment.name, name)
    try:
        status = means.target.status(name, environment.name)
    except OutsideError as error:
        return Here(environment, past, None, error.problems[0].what)
    drift: tuple[Change, ...] = ()
    live = plain_live(status)
    if live is not None and past.under_way is None:
        drift = differences(past.live, live)
    ends: tuple[Ends, ...] = ()
    if live is not None:
        ends = ends_of(environment, means.evidence(live.bundle).attestations)
    return Here(environment, past, status, drift=drift, ends=ends)


def ends_of(environment: Environment, attestations: Iterable[Attestation]) -> tuple[Ends, ...]:
    """When each kind of evidence that is wanted here, and may get too old, does so: of the newest that is a yes."""
    holds = {one.kind: one.within_s for one in environment.requires if isfinite(one.within_s)}
    if environment.approvals and isfinite(environment.approvals_s):
        holds["approval"] = environment.approvals_s
    made: dict[str, float] = {}
    for one in attestations:
        if one.kind in holds and one.verdict == "PASS" and one.environment in ("", environment.name):
            made[one.kind] = max(one.made, made.get(one.kind, 0.0))
    found = (Ends(kind, made[kind] + seconds) for kind, seconds in holds.items() if kind in made)
    return tuple(sorted(found, key=lambda one: (one.at, one.name)))
