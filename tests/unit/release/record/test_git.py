from __future__ import annotations

from typing import Any

import pytest
from tests.doubles.clones import clone, commit, git
from tests.doubles.git_records import QUICK, record_of

from trimtab.bundle.evidence import Evidence
from trimtab.core.errors import OutsideError, UserError
from trimtab.release.record.git import GitRecord
from trimtab.release.record.tip import Offered, Tip
from trimtab.release.source.git import Done, Git

FILE = "environments/prod/churn.json"
DIGEST = f"sha256:{'a' * 64}"


def test_nobodys_index_or_files_are_touched(repositories):
    remote, mine = repositories
    (mine / "file").write_text("half done")
    (mine / "staged").write_text("staged")
    git(mine, "add", "staged")
    before = (git(mine, "status", "--porcelain"), git(mine, "rev-parse", "HEAD"), (mine / ".git/index").read_bytes())
    record_of(mine).append("release begun", "prod/churn", {"by": "ann"}, "", {FILE: "{}\n"})
    after = (git(mine, "status", "--porcelain"), git(mine, "rev-parse", "HEAD"), (mine / ".git/index").read_bytes())
    assert after == before
    assert git(remote, "show", f"releases:{FILE}") == "{}"


def test_the_history_says_who_did_what_and_adds_one_commit_an_entry(repositories):
    remote, mine = repositories
    git(mine, "config", "user.name", "Ann")
    git(mine, "config", "user.email", "ann@example.org")
    record = record_of(mine)
    first = record.append("release begun", "prod/churn", {"by": "ann\n\nforged: line"}, "", {})
    record.append("release ended", "prod/churn", {}, first.digest, {})
    assert git(remote, "log", "--format=%an <%ae> %s", "releases").splitlines() == [
        "Ann <ann@example.org> release ended: prod/churn",
        "Ann <ann@example.org> release begun: prod/churn",
    ]
    body = git(remote, "log", "-1", "--format=%b", "releases~1").splitlines()
    assert body[:3] == ["by: annforged: line", "entry: 1", f"digest: {first.digest}"]


def test_evidence_that_comes_between_does_not_take_the_entrys_place(repositories):
    _, mine = repositories
    record = record_of(mine)
    first = record.append("release begun", "prod/churn", {}, "", {})

    class Between(Tip):
        """Another one keeps evidence after this one has looked."""

        def offer(self, commit: str, old: str) -> Offered:
            record.keep(DIGEST, [Evidence("application/json", old.encode())] if not record.documents(DIGEST) else [])
            return Tip.offer(self, commit, old)

    late = GitRecord(Between(Git(mine), "origin", "releases"), patience=QUICK)
    second = late.append("release ended", "prod/churn", {}, first.digest, {})
    assert list(record.entries())[1:] == [first, second]
    assert len(record.documents(DIGEST)) == 1


def doctored(remote, tmp_path, change):
    """Somebody commits to the branch by hand."""
    other = clone(remote, tmp_path / "doctor", "--branch=releases")
    change(other)
    git(other, "push", "--quiet", "origin", "releases")
    return other


def test_an_entry_that_was_changed_or_taken_away_by_a_commit_is_refused(repositories, tmp_path):
    remote, mine = repositories
    first = record_of(mine).append("release begun", "prod/churn", {"by": "ann"}, "", {})
    path = "ledger/000001-release-begun-prod-churn.json"
    text = git(mine, "show", f"refs/remotes/origin/releases:{path}")
    other = doctored(remote, tmp_path, lambda there: commit(there, path, text.replace("ann", "eve")))
    warm = record_of(mine)
    for one, said, code in ((warm, "had 2 entries", "P481"), (record_of(other), "entry 1 is not what was", "P488")):
        with pytest.raises(UserError, match=said) as refused:
            one.entries()
        assert refused.value.problems[0].code == code
    commit(other, path, text + "\n")
    git(other, "push", "--quiet", "origin", "releases")
    assert list(warm.entries())[1:] == [first]  # it is as it was
    with pytest.raises(UserError, match="does more than add"):
        warm.verify()


def test_what_is_in_memory_is_held_against_what_comes(repositories, tmp_path):
    remote, mine = repositories
    record = record_of(mine)
    record.append("release begun", "prod/churn", {"by": "ann"}, "", {})
    assert len(record.verify()) == len(record.entries()) == 2

    def empty(there):
        git(there, "rm", "-q", "-r", "ledger")
        git(there, "commit", "-q", "-m", "nothing happened")

    doctored(remote, tmp_path, empty)
    for one in (record, record_of(mine)):  # this process remembers, and so does this clone
        with pytest.raises(UserError, match="it had 2 entries") as refused:
            one.entries()
        assert refused.value.problems[0].code == "P481"
    with pytest.raises(UserError, match="does more than add"):
        record_of(clone(remote, tmp_path / "new")).verify()


