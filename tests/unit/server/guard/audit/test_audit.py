"""The audit: everything is written or counted, a flood is folded, and a full disk fails no request."""

from __future__ import annotations

import os

import pytest

from trimtab.core.records import Journal
from trimtab.server.guard.audit.audit import EVERYBODY, STREAM, Audit, Durable, LogJournal
from trimtab.server.guard.audit.filejournal import FileJournal


class MemoryJournal:
    """A `Journal` that can be told to fail."""

    def __init__(self):
        self.records, self.fails, self.synced = [], False, 0

    def append(self, stream, record):
        if self.fails:
            raise OSError(28, os.strerror(28))
        assert stream == STREAM
        self.records.append(dict(record))

    def scan(self, stream):
        assert stream == STREAM
        return iter(self.records)

    def sync(self, stream):
        assert stream == STREAM
        self.synced += 1


@pytest.fixture
def journal():
    return MemoryJournal()


@pytest.fixture
def audit(journal, times, said):
    return Audit(journal, times.clock, times.monotonic, said)


def test_what_is_done_to_the_server_is_written_and_made_sure_of_at_once(audit, journal):
    audit.control("key:ops", "unload", "churn", "10.0.0.1", "done", version=3, forced=True, kind="x", who_else=None)
    assert journal.records == [
        {
            "version": 3, "forced": True, "who_else": None, "who": "key:ops", "what": "unload", "endpoint": "churn",
            "client": "10.0.0.1", "outcome": "done", "time": "2027-01-15T08:00:00.000+00:00", "kind": "control",
        }
    ]  # fmt: skip
    assert journal.synced == 1


def test_texts_are_cut_and_nothing_but_plain_values_goes_in(audit, journal):
    audit.control("w" * 1000, "x", "y", "z", "ok", odd=float("nan"), large=float("inf"), half=0.5, thing=["a" * 999])
    (record,) = journal.records
    assert record["who"] == "w" * 256
    assert [record["odd"], record["large"], record["half"], len(record["thing"])] == ["nan", "inf", 0.5, 256]


def test_the_first_ten_of_a_minute_are_written_one_by_one_and_the_rest_with_a_count(audit, journal, times):
    for _ in range(1000):
        audit.refused("unknown", "POST /x", "1.2.3.4", "no credentials")
    audit.refused("unknown", "POST /x", "1.2.3.4", "expired")
    audit.refused("unknown", "POST /x", "1.2.3.5", "no credentials")
    assert len(journal.records) == 12
    assert {(record["kind"], record["what"]) for record in journal.records} == {("refused", "POST /x")}
    times.passes(59)
    audit.turn()
    assert len(journal.records) == 12
    times.passes(1)
    audit.turn()
    assert journal.records[12:] == [
        {
            "client": "1.2.3.4", "reason": "no credentials", "count": 990, "since": "2027-01-15T08:00:00.000+00:00",
            "time": "2027-01-15T08:01:00.000+00:00", "kind": "refused",
        }
    ]  # fmt: skip
    audit.refused("unknown", "POST /x", "1.2.3.4", "no credentials")
    assert len(journal.records) == 14
    assert journal.synced == 0


def test_the_next_call_after_a_minute_writes_what_was_folded_too(audit, journal, times):
    for _ in range(11):
        audit.refused("unknown", "x", "1.2.3.4", "expired")
    times.passes(61)
    audit.refused("unknown", "x", "1.2.3.4", "expired")
    assert [record.get("count", 1) for record in journal.records] == [1] * 11 + [1]
    assert journal.records[10]["count"] == 1


def test_the_end_of_the_process_leaves_nothing_uncounted(audit, journal):
    for _ in range(25):
        audit.refused("unknown", "x", "1.2.3.4", "expired")
    audit.flush()
    audit.flush()
    assert sum(record.get("count", 1) for record in journal.records) == 25
    assert len(journal.records) == 11


def test_a_flood_from_many_addresses_is_bounded_and_every_call_is_counted(audit, journal):
    for n in range(20_000):
        audit.refused("unknown", "x", f"2001:db8:{n:x}::/64", "expired")
    audit.flush()
    assert len(journal.records) == 601
    assert sum(record.get("count", 1) for record in journal.records) == 20_000
    assert journal.records[-1]["client"] == EVERYBODY


def test_a_long_address_or_reason_takes_no_more_memory_than_a_short_one(audit, journal):
    for n in range(20):
        audit.refused("unknown", "x", "a" * 300 + str(n), "b" * 300)
    audit.flush()
    assert [record.get("count", 1) for record in journal.records] == [1] * 10 + [10]


def test_a_journal_that_fails_fails_no_request_and_is_named_once_a_minute(audit, journal, times, said):
    journal.fails = True
    for _ in range(15):
        audit.refused("unknown", "x", "1.2.3.4", "expired")
    audit.control("key:ops", "load", "churn", "local", "done")
    assert (audit.lost, said.events) == (11, ["audit not written"])
    times.passes(60)
    audit.turn()
    assert audit.lost == 16
    assert [fields["lost"] for _, fields in said] == [1, 16]
    assert said[0][1]["why"] == f"OSError: {os.strerror(28)}"
    journal.fails = False
    audit.refused("unknown", "x", "1.2.3.4", "expired")
    assert len(journal.records) == 1


def test_the_log_takes_records_where_no_folder_can(times, said):
    log = LogJournal(said)
    audit = Audit(log, times.clock, times.monotonic, said)
    audit.refused("unknown", "x", "1.2.3.4", "expired")
    audit.control("key:ops", "load", "churn", "local", "done")
    assert said.events == ["audit", "audit"]
    assert said[1][1]["record"]["outcome"] == "done"
    assert list(log.scan("audit")) == []


def test_what_the_file_can_do_is_what_the_audit_asks_for(tmp_path, said, times):
    journal: Journal = FileJournal(tmp_path, said)
    assert isinstance(journal, Durable)
    assert not isinstance(LogJournal(said), Durable)
    audit = Audit(journal, times.clock, times.monotonic, said)
    audit.control("key:ops", "load", "churn", "local", 'done\n{"who": "forged"}')
    assert [record["outcome"] for record in journal.scan(STREAM)] == ['done\n{"who": "forged"}']
