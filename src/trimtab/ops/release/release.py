"""`release`, as a story: settle what was left, plan, gate, write down, apply, fly, write down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trimtab.core.errors import Problem, RefusedError, UserError
from trimtab.ops.release.course import Course
from trimtab.ops.release.means import Means
from trimtab.ops.release.pen import LEASE_S, LostError, begin, take
from trimtab.ops.release.plan import Plan, Wish, must_pass, plan
from trimtab.release.history import Release, about_of, past_of, releases_of
from trimtab.release.ledger.releases import ReleaseBegun
from trimtab.release.moves import is_free
from trimtab.release.record.record import MovedError

__all__ = ["Done", "release", "resume", "settled"]


@dataclass(frozen=True, slots=True)
class Done:
    """How it came out. release: None where all of it ran already. plan: None where one that was begun went on."""

    release: Release | None
    plan: Plan | None = None


def release(wish: Wish, means: Means, planned: Callable[[Plan], None] = lambda _: None) -> Done:
    """Until it is live, and the record says so. planned: is told what will be done, before it is.

    RefusedError P460 to P464 and P468, and then what was live before is live; UserError for what cannot be planned.
    OutsideError: it is still under way, and whoever comes next goes on with it.
    """
    while True:
        entries = means.record.entries()
        left = past_of(entries, wish.environment.name, wish.wanted.name)
        if left.under_way is not None:
            try:
                mine = taken(left.under_way, means)
            except LostError:
                continue  # what a dead one sent last has arrived since
            gone_on = settled(mine, means, wish)
            if gone_on is not None:
                return Done(gone_on)
            continue
        found = plan(wish, means, entries)
        planned(found)
        must_pass(found)
        if found.is_done:
            return Done(None, found)
        means.share(wish.wanted.bundle)
        try:
            begun = begin(means, _note(found, means), found.entries)
        except MovedError:
            continue
        return Done(sailed(begun, means), found)


def resume(environment: str, name: str, means: Means) -> Release:
    """Goes on with what is under way. UserError P469 where nothing is."""
    past = past_of(means.record.entries(), environment, name)
    if past.under_way is None:
        what = f"no release to `{environment}` is under way"
        raise UserError(Problem("P469", what, about_of(environment, name), f"trimtab release {environment}"))
    return sailed(taken(past.under_way, means), means)


def settled(mine: Release, means: Means, wish: Wish) -> Release | None:
    """What was left under way, and is ours now, is ended: the release, if it is the very one that is wished for.

    Else it has gone back, or to its end where all of it runs.
    """
    if mine.begun.wanted == wish.wanted and mine.begun.why == "release":
        return sailed(mine, means)
    abandon = f"`{means.crew.by}` releases something else in its place"
    means.tell("takes over", f"release `{mine.name}`, which `{mine.begun.by}` has left under way")
    Course(mine, means, "" if "applied" in mine.steps else abandon).run()
    return None


def taken(left: Release, means: Means) -> Release:
    """The release, ours from now on. RefusedError P462."""
    owner, now = means.crew.owner, means.clock()
    if not is_free(left, owner, now, alive=means.crew.alive(left.owner)):
        seconds = max(left.lease - now, 0.0)
        what = f"release `{left.name}` is under way: `{left.by}` has it, in process `{left.owner}`"
        hint = f"wait for it; if that process is gone, it may be taken over in {seconds:.0f} s at the latest"
        raise RefusedError(Problem("P462", what, f"[env.{left.begun.environment}]", hint))
    return take(means, left)


def sailed(release: Release, means: Means) -> Release:
    """The release once it has ended; RefusedError where it is not what is live."""
    course = Course(release, means)
    ended = course.run()
    if course.problem is not None:
        raise RefusedError(course.problem)
    return ended


def _note(found: Plan, means: Means) -> ReleaseBegun:
    wish, crew = found.wish, means.crew
    return ReleaseBegun(
        f"r{len(releases_of(found.entries)) + 1}",
        wish.environment.name,
        wish.wanted,
        found.live,
        found.judgement,
        wish.candidate.source,
        crew.by,
        flight=found.flies,
        evidence=found.documents,
        owner=crew.owner,
        lease_s=LEASE_S,
    )
