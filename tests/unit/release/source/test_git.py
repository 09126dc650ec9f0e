from __future__ import annotations

import os
import time

import pytest
from tests.doubles.clones import bare, commit, git, pair

from trimtab.core.errors import OutsideError, UserError
from trimtab.release.source.git import Git, environment_of


def test_only_what_credentials_need_is_handed_on():
    given = {
        "PATH": "/bin", "GIT_DIR": "/elsewhere", "GIT_INDEX_FILE": "x", "GIT_WORK_TREE": "/", "GIT_EXEC_PATH": "/x",
        "GIT_EXTERNAL_DIFF": "x", "GIT_SSH_COMMAND": "ssh -i key", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b",
        "GIT_CONFIG_VALUE_0": "c", "GIT_ASKPASS": "ask", "GIT_CONFIG_PARAMETERS": "'a.b=c'", "LANGUAGE": "de",
    }  # fmt: skip
    kept = environment_of(given)
    assert {key for key in given if key in kept} == {
        "PATH", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0", "GIT_ASKPASS",
    }  # fmt: skip
    assert (kept["GIT_TERMINAL_PROMPT"], kept["LC_ALL"]) == ("0", "C")


def test_another_repository_in_the_environment_is_not_asked(tmp_path):
    _, mine = pair(tmp_path)
    other = bare(tmp_path / "other.git")
    asked = Git(mine, {**os.environ, "GIT_DIR": str(other)})
    assert asked.ask("rev-parse", "HEAD") == git(mine, "rev-parse", "HEAD")


def test_no_program_of_the_repository_runs(tmp_path):
    _, mine = pair(tmp_path)
    mark = tmp_path / "ran"
    for hook in ("pre-push", "reference-transaction", "post-index-change", "fsmonitor"):
        path = mine / ".git/hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch {mark}\n")
        path.chmod(0o755)
    git(mine, "config", "core.fsmonitor", str(mine / ".git/hooks/fsmonitor"))
    mark.unlink(missing_ok=True)
    Git(mine).ask("status", "--porcelain")
    Git(mine).ask("update-ref", "refs/heads/x", "HEAD")
    Git(mine).ask("push", "--quiet", "origin", "refs/heads/x")
    assert not mark.exists()
    git(mine, "update-ref", "refs/heads/y", "HEAD")
    assert mark.exists()  # it would have


def test_what_is_no_repository_is_named_with_what_to_do(tmp_path):
    with pytest.raises(UserError) as failed:
        Git(tmp_path).ask("rev-parse", "HEAD")
    assert failed.value.problems[0].code == "P482"
    assert failed.value.problems[0].hint == f"git init {tmp_path}"


def test_without_git_it_says_so(tmp_path):
    with pytest.raises(UserError, match="cannot be run"):
        Git(tmp_path, program="git-is-not-here").ask("status")


def test_what_takes_too_long_is_ended_with_what_it_started(tmp_path):
    mark = tmp_path / "late"
    program = tmp_path / "slow"
    program.write_text(f"#!/bin/sh\n(sleep 1; touch {mark}) & sleep 30\n")
    program.chmod(0o755)
    with pytest.raises(OutsideError, match=r"did not end within 0\.2 s"):
        Git(tmp_path, program=str(program)).run("status", limit_s=0.2)
    time.sleep(1.1)
    assert not mark.exists()


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to give a repository to another user")
def test_a_repository_of_another_user_is_not_read_and_the_hint_says_how(tmp_path):
    _, mine = pair(tmp_path)
    os.chown(mine, 12345, 12345)
    os.chown(mine / ".git", 12345, 12345)
    with pytest.raises(UserError, match="belongs to another user") as failed:
        Git(mine, {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "SUDO_UID": ""}).ask("rev-parse", "HEAD")
    assert "safe.directory" in failed.value.problems[0].hint


def test_what_git_says_is_told_without_a_password(tmp_path):
    _, mine = pair(tmp_path)
    commit(mine, text="2")
    done = Git(mine).run("ls-remote", "https://ann:secret@127.0.0.1:1/x.git")
    said = str(Git(mine).fault(done, "ls-remote"))
    assert "127.0.0.1" in said
    assert "secret" not in said
