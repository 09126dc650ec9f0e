"""`release --by commit`: the gate as ever, then a commit that says what is wanted; whoever reconciles applies it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trimtab.ops.release.means import Means
from trimtab.ops.release.pen import last_of
from trimtab.ops.release.plan import Plan, Wish, must_pass, plan
from trimtab.release.history import about_of
from trimtab.release.ledger.plain import plain_of
from trimtab.release.record.git import GitRecord
from trimtab.release.record.record import MovedError
from trimtab.release.record.wanted import WANTED, Asked, wanted_path, wanted_text

__all__ = ["Written", "by_commit"]


@dataclass(frozen=True, slots=True)
class Written:
    """What was committed. where: the branch, at its remote. path: of the file. merged: whether it is wanted by now."""

    where: str
    path: str
    commit: str
    merged: bool


def by_commit(wish: Wish, means: Means, record: GitRecord, branch: str, planned: Callable[[Plan], None]) -> Written:
    """Past the gate, into the branch of releases; or onto a branch of that name, which people are to merge.

    RefusedError P463 where the gate says no; P494 for a branch that cannot be.
    """
    environment, wanted = wish.environment.name, wish.wanted
    path = wanted_path(environment, wanted.name)
    while True:
        found = plan(wish, means)
        planned(found)
        must_pass(found)
        if branch:
            subject = f"{WANTED}: {about_of(environment, wanted.name)}"
            body = f"by: {wish.candidate.by}\nbundle: {wanted.bundle}"
            commit = record.propose(branch, {path: wanted_text(wanted)}, subject, body)
            where = f"{record.tip.remote}/{branch}" if record.tip.far else branch
            return Written(where, path, commit, merged=False)
        asked = Asked(
            environment, wanted, found.judgement, wish.candidate.source, wish.candidate.by, found.documents
        )  # fmt: skip
        about, text = about_of(environment, wanted.name), wanted_text(wanted)
        try:
            record.append(WANTED, about, plain_of(asked), last_of(found.entries), {path: text})
        except MovedError:
            continue
        return Written(record.tip.where, path, record.tip.seen(), merged=True)
