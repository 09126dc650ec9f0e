"""Records in files: whole lines only, whatever was torn, cut, rotated, or written by others."""

from __future__ import annotations

import errno
import json
import os
import stat

import pytest

from trimtab.core.errors import OutsideError
from trimtab.server.guard.audit.filejournal import LONGEST, FileJournal


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "deep/audit"


@pytest.fixture
def journal(folder, said):
    return FileJournal(folder, said)


def test_records_come_back_in_order_and_are_one_line_each(journal, folder):
    records = [
        {"time": "2026-01-02T03:04:05.678+00:00", "who": "ä\n\x00\x7f\x1b[31m\u2028\udcff", "n": n} for n in range(3)
    ]
    for record in records:
        journal.append("audit", record)
    assert list(journal.scan("audit")) == records
    raw = (folder / "audit.jsonl").read_bytes()
    assert raw.count(b"\n") == 3
    assert all(32 <= byte < 127 for byte in raw.replace(b"\n", b""))


def test_only_its_owner_may_read_it(journal, folder):
    journal.append("audit", {"a": 1})
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "audit.jsonl").stat().st_mode) == 0o600


def test_streams_are_apart_and_an_unknown_one_is_empty(journal, folder):
    journal.append("audit", {"a": 1})
    journal.append("other", {"b": 1})
    assert [list(journal.scan(stream)) for stream in ("audit", "other", "third")] == [[{"a": 1}], [{"b": 1}], []]
    assert sorted(one.name for one in folder.iterdir()) == ["audit.jsonl", "other.jsonl"]


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A", "audit-2026", ".audit", "a" * 42, "a\n"])
def test_a_stream_has_a_plain_name(journal, folder, name):
    for call in (lambda: journal.append(name, {}), lambda: list(journal.scan(name)), lambda: journal.sync(name)):
        with pytest.raises(ValueError, match="is no name of a stream"):
            call()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("torn", [b'{"a": 2', b'{"a": 2, "b": "', b"\x00" * 100, b"{}x"])
def test_a_torn_line_is_closed_and_passed_over(journal, folder, said, torn):
    journal.append("audit", {"a": 1})
    with (folder / "audit.jsonl").open("ab") as file:
        file.write(torn)
    journal.append("audit", {"a": 3})
    journal.append("audit", {"a": 4})
    assert list(journal.scan("audit")) == [{"a": 1}, {"a": 3}, {"a": 4}]
    assert said == [("journal damaged", {"level": "error", "stream": "audit", "lines": 1})]


def test_a_record_that_lacks_only_its_line_end_is_whole(journal, folder, said):
    (folder / "audit.jsonl").write_bytes(b'{"a": 1}')
    assert list(journal.scan("audit")) == [{"a": 1}]
    journal.append("audit", {"a": 2})
    assert list(journal.scan("audit")) == [{"a": 1}, {"a": 2}]
    assert said == []


@pytest.mark.parametrize("bad", [b"\xff\xfe", b"[1]", b"1", b"", b"x" * 3 * LONGEST, b"[" * LONGEST, b"x" * LONGEST])
def test_a_damaged_line_hurts_no_other(journal, folder, said, bad):
    (folder / "audit.jsonl").write_bytes(b'{"a": 1}\n' + bad + b'\n{"a": 2}\n')
    assert list(journal.scan("audit")) == [{"a": 1}, {"a": 2}]
    assert said[0][1]["lines"] == 1


def record_of(size):
    """One whose line has just so many bytes."""
    return {"text": "x" * (size - len('{"text":""}\n'))}


def test_a_record_may_be_as_long_as_a_line_and_a_longer_one_is_cut_and_says_so(journal):
    whole, longer = record_of(LONGEST), record_of(LONGEST + 1)
    for record in (whole, longer, {"texts": ["\u1234" * 3000, "\u1234" * 3000, {"deep": "y" * 5000}], "n": 1}):
        journal.append("audit", record)
    first, second, third = journal.scan("audit")
    assert first == whole
    assert second == {"text": "x" * 1024, "cut": True}
    assert third == {"texts": ["\u1234" * 256, "\u1234" * 256, {"deep": "y" * 256}], "n": 1, "cut": True}


