"""One turn for one environment: what is wanted, what runs, and from the one to the other by the way of any release."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

import msgspec

from trimtab.core.deployment import Deployment
from trimtab.core.errors import Problem, RefusedError, TrimtabError, UserError
from trimtab.ops.reconcile.decide import Todo, decide
from trimtab.ops.release.means import Means
from trimtab.ops.release.pen import LEASE_S, begin
from trimtab.ops.release.plan import Wish, plain_live
from trimtab.ops.release.release import release, resume, sailed
from trimtab.ops.release.status import Here, look
from trimtab.release.environments import Environment
from trimtab.release.history import Release, about_of, releases_of
from trimtab.release.ledger.lines import Entry
from trimtab.release.ledger.plain import value_of
from trimtab.release.ledger.releases import ReleaseBegun
from trimtab.release.promotion.values import Finding, Judgement, Source
from trimtab.release.record.git import GitRecord
from trimtab.release.record.wanted import WANTED, Asked, wanted_in, wanted_path

__all__ = ["Came", "Claim", "Reach", "Turn", "turn"]

# released, repaired: done. same: nothing to do. differs: something is to be done, and only said. waits: not now
Came: TypeAlias = Literal["released", "repaired", "same", "differs", "waits", "refused", "failed"]


_BUSY: Final = frozenset({"P462", "P480"})  # somebody else is at work on it, or has just written


@dataclass(frozen=True, slots=True)
class Claim:
    """Who wants it, from which source, None for one that is still to be found; emergency: why no gate may stop it."""

    source: Source | None
    by: str
    emergency: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """What it works with, of one environment.

    wish: of what is wanted, as somebody asks for it. bring: has the bundle in the store.
    """

    record: GitRecord
    means: Means
    wish: Callable[[Environment, Deployment, Claim], Wish]
    bring: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Turn:
    """How it came out, and why, each a line. problems: of what was refused or failed."""

    environment: str
    came: Came
    why: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def turn(environment: Environment, name: str, reach: Reach, *, report: bool = False) -> Turn:
    """Never an error of a release, target or remote: it is in the answer, and what runs goes on running.

    report: say what differs, and change nothing.
    """
    try:
        tip = reach.record.tip.look()
        entries = reach.record.seen_at(tip)
        path = wanted_path(environment.name, name)
        text = reach.record.wanted(environment.name, tip).get(path)
        wanted = None if text is None else wanted_in(path, text)
        here = look(environment, name, reach.means)
        todo = decide(wanted, here)
        if todo.act in ("same", "nothing", "wait"):
            return Turn(environment.name, "waits" if todo.act == "wait" else "same", todo.why)
        if report:
            return Turn(environment.name, "differs", todo.why)
        return _done(environment, name, reach, _Job(todo, here, wanted, entries, tip))
    except RefusedError as error:
        busy = error.problems[0].code in _BUSY
        return Turn(environment.name, "waits" if busy else "refused", problems=error.problems)
    except UserError as error:
        return Turn(environment.name, "refused", problems=error.problems)
    except TrimtabError as error:
        return Turn(environment.name, "failed", problems=error.problems)


@dataclass(frozen=True, slots=True)
class _Job:
    todo: Todo
    here: Here
    wanted: Deployment | None
    entries: Sequence[Entry]
    tip: str


def _done(environment: Environment, name: str, reach: Reach, job: _Job) -> Turn:
    means, why = reach.means, job.todo.why
    if job.todo.act == "resume":
        ended = resume(environment.name, name, means)
        return Turn(environment.name, "released", (*why, f"it has ended: {ended.ended.outcome if ended.ended else ''}"))
    assert job.wanted is not None  # noqa: S101  # by `decide`
    if not means.has(job.wanted.bundle):
        reach.bring(job.wanted.bundle)
        if not means.has(job.wanted.bundle):
            what = f"the bundle that is wanted is not in the store: {job.wanted.bundle}"
            hint = f"trimtab pull REGISTRY/{name}@{job.wanted.bundle}, or name it: `[release] registry`"
            raise UserError(Problem("P492", what, f"[env.{environment.name}]", hint))
    for text in why:
        means.tell(job.todo.act, text)
    if job.todo.act == "repair":
        _repaired(environment, job.here, means)
        return Turn(environment.name, "repaired", why)
    claim = _claim(job, reach.record, environment.name, name)
    mine = means.crew.by
    by = f"{claim.by}, applied by {mine}" if claim.by not in ("", mine) else mine
    release(reach.wish(environment, job.wanted, claim), replace(means, crew=replace(means.crew, by=by)))
    return Turn(environment.name, "released", why)


def _claim(job: _Job, record: GitRecord, environment: str, name: str) -> Claim:
    """Who wants it, from which source, and why in an emergency: as the entry says that put the file there.

    A file that no entry put there came by a merge: its commit says who, and it is judged with nothing in its favour.
    """
    about = about_of(environment, name)
    last = next((one for one in reversed(job.entries) if one.kind == WANTED and one.about == about), None)
    if last is not None:
        try:
            asked = value_of(dict(last.body), Asked)
        except (ValueError, msgspec.MsgspecError):
            asked = None
        if asked is not None and asked.wanted == job.wanted and asked.judgement.outcome != "refused":
            return Claim(asked.source, asked.by, asked.judgement.emergency)
    return Claim(None, record.author(job.tip, wanted_path(environment, name)))


def _repaired(environment: Environment, here: Here, means: Means) -> Release:
    """What was released, once more; it passed its gate then, and evidence that is too old by now holds nothing up."""
    last, live = here.past.good[-1].name if here.past.good else "found running", here.past.live
    assert live is not None  # noqa: S101  # by `decide`
    means.target.render(live)
    status = means.target.status(live.name, environment.name)
    entries = means.record.entries()
    why = "; ".join(here.differs) or "it was down"
    passed = Finding("reconcile", "PASS", f"it was released as `{last}`; {why}")
    note = ReleaseBegun(
        f"r{len(releases_of(entries)) + 1}", environment.name, live, plain_live(status), Judgement("passed", (passed,)),
        Source(), means.crew.by, "reconcile", owner=means.crew.owner, lease_s=LEASE_S,
    )  # fmt: skip
    return sailed(begin(means, note, entries), means)
