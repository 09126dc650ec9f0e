from __future__ import annotations

import pytest
from tests.doubles.clones import bare, clone, commit, git, pair

from trimtab.core.errors import UserError
from trimtab.release.promotion.values import Source
from trimtab.release.source.source import edited, source_of

NOWHERE = {"PATH": "/usr/bin:/bin"}


@pytest.fixture(scope="module")
def repositories(tmp_path_factory):
    remote, mine = pair(tmp_path_factory.mktemp("source"))
    git(mine, "tag", "v1")
    git(mine, "push", "--quiet", "origin", "v1")
    return remote, mine


def test_what_is_checked_out(repositories):
    _, mine = repositories
    head = git(mine, "rev-parse", "HEAD")
    assert source_of(mine, environ=NOWHERE) == Source(head, "refs/heads/main", "ann@example.org")
    assert source_of(mine, tag="v*", environ=NOWHERE).ref == "refs/tags/v1"
    assert source_of(mine, tag="w*", environ=NOWHERE).ref == "refs/heads/main"
    assert source_of(mine, "v1", environ=NOWHERE) == Source(head, "refs/tags/v1", "ann@example.org")


def test_a_changed_file_makes_it_dirty_and_a_new_one_does_not(repositories, tmp_path):
    mine = clone(repositories[0], tmp_path / "mine")
    (mine / "new").write_text("x")
    (mine / "requirements.lock").write_text("x")
    assert not source_of(mine, environ=NOWHERE).dirty
    (mine / "file").write_text("other")
    assert source_of(mine, environ=NOWHERE).dirty


def test_what_a_gate_is_made_of_is_as_it_was_committed_or_is_named(repositories, tmp_path):
    mine = clone(repositories[0], tmp_path / "mine")
    (mine / "new").write_text("x")
    (mine / "keys").mkdir()
    assert edited(mine) == ()
    (mine / "keys/eve.pub").write_text("x")
    (mine / "trimtab.toml").write_text("x")
    assert edited(mine) == ("keys/eve.pub", "trimtab.toml")
    git(mine, "add", "trimtab.toml", "keys")
    assert edited(mine) == ("keys/eve.pub", "trimtab.toml")
    git(mine, "commit", "--quiet", "-m", "a gate")
    assert edited(mine) == ()
    (mine / "trimtab.toml").write_text("y")
    assert edited(mine) == ("trimtab.toml",)
    (mine / "trimtab.toml").unlink()
    assert edited(mine) == ("trimtab.toml",)


def test_without_a_repository_or_a_commit_there_is_no_source(tmp_path):
    assert source_of(tmp_path, environ=NOWHERE) == Source()
    mine = clone(bare(tmp_path / "r.git"), tmp_path / "empty")
    assert source_of(mine, environ=NOWHERE) == Source()
    with pytest.raises(UserError, match="P482"):
        source_of(tmp_path, "v1", environ=NOWHERE)


def test_a_pipeline_has_a_shallow_clone_and_no_branch(repositories, tmp_path):
    mine = clone(repositories[0], tmp_path / "ci", "--depth=1")
    head = git(mine, "rev-parse", "HEAD")
    git(mine, "checkout", "--quiet", "--detach")
    assert source_of(mine, environ=NOWHERE).ref == ""
    told = {**NOWHERE, "GITHUB_ACTIONS": "true", "GITHUB_SHA": head, "GITHUB_REF": "refs/heads/main"}
    assert source_of(mine, environ=told) == Source(head, "refs/heads/main", "ann@example.org")
    pull = {**told, "GITHUB_REF": "refs/pull/3/merge", "GITHUB_REPOSITORY": "o/churn"}
    assert source_of(mine, environ=pull).pull_request == "https://github.com/o/churn/pull/3"
    assert source_of(mine, environ={**told, "GITHUB_SHA": "0" * 40}).ref == ""  # told of another commit


def test_a_worktree_and_a_submodule_speak_for_themselves(repositories, tmp_path):
    remote, mine = repositories
    git(mine, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    there = commit(tmp_path / "side", text="side")
    assert source_of(tmp_path / "side", environ=NOWHERE) == Source(there, "refs/heads/side", "ann@example.org")
    outer = clone(bare(tmp_path / "outer.git"), tmp_path / "outer")
    commit(outer)
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", f"file://{remote}", "inner")
    assert source_of(outer / "inner", environ=NOWHERE).commit == git(mine, "rev-parse", "main")
    assert source_of(outer, environ=NOWHERE).commit == git(outer, "rev-parse", "HEAD")


def test_a_tag_that_is_only_at_the_remote_is_fetched(repositories, tmp_path):
    remote, _ = repositories
    mine, other = clone(remote, tmp_path / "mine"), clone(remote, tmp_path / "other")
    there = commit(other, text="later")
    git(other, "tag", "v2-later")
    git(other, "push", "--quiet", "origin", "v2-later")
    assert source_of(mine, "v2-later", environ=NOWHERE) == Source(there, "refs/tags/v2-later", "ann@example.org")