def test_a_record_of_too_many_fields_keeps_the_first_plain_ones(journal, folder):
    journal.append(
        "audit", {"who": "me", "list": list(range(9000)), **{f"{n}{'k' * 300}": "v" * 300 for n in range(900)}}
    )
    (record,) = journal.scan("audit")
    assert (record["who"], record["cut"], len(record)) == ("me", True, 33)
    assert (folder / "audit.jsonl").stat().st_size <= LONGEST


def test_a_full_file_is_put_aside_under_the_time_of_its_first_record(folder, said):
    journal = FileJournal(folder, said, rotated_at=400)
    times = [f"2026-01-02T03:{n:02}:00+01:00" for n in range(12)]
    for time in times:
        journal.append("audit", {"time": time, "text": "x" * 100})
    names = sorted(one.name for one in folder.iterdir())
    assert names == [*(f"audit-20260102T02{n:02}00.000000Z.jsonl" for n in (0, 2, 4, 6, 8)), "audit.jsonl"]
    assert all(one.stat().st_size <= 400 for one in folder.iterdir())
    assert [record["time"] for record in journal.scan("audit")] == times


@pytest.mark.parametrize("minutes", [[4] * 15, range(15, 0, -1), [4, 4, 5, 1, 1, 9, 4, 9, 9, 3, 2, 1, 8, 9, 9]])
def test_files_of_one_time_and_of_a_clock_that_is_set_back_are_kept_apart_and_in_order(folder, said, minutes):
    journal = FileJournal(folder, said, rotated_at=60)
    for n, minute in enumerate(minutes):
        journal.append("audit", {"time": f"2026-01-02T03:{minute:02}:05Z", "n": n, "text": "x" * 20})
    assert len(list(folder.iterdir())) == 15
    assert [record["n"] for record in journal.scan("audit")] == list(range(15))


def test_a_full_file_without_a_time_has_that_of_its_last_change(folder, said):
    journal = FileJournal(folder, said, rotated_at=20)
    (folder / "audit.jsonl").write_bytes(b"torn" * 10)
    os.utime(folder / "audit.jsonl", (1_700_000_000, 1_700_000_000))
    journal.append("audit", {"a": 1})
    assert (folder / "audit-20231114T221320.000000Z.jsonl").exists()
    assert list(journal.scan("audit")) == [{"a": 1}]


def test_other_files_in_the_folder_are_none_of_its(journal, folder):
    for name in ("audit-.jsonl", "audit-20260102T030405Z.jsonl.gz", "auditx-20260102T030405Z.jsonl"):
        (folder / name).write_text('{"a": 9}\n')
    journal.append("audit", {"a": 1})
    assert list(journal.scan("audit")) == [{"a": 1}]


def test_a_link_in_its_place_is_not_followed(journal, folder, tmp_path):
    (folder / "audit.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        journal.append("audit", {"a": 1})
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_comes_back_is_used_again(journal, folder):
    journal.append("audit", {"a": 1})
    folder.rename(folder.with_name("moved"))
    with pytest.raises(FileNotFoundError):
        journal.append("audit", {"a": 2})
    folder.mkdir()
    journal.append("audit", {"a": 3})
    journal.sync("audit")
    assert [json.loads(line) for line in (folder / "audit.jsonl").read_text().splitlines()] == [{"a": 3}]


@pytest.mark.usefixtures("modes_count")
def test_a_folder_that_cannot_be_written_to_is_an_error_at_the_start(tmp_path, said):
    (tmp_path / "file").write_text("")
    (tmp_path / "closed").mkdir(mode=0o500)
    for name in ("file", "file/x", "closed", "closed/x"):
        with pytest.raises(OutsideError) as raised:
            FileJournal(tmp_path / name, said)
        assert raised.value.problems[0].code == "P347"


def test_what_is_no_json_is_a_fault_of_whoever_writes_it(journal):
    with pytest.raises(ValueError, match="not JSON compliant"):
        journal.append("audit", {"a": float("nan")})
    with pytest.raises(TypeError):
        journal.append("audit", {"a": object()})