def test_a_file_in_the_ledger_that_is_none_is_refused(repositories, tmp_path):
    remote, mine = repositories
    record_of(mine).append("release begun", "prod/churn", {}, "", {})
    other = doctored(remote, tmp_path, lambda there: commit(there, "ledger/note.txt"))
    with pytest.raises(UserError, match="a file beside it"):
        record_of(mine).entries()
    git(other, "rm", "-q", "ledger/note.txt")
    (other / "ledger/000002-link.json").symlink_to("/etc/passwd")
    git(other, "add", ".")
    git(other, "commit", "-qm", "link")
    git(other, "push", "--quiet", "origin", "releases")
    with pytest.raises(OutsideError, match="is no plain file"):
        record_of(mine).entries()


def test_a_merged_branch_that_says_what_is_wanted_leaves_the_ledger_whole(repositories, tmp_path):
    remote, mine = repositories
    record_of(mine).append("release begun", "prod/churn", {}, "", {FILE: "{}\n"})

    def merge(there):
        git(there, "checkout", "-q", "-b", "change")
        commit(there, FILE, '{"a": 1}\n')
        git(there, "checkout", "-q", "releases")
        git(there, "merge", "-q", "--no-ff", "change")

    doctored(remote, tmp_path, merge)
    record = record_of(mine)
    assert len(record.verify()) == 2
    assert record.wanted("prod", record.tip.look()) == {FILE: '{"a": 1}\n'}
    assert record.wanted("dev", record.tip.look()) == {}


def test_a_shallow_clone_of_a_pipeline_has_the_whole_ledger(repositories, tmp_path):
    remote, mine = repositories
    commit(mine, text="2")
    git(mine, "push", "--quiet", "origin", "main")
    first = record_of(mine).append("release begun", "prod/churn", {}, "", {})
    shallow = record_of(clone(remote, tmp_path / "ci", "--depth=1"))
    second = shallow.append("release ended", "prod/churn", {}, first.digest, {})
    assert list(record_of(mine).entries())[1:] == [first, second]


def test_a_fetch_that_was_killed_halfway_is_made_good(repositories, tmp_path):
    remote, mine = repositories
    first = record_of(mine).append("release begun", "prod/churn", {}, "", {})
    second = record_of(clone(remote, tmp_path / "other")).append("release ended", "prod/churn", {}, first.digest, {})
    tip = git(remote, "rev-parse", "releases")
    raw = Git(remote).run("-c", "safe.bareRepository=all", "cat-file", "commit", tip).out
    assert Git(mine).ask("hash-object", "-w", "-t", "commit", "--stdin", data=raw) == tip  # the commit, not its files
    assert list(record_of(mine).entries())[1:] == [first, second]


def test_an_entry_upon_what_was_just_read_takes_three_programs(repositories):
    ran = []

    class Counted(Git):
        """Says what it ran."""

        def run(self, *arguments: str, **said: Any) -> Done:
            ran.append(arguments[0])
            return Git.run(self, *arguments, **said)

    record = GitRecord(Tip(Counted(repositories[1]), "origin", "releases"), patience=QUICK)
    first = record.append("release begun", "prod/churn", {}, "", {FILE: "1\n"})
    ran.clear()
    second = record.append("release ended", "prod/churn", {}, first.digest, {FILE: "2\n"})
    assert ran == ["fast-import", "push", "update-ref"]
    ran.clear()
    assert list(record.entries())[1:] == [first, second]
    assert ran == ["rev-parse", "ls-remote"]


def test_odd_names_of_files_and_people_are_kept(repositories):
    remote, mine = repositories
    git(mine, "config", "user.name", "Ann <eve> B")
    git(mine, "config", "user.email", "ann@example.org")
    path = 'environments/prod/a "quoted" \\ ä.json'
    record_of(mine).append("release begun", "prod/churn", {}, "", {path: "ä\n\n"})
    assert record_of(mine).wanted("prod", git(remote, "rev-parse", "releases")) == {path: "ä\n\n"}
    assert git(remote, "log", "-1", "--format=%an|%ae|%cn", "releases") == "Ann eve B|ann@example.org|Ann eve B"
