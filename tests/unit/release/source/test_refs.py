from __future__ import annotations

import pytest
from tests.doubles.clones import clone, commit, git, pair

from trimtab.core.errors import OutsideError, RefusedError, UserError
from trimtab.release.promotion.values import Source
from trimtab.release.source.git import Git
from trimtab.release.source.refs import full_name, must_stand, refs_of, resolve, tags_at


@pytest.fixture(scope="module")
def repositories(tmp_path_factory):
    remote, mine = pair(tmp_path_factory.mktemp("refs"))
    git(mine, "tag", "v1")
    git(mine, "tag", "--annotate", "--message", "two", "v2")
    git(mine, "tag", "v10")
    git(mine, "branch", "both")
    git(mine, "tag", "both")
    git(mine, "push", "--quiet", "origin", "refs/heads/both", "refs/tags/both", "v1", "v2", "v10")
    return remote, mine


def test_a_tag_with_a_message_is_the_commit_that_it_names(repositories):
    _, mine = repositories
    head = git(mine, "rev-parse", "HEAD")
    assert git(mine, "rev-parse", "v2") != head
    assert [resolve(mine, name) for name in ("v1", "v2", "main", "refs/tags/v2")] == [head] * 4
    git(mine, "remote", "rename", "origin", "elsewhere")
    assert resolve(mine, "v2") == head  # nobody to ask but this repository
    git(mine, "remote", "rename", "elsewhere", "origin")


def test_a_tag_and_a_branch_of_one_name_have_to_be_told_apart(repositories):
    _, mine = repositories
    with pytest.raises(UserError) as refused:
        resolve(mine, "both")
    assert refused.value.problems[0].hint == "say which: `refs/tags/both` or `refs/heads/both`"
    assert full_name(Git(mine), "refs/heads/both")[0] == "refs/heads/both"


@pytest.mark.parametrize("name", ["--upload-pack=touch x", "-v1", "a..b", "", "v1^{tree}", "HEAD~1", "a b", "x:y", "*"])
def test_what_is_no_name_never_reaches_git(repositories, name):
    with pytest.raises(UserError, match="P484") as refused:
        resolve(repositories[1], name)
    assert "is no name" in str(refused.value)


def test_what_is_not_there_is_named_with_what_is_near(repositories):
    with pytest.raises(UserError, match=r"no branch or tag `v11` at `origin`") as refused:
        resolve(repositories[1], "v11")
    assert refused.value.problems[0].hint == "did you mean `v1`?" or "v10" in refused.value.problems[0].hint


def test_the_latest_tag_of_a_commit_comes_first(repositories):
    _, mine = repositories
    tags = tags_at(Git(mine), git(mine, "rev-parse", "HEAD"))
    assert tags == ("refs/tags/v10", "refs/tags/v2", "refs/tags/v1", "refs/tags/both")


def test_a_tag_that_was_moved_by_somebody_else_is_seen(tmp_path):
    remote, mine = pair(tmp_path)
    git(mine, "tag", "v1")
    git(mine, "push", "--quiet", "origin", "v1")
    source = Source(git(mine, "rev-parse", "HEAD"), "refs/tags/v1")
    must_stand(mine, source)
    other = clone(remote, tmp_path / "other")
    moved = commit(other, text="2")
    git(other, "tag", "--force", "v1")
    git(other, "push", "--quiet", "--force", "origin", "v1")
    assert resolve(mine, "v1") == moved
    with pytest.raises(RefusedError, match=f"the tag `v1` is at {moved[:12]} now") as refused:
        must_stand(mine, source)
    assert refused.value.problems[0].code == "P486"
    git(other, "push", "--quiet", "--delete", "origin", "v1")
    with pytest.raises(RefusedError, match="the tag `v1` is gone"):
        must_stand(mine, source)


def test_a_branch_may_go_on_and_may_not_lose_the_commit(tmp_path):
    remote, mine = pair(tmp_path)
    source = Source(git(mine, "rev-parse", "HEAD"), "refs/heads/main")
    other = clone(remote, tmp_path / "other")
    commit(other, text="2")
    git(other, "push", "--quiet", "origin", "main")
    must_stand(mine, source)
    git(other, "commit", "--quiet", "--amend", "--message", "other")
    git(other, "checkout", "--quiet", "--orphan", "new")
    git(other, "commit", "--quiet", "--message", "anew")
    git(other, "push", "--quiet", "--force", "origin", "new:main")
    with pytest.raises(RefusedError, match="the branch `main` does not have"):
        must_stand(mine, source)
    must_stand(mine, Source())  # outside of git nothing can move


def test_a_remote_that_is_away_is_said_with_how_to_look(tmp_path):
    remote, mine = pair(tmp_path)
    remote.rename(tmp_path / "away.git")
    with pytest.raises(OutsideError) as failed:
        refs_of(Git(mine), "origin")
    assert failed.value.problems[0].code == "P485"
    assert failed.value.problems[0].hint == f"git -C {mine} ls-remote origin"
