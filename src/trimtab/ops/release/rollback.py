"""`rollback`: bundle and settings of a release that was live before, by the same way as any; `withdraw`: nothing."""

from __future__ import annotations

from trimtab.core.deployment import Deployment
from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.ops.release.course import Course
from trimtab.ops.release.means import Means
from trimtab.ops.release.pen import LEASE_S, begin
from trimtab.ops.release.plan import plain_live
from trimtab.ops.release.release import sailed, taken
from trimtab.release.history import Past, Release, past_of, releases_of
from trimtab.release.ledger.releases import ReleaseBegun
from trimtab.release.promotion.values import Finding, Judgement, Source
from trimtab.release.record.record import MovedError

__all__ = ["rollback", "withdraw"]


def rollback(environment: str, name: str, to: str, means: Means) -> Release:
    """Until it is live again, and the record says so. to: the name of a release; empty for the one before.

    What is under way is abandoned, if nobody is at work on it: P462. UserError P465 where there is nothing to go back
    to, no such release, or its bundle is gone.
    """
    while True:
        entries = means.record.entries()
        past = past_of(entries, environment, name)
        if (left := past.under_way) is not None and left.begun.why == "rollback" and to in ("", left.begun.to):
            return sailed(taken(left, means), means)
        back = _back(past, to)
        if not means.has(back.begun.wanted.bundle):
            what = f"the bundle of release `{back.name}` is no longer in the store: {back.begun.wanted.bundle}"
            raise UserError(Problem("P465", what, f"[env.{environment}]", f"trimtab pull {back.begun.wanted.bundle}"))
        if left is not None:
            abandon = f"`{means.crew.by}` rolls back to release `{back.name}`"
            _ended(Course(taken(left, means), means, abandon), means)
            to = back.name
            continue
        means.target.render(back.begun.wanted)
        note = ReleaseBegun(
            f"r{len(releases_of(entries)) + 1}", environment, back.begun.wanted, _before(past, means, name),
            Judgement("passed", (Finding("rollback", "PASS", f"it was live here as `{back.name}`"),)),
            Source(), means.crew.by, "rollback", to=back.name, owner=means.crew.owner, lease_s=LEASE_S,
        )  # fmt: skip
        try:
            begun = begin(means, note, entries)
        except MovedError:
            continue
        return sailed(begun, means)


def withdraw(environment: str, name: str, means: Means) -> Release:
    """Nothing answers there any more, and the record says who took it away. What `rollback` raises."""
    while True:
        entries = means.record.entries()
        past = past_of(entries, environment, name)
        if (left := past.under_way) is not None:
            mine = taken(left, means)
            if left.begun.why == "withdraw":
                return sailed(mine, means)
            _ended(Course(mine, means, f"`{means.crew.by}` withdraws what is live"), means)
            continue
        if (live := _before(past, means, name)) is None:
            what, hint = f"nothing runs in `{environment}`, and nothing was released to it", "trimtab status"
            raise UserError(Problem("P465", what, f"[env.{environment}]", hint))
        note = ReleaseBegun(
            f"r{len(releases_of(entries)) + 1}", environment, live, live, Judgement("passed", ()), Source(),
            means.crew.by, "withdraw", owner=means.crew.owner, lease_s=LEASE_S,
        )  # fmt: skip
        try:
            begun = begin(means, note, entries)
        except MovedError:
            continue
        return sailed(begun, means)


def _ended(course: Course, means: Means) -> None:
    ended = course.run()
    means.tell("abandoned", f"release `{ended.name}`")


def _before(past: Past, means: Means, name: str) -> Deployment | None:
    """What runs; what the record says of it, where the target cannot say."""
    try:
        return plain_live(means.target.status(name, past.environment)) or past.live
    except OutsideError:
        return past.live


def _back(past: Past, to: str) -> Release:
    found = past.back
    if to:
        found = next((one for one in past.releases if one.name == to and _was_live(one)), None)
    if found is None:
        what = (
            f"no release `{to}` was live in `{past.environment}`"
            if to
            else f"there is nothing in `{past.environment}` to go back to"
        )
        raise UserError(Problem("P465", what, f"[env.{past.environment}]", f"trimtab history {past.environment}"))
    return found


def _was_live(release: Release) -> bool:
    return release.ended is not None and release.ended.outcome == "released"
