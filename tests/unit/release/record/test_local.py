from __future__ import annotations

import contextlib
import json
import threading

import pytest

from trimtab.bundle.evidence import Evidence
from trimtab.core.errors import OutsideError, UserError
from trimtab.release.ledger.lines import OPENING
from trimtab.release.record.local import PENDING, LocalRecord
from trimtab.release.record.record import MovedError

FILE = "environments/prod/churn.json"
DIGEST = f"sha256:{'a' * 64}"


@pytest.fixture
def record(tmp_path):
    return LocalRecord(tmp_path / "ledger", tmp_path / "store")


def last(record):
    entries = record.entries()
    return entries[-1].digest if entries else ""


def test_nothing_is_there_before_the_first_entry(record):
    assert list(record.entries()) == []
    assert not record.folder.exists()


def test_an_entry_is_there_with_its_files(record):
    record.append("release ended", "prod/churn", {"a": 1}, "", {FILE: "{}\n"})
    assert [one.kind for one in record.entries()] == [OPENING, "release ended"]
    assert (record.folder / FILE).read_text() == "{}\n"
    assert not (record.folder / PENDING).exists()


def test_whoever_has_not_seen_the_last_entry_appends_nothing(record):
    record.append("release begun", "prod/churn", {}, "", {})
    seen = last(record)
    record.append("release begun", "dev/churn", {}, seen, {})
    for after in ("", seen):
        with pytest.raises(MovedError) as moved:
            record.append("release ended", "prod/churn", {}, after, {FILE: "new"})
        assert moved.value.problems[0].code == "P480"
    assert len(record.entries()) == 3
    assert not (record.folder / FILE).exists()


def test_of_many_that_saw_the_same_exactly_one_appends(record):
    record.append("release begun", "prod/churn", {}, "", {})
    seen, done = last(record), []

    def append(number: int) -> None:
        one = LocalRecord(record.folder, record.folder)
        with contextlib.suppress(MovedError):
            done.append(one.append("release begun", "prod/churn", {"by": number}, seen, {}))

    threads = [threading.Thread(target=append, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert list(record.entries())[2:] == done


@pytest.mark.parametrize("appended", [True, False])
def test_killed_in_between_the_files_are_there_if_and_only_if_the_entry_is(record, appended):
    record.append("release begun", "prod/churn", {}, "", {})
    facts = {"after": last(record), "kind": "release ended", "about": "prod/churn", "body": {"a": [1]}}
    if appended:
        record.ledger.append("release ended", "prod/churn", {"a": [1]})
    (record.folder / PENDING).write_text(json.dumps({**facts, "files": {FILE: "new"}}))
    record.entries()
    assert (record.folder / FILE).exists() is appended
    assert not (record.folder / PENDING).exists()


@pytest.mark.parametrize("name", ["../x/y", "/etc/x", "ledger.jsonl", "a/../../b", "a//b"])
def test_no_file_goes_anywhere_else(record, name):
    with pytest.raises(ValueError, match="no path"):
        record.append("release ended", "prod/churn", {}, "", {name: ""})
    assert list(record.entries()) == []


@pytest.mark.parametrize(
    "text",
    [
        "{", "[1]", "null", "{}", '{"after": "", "kind": "x", "about": "", "body": {}, "files": {"../../x": "1"}}',
        '{"after": "", "kind": "x", "about": "", "body": {}, "files": {"a/b": 1}}',
    ],
)  # fmt: skip
def test_a_pending_file_that_is_none_is_named(record, text):
    record.append("release begun", "prod/churn", {}, "", {})
    (record.folder / PENDING).write_text(text)
    with pytest.raises(UserError) as refused:
        record.entries()
    assert refused.value.problems[0].hint.startswith("rm ")


def test_no_link_leads_out_of_the_record(record, tmp_path):
    record.append("release begun", "prod/churn", {}, "", {})
    (tmp_path / "other").mkdir()
    (record.folder / "environments").mkdir()
    (record.folder / "environments/prod").symlink_to(tmp_path / "other")
    with pytest.raises(OutsideError, match="is a symbolic link"):
        record.append("release ended", "prod/churn", {}, last(record), {FILE: "{}"})
    assert len(record.entries()) == 2
    assert list((tmp_path / "other").iterdir()) == []


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "ledger").write_text("a file")
    with pytest.raises(OutsideError) as failed:
        LocalRecord(tmp_path / "ledger", tmp_path).append("release ended", "prod/churn", {}, "", {})
    assert failed.value.problems[0].code == "P479"


def test_evidence_is_kept_in_the_store(record):
    one = Evidence("application/json", b"{}")
    record.keep(DIGEST, [one, one])
    assert record.documents(DIGEST) == (one,)
