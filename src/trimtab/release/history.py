"""What a record says of releases, place by place: what is live, what is under way, what may be gone back to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from trimtab.core.deployment import Deployment
from trimtab.core.errors import Problem, UserError
from trimtab.release.environments import Environment
from trimtab.release.ledger.lines import Entry
from trimtab.release.ledger.releases import (
    Note,
    ReleaseApplied,
    ReleaseBegun,
    ReleaseEnded,
    ReleaseTaken,
    Step,
    note_of,
)
from trimtab.release.promotion.values import Source, Standing

__all__ = [
    "Past", "Release", "about_of", "came_from", "past_of", "pasts_of", "releases_of", "standing_of", "uses_of",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Release:
    """One release. began, ended_at: seconds since 1970. owner: the process that has it, until lease. by: its person.

    steps: that are done, in order; flight: its id in the ledger of flights, once it is flown.
    """

    begun: ReleaseBegun
    began: float
    by: str
    owner: str
    lease: float
    lease_s: float
    steps: tuple[Step, ...] = ()
    flight: str = ""
    takeovers: int = 0
    ended: ReleaseEnded | None = None
    ended_at: float = 0.0

    @property
    def name(self) -> str:
        """Such as `r7`: no other release of the record has it."""
        return self.begun.release


@dataclass(frozen=True, slots=True)
class Past:
    """One endpoint in one environment. releases: the oldest first. live: what the last that ended left running.

    good: releases that came out well, along which rollbacks go back; the last of them is live. under_way: begun, and
    not ended.
    """

    environment: str
    name: str
    releases: tuple[Release, ...] = ()
    good: tuple[Release, ...] = ()
    live: Deployment | None = None
    under_way: Release | None = None

    @property
    def newest(self) -> Release | None:
        """The last that came out well, rollbacks and withdrawals too: whoever made it is who made this live."""
        well = ("released", "withdrawn")
        found = (one for one in reversed(self.releases) if one.ended is not None and one.ended.outcome in well)
        return next(found, None)

    @property
    def back(self) -> Release | None:
        """What a rollback goes back to: the one before what is live; what was live last, where another is under way."""
        if self.under_way is not None or self.live is None:
            return self.good[-1] if self.good else None
        return self.good[-2] if len(self.good) > 1 else None

    @property
    def refused(self) -> Mapping[str, str]:
        """Digests that a flight here has sent back, with the reason; one that was released later is none of them."""
        found: dict[str, str] = {}
        for one in self.releases:
            if one.ended is None:
                continue
            if one.ended.outcome == "released":
                found.pop(one.begun.wanted.bundle, None)
            elif one.ended.flight:
                found[one.begun.wanted.bundle] = one.ended.why
        return found


def about_of(environment: str, name: str) -> str:
    """What entries of that endpoint in that environment are about."""
    return f"{environment}/{name}"


def releases_of(entries: Iterable[Entry]) -> dict[str, Release]:
    """Every release of a record by its name, the oldest first. UserError P470 for an entry that nobody wrote so."""
    found: dict[str, Release] = {}
    for entry in entries:
        note = _note(entry)
        if isinstance(note, ReleaseBegun):
            if note.release in found or entry.about != about_of(note.environment, note.wanted.name):
                raise _strange(entry, f"`{note.release}` is there already, or is about something else")
            lease = entry.time + note.lease_s
            found[note.release] = Release(note, entry.time, note.by, note.owner, lease, note.lease_s)
        elif note is not None and note.release in found:
            found[note.release] = _after(found[note.release], note, entry.time)
    return found


def came_from(entries: Iterable[Entry], digest: str) -> Source:
    """What of source control the bundle was last released as; an empty source where the record does not say."""
    found = (one.begun for one in reversed(releases_of(entries).values()))
    return next((one.source for one in found if one.wanted.bundle == digest and one.source.commit), Source())


def _note(entry: Entry) -> Note | None:
    try:
        return note_of(entry)
    except ValueError as error:
        raise _strange(entry, str(error)) from None


def _strange(entry: Entry, why: str) -> UserError:
    """The chain holds, so somebody who may write to the record has written it with another program."""
    what = f"entry {entry.number} of the record says what no release says: {why}"
    hint = "see who wrote it; bring the record back from a copy that ends before it"
    return UserError(Problem("P470", what, entry.about, hint))


def _after(release: Release, note: Note, time: float) -> Release:
    match note:
        case ReleaseBegun():
            return release
        case ReleaseTaken(_, by, owner, lease_s):
            takeovers = release.takeovers + (owner != release.owner)
            return replace(release, by=by, owner=owner, lease=time + lease_s, lease_s=lease_s, takeovers=takeovers)
        case ReleaseApplied(_, step, flight):
            steps, lease = (*release.steps, step), time + release.lease_s
            return replace(release, steps=steps, flight=flight or release.flight, lease=lease)
        case ReleaseEnded():
            return replace(release, ended=note, ended_at=time, flight=note.flight or release.flight)
        case _:
            assert_never(note)


def pasts_of(entries: Iterable[Entry]) -> dict[tuple[str, str], Past]:
    """Every place that was ever released to, by environment and name of the endpoint; in time that grows with them."""
    places: dict[tuple[str, str], list[Release]] = {}
    for release in releases_of(entries).values():
        places.setdefault((release.begun.environment, release.begun.wanted.name), []).append(release)
    return {place: _past(place, releases) for place, releases in places.items()}


def past_of(entries: Iterable[Entry], environment: str, name: str) -> Past:
    """That place; an empty past where nothing was ever released."""
    return pasts_of(entries).get((environment, name), Past(environment, name))


def _past(place: tuple[str, str], releases: Sequence[Release]) -> Past:
    good: list[Release] = []
    live: Deployment | None = None
    under_way: Release | None = None
    for one in releases:
        if one.ended is None:
            under_way = one
            continue
        live = one.ended.live
        if one.ended.outcome == "released":
            _add_good(good, one)
    return Past(*place, tuple(releases), tuple(good), live, under_way)


def _add_good(good: list[Release], release: Release) -> None:
    """A rollback takes away what it went back over; what was released once more is there once."""
    if release.begun.why == "rollback":
        steps = next((step for step, one in enumerate(reversed(good)) if one.name == release.begun.to), None)
        if steps is not None:
            del good[len(good) - steps :]
            return
    if not good or good[-1].begun.wanted != release.begun.wanted:
        good.append(release)


def uses_of(past: Past) -> dict[str, str]:
    """Digests that must stay in the store, each with its use: live, under way, or next in a rollback."""
    found: dict[str, str] = {}
    way, back = past.under_way, past.back
    for use, one in (
        ("rollback", back.begun.wanted if back is not None else None),
        ("rollback", past.good[-1].begun.wanted if past.good else None),
        ("under way", way.begun.before if way is not None else None),
        ("under way", way.begun.wanted if way is not None else None),
        ("live", past.live),
    ):
        found |= {digest: use for digest in (one.bundle, one.challenger) if digest} if one is not None else {}
    return found


def standing_of(entries: Iterable[Entry], environment: Environment, name: str) -> Standing:
    """What a gate is told of the place, and of the same endpoint in the environment before it."""
    pasts = pasts_of(entries)
    here = pasts.get((environment.name, name), Past(environment.name, name))
    before = pasts.get((environment.after, name), Past(environment.after, name)).live if environment.after else None
    return Standing(
        here.live.bundle if here.live else "",
        frozenset({before.bundle} if before else ()),
        tuple(here.refused.items()),
    )
