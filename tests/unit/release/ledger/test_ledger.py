from __future__ import annotations

import errno
import json
import os
from itertools import count

import pytest

from trimtab.core.errors import OutsideError, UserError
from trimtab.release.ledger.ledger import FILE, RECOVERED, Ledger, verify
from trimtab.release.ledger.lines import FORMAT, OPENING, follow, line_of


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "ledger"


def ledger(folder, **how):
    times = count(100)
    return Ledger(folder, lambda: float(next(times)), **how)


def test_what_was_appended_is_there_for_everybody(folder):
    one, other = ledger(folder), ledger(folder)
    first = one.append("released", "churn", {"digest": "sha256:1"})
    second = other.append("released", "other", {"digest": "sha256:2"})
    assert second.before == first.digest
    assert [entry.kind for entry in one.entries()] == [OPENING, "released", "released"]
    assert one.entries("other") == [second]
    assert verify(folder) == one.entries()


def test_there_is_nothing_before_the_first(folder):
    assert ledger(folder).entries() == []
    assert not folder.exists()


def test_only_its_owner_reads_it(folder):
    ledger(folder).append("released", "churn", {})
    assert (folder / FILE).stat().st_mode & 0o777 == 0o600


def test_a_torn_end_is_taken_away_and_that_is_said(folder):
    ledger(folder).append("released", "churn", {})
    with (folder / FILE).open("ab") as file:
        file.write(b'{"about":"chu')
    after = ledger(folder)
    assert [entry.kind for entry in after.entries()] == [OPENING, "released"]
    assert after.torn == 13
    after.append("released", "churn", {})
    assert [entry.kind for entry in verify(folder)] == [OPENING, "released", RECOVERED, "released"]
    assert verify(folder)[2].body == {"bytes": 13}


def test_what_cannot_be_written_is_not_there(folder):
    ledger(folder).append("released", "churn", {})
    size = (folder / FILE).stat().st_size

    def full(file, data):
        os.write(file, data[:5])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OutsideError, match="no space left") as caught:
        ledger(folder, write=full).append("released", "churn", {})
    assert caught.value.problems[0].code == "P422"
    assert (folder / FILE).stat().st_size == size


def test_what_may_not_survive_a_power_cut_is_not_there(folder):
    def broken(_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with pytest.raises(OutsideError):
        ledger(folder, sync=broken).append("released", "churn", {})
    assert verify(folder) == []


def test_a_write_that_does_less_goes_on(folder):
    ledger(folder, write=lambda file, data: os.write(file, data[:7])).append("released", "churn", {"a": "b" * 50})
    assert verify(folder)[1].body == {"a": "b" * 50}


def test_what_was_changed_is_not_appended_to(folder):
    ledger(folder).append("released", "churn", {"digest": "sha256:1"})
    text = (folder / FILE).read_text()
    (folder / FILE).write_text(text.replace("sha256:1", "sha256:2"))
    for call in (lambda: ledger(folder).append("released", "churn", {}), lambda: verify(folder)):
        with pytest.raises(UserError, match="entry 1 is not what was written") as caught:
            call()
        assert caught.value.problems[0].code == "P421"


def test_a_file_that_has_become_shorter_is_noticed(folder):
    one = ledger(folder)
    one.append("released", "churn", {})
    os.truncate(folder / FILE, 20)
    with pytest.raises(UserError, match="shorter than it was"):
        one.append("released", "churn", {})


def test_a_later_format_is_not_touched(folder):
    folder.mkdir()
    later = line_of(follow(None, 1.0, OPENING, "", {"format": FORMAT + 1}))
    (folder / FILE).write_bytes(later)
    with pytest.raises(UserError, match="format 2") as caught:
        ledger(folder).append("released", "churn", {})
    assert caught.value.problems[0].code == "P423"
    assert (folder / FILE).read_bytes() == later


def test_a_folder_that_is_none_is_outside(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideError) as caught:
        ledger(tmp_path / "file").append("released", "churn", {})
    assert caught.value.problems[0].code == "P422"


def test_lines_are_json_that_others_read(folder):
    ledger(folder).append("released", "churn", {"digest": "sha256:1"})
    lines = [json.loads(line) for line in (folder / FILE).read_text().splitlines()]
    assert [(line["number"], line["kind"], line["about"]) for line in lines] == [
        (0, "ledger", ""), (1, "released", "churn"),
    ]  # fmt: skip
