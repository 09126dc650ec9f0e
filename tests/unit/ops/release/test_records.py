from __future__ import annotations

from pathlib import Path

import pytest
from tests.doubles.clones import clone, git, pair

from trimtab.core.errors import UserError
from trimtab.ops.release.records import name_of, record_of
from trimtab.project import project_of
from trimtab.release.record.git import GitRecord
from trimtab.release.record.local import LocalRecord

FILE = 'name = "churn"\n[model]\npath = "m:a"\n'


def project(folder: Path, text: str = ""):
    return project_of(FILE + text, folder / "trimtab.toml")


def test_the_file_says_which_record_it_is(tmp_path):
    local = record_of(project(tmp_path), tmp_path / "store")
    assert isinstance(local, LocalRecord)
    assert local.folder == tmp_path / "ledger"
    other = record_of(project(tmp_path), tmp_path / "store", tmp_path / "other")
    assert isinstance(other, LocalRecord)
    assert other.folder == tmp_path / "other"
    with pytest.raises(UserError, match="P482"):
        record_of(project(tmp_path, '[release]\nrecord = "git"\n'), tmp_path / "store")


def test_a_record_in_git_is_at_the_remote_if_there_is_one(tmp_path):
    _, mine = pair(tmp_path)
    said = project(mine, '[release]\nrecord = "git"\n')
    record = record_of(said, tmp_path)
    assert isinstance(record, GitRecord)
    assert (record.tip.remote, record.tip.branch) == ("origin", "releases")
    git(mine, "remote", "rename", "origin", "up")
    alone = record_of(said, tmp_path)
    assert isinstance(alone, GitRecord)
    assert alone.tip.remote == ""
    with pytest.raises(UserError, match="there is no remote `upp`") as refused:
        record_of(project(mine, '[release]\nrecord = "git"\nremote = "upp"\n'), tmp_path)
    assert refused.value.problems[0].hint == "did you mean `up`?"


def test_two_clones_have_one_record_and_two_folders_have_two(tmp_path):
    remote, _ = pair(tmp_path)
    mine, theirs = clone(remote, tmp_path / "one"), tmp_path / "theirs"
    clone(remote, theirs)
    text = '[release]\nrecord = "git"\n'
    names = [name_of(record_of(project(one, text), tmp_path)) for one in (theirs, mine)]
    assert names[0] == names[1]
    locals_ = [name_of(record_of(project(one), tmp_path)) for one in (theirs, mine)]
    assert len({*names, *locals_}) == 3
