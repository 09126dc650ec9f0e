"""Writes a release down: only its owner may, and only after what it has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from trimtab.core.errors import Problem, RefusedError
from trimtab.ops.release.means import Means
from trimtab.release.history import Release, about_of, releases_of
from trimtab.release.ledger.lines import Entry
from trimtab.release.ledger.releases import Note, ReleaseBegun, ReleaseEnded, ReleaseTaken, body_of, kind_of
from trimtab.release.record.record import MovedError
from trimtab.release.record.wanted import wanted_path, wanted_text

__all__ = ["LEASE_S", "LostError", "begin", "last_of", "take", "write"]

LEASE_S: Final = 900.0  # longer than what says nothing on its way


class LostError(RefusedError):
    """The release is no longer ours: whatever is to be done with it, somebody else does it."""


def last_of(entries: Sequence[Entry]) -> str:
    """The digest of the last entry, empty for none."""
    return entries[-1].digest if entries else ""


def begin(means: Means, note: ReleaseBegun, entries: Sequence[Entry]) -> Release:
    """It is under way from now on. entries: all that was seen; MovedError where there are more."""
    about = about_of(note.environment, note.wanted.name)
    entry = means.record.append(kind_of(note), about, body_of(note), last_of(entries), {})
    return releases_of([*entries, entry])[note.release]


def take(means: Means, release: Release) -> Release:
    """It is ours from now on. RefusedError P462 where somebody else took it, or ended it, meanwhile."""
    crew = means.crew
    return _written(means, release, ReleaseTaken(release.name, crew.by, crew.owner, LEASE_S), release.owner)


def write(means: Means, release: Release, note: Note) -> Release:
    """The release with that noted. RefusedError P462 where it is no longer ours."""
    return _written(means, release, note, means.crew.owner)


def _written(means: Means, release: Release, note: Note, owner: str) -> Release:
    about = about_of(release.begun.environment, release.begun.wanted.name)
    while True:
        entries = means.record.entries()
        now = releases_of(entries).get(release.name)
        if now is None or now.ended is not None or now.owner != owner:
            raise _lost(release, now)
        try:
            entry = means.record.append(kind_of(note), about, body_of(note), last_of(entries), _files(release, note))
        except MovedError:
            continue  # by somebody who releases elsewhere, or takes this one
        return releases_of([*entries, entry])[release.name]


def _lost(release: Release, now: Release | None) -> LostError:
    """Somebody else has the release; what they do with it is theirs."""
    place = about_of(release.begun.environment, release.begun.wanted.name)
    who = now.by if now is not None else "somebody"
    did = "has ended" if now is not None and now.ended is not None else "goes on with"
    what = f"`{who}` {did} release `{release.name}` meanwhile"
    return LostError(Problem("P462", what, place, f"trimtab history {release.begun.environment}"))


def _files(release: Release, note: Note) -> Mapping[str, str]:
    """What is live, or `null`, for people and for whoever reads the folder: only once it is so."""
    if not isinstance(note, ReleaseEnded):
        return {}
    return {wanted_path(release.begun.environment, release.begun.wanted.name): wanted_text(note.live)}
