"""What becomes of a commit that is offered to the branch, and of a branch that is not where it was."""

from __future__ import annotations

import pytest
from tests.doubles.clones import clone, git
from tests.doubles.git_records import QUICK, record_of

from trimtab.bundle.evidence import Evidence
from trimtab.core.errors import OutsideError, UserError
from trimtab.release.record.git import GitRecord, Patience
from trimtab.release.record.record import MovedError
from trimtab.release.record.tip import Offered, Tip
from trimtab.release.source.git import Git

DIGEST = f"sha256:{'a' * 64}"


def test_a_push_that_lost_its_answer_is_found_and_not_done_twice(repositories):
    _, mine = repositories

    class Deaf(Tip):
        """Everything arrives, and no answer comes back."""

        def offer(self, commit: str, old: str) -> Offered:
            Tip.offer(self, commit, old)
            return Offered("unknown", "the connection broke")

    record = GitRecord(Deaf(Git(mine), "origin", "releases"), patience=QUICK)
    entry = record.append("release begun", "prod/churn", {}, "", {})
    assert list(record_of(mine).entries())[1:] == [entry]
    record.keep(DIGEST, [Evidence("a", b"x")])
    assert record.documents(DIGEST) == (Evidence("a", b"x"),)


def test_a_push_that_never_arrives_is_an_error_after_few_turns(repositories):
    _, mine = repositories
    offered = []

    class Cut(Tip):
        """Nothing arrives."""

        def offer(self, commit: str, old: str) -> Offered:
            offered.append((commit, old))
            return Offered("unknown", "the connection broke")

    with pytest.raises(OutsideError, match="the connection broke") as failed:
        GitRecord(Cut(Git(mine), "origin", "releases"), patience=QUICK).append("x", "y", {}, "", {})
    assert (failed.value.problems[0].code, len(offered)) == ("P487", 3)


def test_a_remote_that_refuses_is_said_at_once(repositories):
    remote, mine = repositories
    (remote / "hooks").mkdir(exist_ok=True)
    hook = remote / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho not you; exit 1\n")
    hook.chmod(0o755)
    with pytest.raises(OutsideError, match="hook declined") as failed:
        record_of(mine).append("release begun", "prod/churn", {}, "", {})
    assert failed.value.problems[0].code == "P487"
    assert list(record_of(mine).entries()) == []


def test_a_remote_that_is_away_keeps_nothing_and_says_so(repositories, tmp_path):
    remote, mine = repositories
    remote.rename(tmp_path / "away.git")
    with pytest.raises(OutsideError, match="P485"):
        record_of(mine).append("release begun", "prod/churn", {}, "", {})


def test_a_history_that_was_rewritten_is_refused_by_whoever_saw_it(repositories, tmp_path):
    remote, mine = repositories
    record = record_of(mine)
    first = record.append("release begun", "prod/churn", {}, "", {})
    record.append("release ended", "prod/churn", {}, first.digest, {})
    git(remote, "update-ref", "refs/heads/releases", "refs/heads/releases~1")
    with pytest.raises(UserError, match="rewritten") as refused:
        record_of(mine).entries()
    assert refused.value.problems[0].code == "P481"
    with pytest.raises(UserError, match="P481"):
        record_of(mine).append("release begun", "prod/churn", {}, first.digest, {})
    assert len(record_of(clone(remote, tmp_path / "new")).entries()) == 2  # who never saw it cannot know
    git(remote, "update-ref", "-d", "refs/heads/releases")
    with pytest.raises(UserError, match="it is gone"):
        record_of(mine).entries()


def test_without_a_remote_the_branch_of_this_repository_is_the_record(repositories):
    _, mine = repositories
    record = record_of(mine, "")
    first = record.append("release begun", "prod/churn", {}, "", {})
    with pytest.raises(MovedError):
        record_of(mine, "").append("release begun", "prod/churn", {}, "", {})
    assert git(mine, "rev-parse", "releases") == record.tip.look()
    lock = mine / ".git/refs/heads/releases.lock"
    lock.touch()  # of one that was killed
    with pytest.raises(OutsideError, match=r"releases\.lock"):
        record.append("release ended", "prod/churn", {}, first.digest, {})


def test_what_was_taken_away_meanwhile_is_not_brought_back_by_the_next_entry(repositories):
    remote, mine = repositories
    record = record_of(mine)
    first = record.append("release begun", "prod/churn", {}, "", {})
    second = record.append("release applied", "prod/churn", {}, first.digest, {})
    git(remote, "update-ref", "refs/heads/releases", "refs/heads/releases~1")
    with pytest.raises(UserError, match="P481"):
        record.append("release ended", "prod/churn", {}, second.digest, {})
    assert list(record_of(clone(remote, mine.parent / "new")).entries())[1:] == [first]


def test_whoever_is_beaten_again_and_again_waits_longer_until_a_commit_is_taken(repositories):
    waited: list[float] = []

    class Beaten(Tip):
        """Somebody else is first, whenever it is said."""

        def offer(self, commit: str, old: str) -> Offered:
            return Offered("moved") if lost and lost.pop() else Tip.offer(self, commit, old)

    lost = [False, True, True, True]
    patience = Patience(tries=9, wait_s=1, sleep=waited.append, chance=lambda: 0.5)
    record = GitRecord(Beaten(Git(repositories[1]), "origin", "releases"), patience=patience)
    first = record.append("release begun", "prod/churn", {}, "", {})
    lost.append(True)
    record.append("release ended", "prod/churn", {}, first.digest, {})
    assert waited == [1, 2, 4, 1]
