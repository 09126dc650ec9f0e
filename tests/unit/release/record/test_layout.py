from __future__ import annotations

import json

import pytest

from trimtab.bundle.evidence import LARGEST, Evidence
from trimtab.core.errors import UserError
from trimtab.release.ledger.lines import OPENING, BrokenError, follow
from trimtab.release.record.layout import (
    document_of,
    entries_of,
    entry_path,
    entry_text,
    evidence_files,
    evidence_folder,
    must_be_ours,
)

DIGEST = f"sha256:{'a' * 64}"
FIRST = follow(None, 1.25, OPENING, "", {"format": 1})
SECOND = follow(FIRST, 2.5, "release begun", "prod/churn", {"by": "änn", "share": 0.1, "none": None})
FILES = [(entry_path(one), entry_text(one).encode()) for one in (FIRST, SECOND)]


def test_an_entry_is_a_file_that_a_person_can_read():
    assert entry_path(SECOND) == "ledger/000001-release-begun-prod-churn.json"
    assert '  "about": "prod/churn",\n' in entry_text(SECOND)
    assert "änn" in entry_text(SECOND)
    assert entries_of(FILES) == [FIRST, SECOND]
    assert entries_of(FILES[1:], FIRST) == [SECOND]


@pytest.mark.parametrize("about", ["../../etc", "a\nb", "", "x" * 300, "Prod/Chürn"])
def test_whatever_it_is_about_the_path_stays_in_the_ledger(about):
    entry = follow(FIRST, 1.0, "release begun", about, {})
    assert entry_path(entry).startswith("ledger/000001-release-begun")
    assert len(entry_path(entry)) < 140
    assert entries_of([FILES[0], (entry_path(entry), entry_text(entry).encode())]) == [FIRST, entry]


@pytest.mark.parametrize("which", [0, 1])
def test_no_byte_of_an_entry_can_be_changed(which):
    path, data = FILES[which]
    for at in range(len(data)):
        changed = list(FILES)
        changed[which] = (path, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(BrokenError, match="entry"):
            entries_of(changed)
    for cut in (0, 1, len(data) // 2, len(data) - 1):
        with pytest.raises(BrokenError):
            entries_of([*FILES[:which], (path, data[:cut]), *FILES[which + 1 :]])


def test_an_entry_made_anew_in_the_middle_is_refused_and_so_is_one_taken_out():
    third = follow(SECOND, 3.0, "release ended", "prod/churn", {})
    forged = follow(FIRST, 2.5, "release begun", "prod/churn", {"by": "eve"})
    all_files = [*FILES, (entry_path(third), entry_text(third).encode())]
    with pytest.raises(BrokenError, match="entry 2"):
        entries_of([all_files[0], (entry_path(forged), entry_text(forged).encode()), all_files[2]])
    with pytest.raises(BrokenError, match="entry 1 is missing"):
        entries_of([all_files[0], all_files[2]])
    alone = follow(None, 1.0, "release begun", "x", {})
    with pytest.raises(BrokenError, match="every ledger begins"):
        entries_of([(entry_path(alone), entry_text(alone).encode())])


@pytest.mark.parametrize(
    "path", ["ledger/readme.md", "ledger/1-x.json", "ledger/000001-X.json", "ledger/a/000001-x.json"]
)
def test_no_other_file_is_in_the_ledger(path):
    with pytest.raises(BrokenError, match="a file beside it"):
        entries_of([(path, b"{}")])


@pytest.mark.parametrize("text", ["[]", "3", '{"number": 0}', "[" * 5000, '{"number": 0, "x": 1}', "\xff"])
def test_what_is_no_entry_is_named_with_its_number(text):
    with pytest.raises(BrokenError, match="entry 0"):
        entries_of([("ledger/000000-ledger.json", text.encode("latin-1"))])


def test_a_document_is_read_back():
    one = Evidence("application/json", b"\x00\xff{}")
    ((path, text),) = evidence_files(DIGEST, [one, one]).items()
    assert path.startswith(f"evidence/{'a' * 64}/")
    assert document_of(path, text.encode()) == one


def test_a_document_that_is_none_is_named():
    for data in (b"{", b"{}", json.dumps({"media_type": "a", "data": "!"}).encode()):
        with pytest.raises(UserError, match="evidence cannot be read") as refused:
            document_of("evidence/a/b.json", data)
        assert refused.value.problems[0].code == "P489"
    with pytest.raises(UserError, match="no digest"):
        evidence_folder("../..")
    with pytest.raises(UserError, match="more than"):
        evidence_files(DIGEST, [Evidence("a", b"x" * (LARGEST + 1))])


@pytest.mark.parametrize("path", ["x", "/a/b", "a/../b", "ledger/x", "a/.git/b", "a//b", "a/b\n", "./a/b", "a/.GIT/b"])
def test_no_file_goes_where_it_should_not(path):
    with pytest.raises(ValueError, match="no path"):
        must_be_ours({path: ""})
    must_be_ours({"environments/prod/churn.json": ""})


@pytest.mark.parametrize(
    "body", [{}, {"a": [], "b": {}, "c": [{}, [1, None]]}, {"é\u2028\\": '"\n\x7f', "f": -1e-07, "g": 1e22}]
)
def test_a_file_is_as_json_writes_it_for_people(body):
    entry = follow(None, 1.5, "k", "a", body)
    facts = {key: getattr(entry, key) for key in ("number", "time", "kind", "about", "body", "before", "digest")}
    assert entry_text(entry) == json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
