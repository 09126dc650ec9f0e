"""The suite finds what is wrong with records that break a promise; those of ours that keep them all pass it."""

from __future__ import annotations

import pytest
from tests.doubles.clones import bare, clone, pair

from trimtab.release.record.git import GitRecord
from trimtab.release.record.local import LocalRecord
from trimtab.release.record.tip import Tip
from trimtab.release.source.git import Git
from trimtab.testing import check_record


def test_a_record_on_this_machine_keeps_all_promises(tmp_path):
    def read(path: str) -> str | None:
        file = tmp_path / "ledger" / path
        return file.read_text() if file.exists() else None

    check_record(lambda: LocalRecord(tmp_path / "ledger", tmp_path / "store"), read)


@pytest.mark.parametrize("remote", ["origin", ""])
def test_a_record_in_git_keeps_all_promises(tmp_path, remote):
    there, mine = pair(tmp_path)
    others = [mine, clone(there, tmp_path / "other")] if remote else [mine]

    def make() -> GitRecord:
        others.append(others.pop(0))
        return GitRecord(Tip(Git(others[0]), remote, "releases"), clock=lambda: 1.5)

    def read(path: str) -> str | None:
        done = Git(there if remote else mine).run(
            "-c", "safe.bareRepository=all", "show", f"refs/heads/releases:{path}"
        )
        return done.out.decode() if done.status == 0 else None

    check_record(make, read, kills=2)


class Careless(LocalRecord):
    """Appends after anything, and says that it is there before it is."""

    def append(self, kind, about, body, _after, files):
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return self.ledger.append(kind, about, body)


def test_a_record_that_takes_no_care_is_told_of_each_promise(tmp_path):
    def read(path: str) -> str | None:
        file = tmp_path / "ledger" / path
        return file.read_text() if file.exists() else None

    with pytest.raises(AssertionError) as failed:
        check_record(lambda: Careless(tmp_path / "ledger", tmp_path / "store"), read, kills=0)
    assert str(failed.value).count("which is not the last one") == 3
    assert "of 4 who had seen the same entry, 4 were told" in str(failed.value)
    assert "outside of the record" in str(failed.value)


def test_an_empty_remote_is_a_record_too(tmp_path):
    mine = clone(bare(tmp_path / "remote.git"), tmp_path / "mine")
    record = GitRecord(Tip(Git(mine), "origin", "releases"))
    assert list(record.entries()) == []
    entry = record.append("checked", "x", {}, "", {})
    assert list(record.entries())[1:] == [entry]
