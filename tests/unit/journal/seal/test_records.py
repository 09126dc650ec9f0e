"""Truth, feedback, gaps and other records as rows of their tables."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.doubles.logged import NOON

from trimtab.core.interactions import Feedback, Truth
from trimtab.journal.seal.records import damage_row, gap_row, record_row, table_of, time_of
from trimtab.journal.segments.scan import Damage
from trimtab.journal.truth.records import record_of

AT = datetime.fromtimestamp(NOON, UTC)


def test_truth_by_when_it_was_received():
    said = [
        Truth("b", 0.5, NOON, NOON + 1, 3, "paid", "alice", operator=True),
        Truth("a", "yes", NOON - 9, NOON),
        Truth("c", True, NOON, NOON + 2),
    ]
    rows = [record_row("truth", record_of(one), 0.0) for one in said]
    assert {table for table, _ in rows} == {"truth"}
    assert time_of("truth", rows[0][1]) == (NOON + 1) * 10**6
    table = table_of("truth", [row for _, row in rows]).to_pylist()
    assert [row["value"] for row in table] == ['"yes"', "0.5", "true"]
    assert [row["number"] for row in table] == [None, 0.5, 1.0]
    told = {"id": "b", "row": 3, "name": "paid", "principal": "alice", "operator": True, "time": AT}
    assert table[1].items() >= told.items()


def test_feedback():
    said = Feedback("a", NOON, NOON + 1, score=0.25, label="good", comment="ä", correction=7)
    table, row = record_row("feedback", record_of(said), 0.0)
    told = table_of(table, [row]).to_pylist()[0]
    assert (told["score"], told["label"], told["comment"], told["correction"]) == (0.25, '"good"', "ä", "7")


def test_records_of_other_streams_are_kept_as_they_are():
    table, row = record_row("audit", {"time": NOON, "who": "alice"}, 5.0)
    assert table == "records/stream=audit"
    assert table_of(table, [row]).to_pylist() == [{"time": AT, "record": f'{{"time": {NOON}, "who": "alice"}}'}]
    assert time_of(table, record_row("a", {"time": True}, 5.0)[1]) == 5 * 10**6


def test_a_stream_is_a_name_of_one_folder():
    assert record_row("../../etc=", {}, 0.0)[0] == "records/stream=..%2F..%2Fetc%3D"


@pytest.mark.parametrize("record", [{}, {"id": "a"}, {"id": "a", "value": {}, "time": 1, "received": 1}])
def test_a_record_that_is_none_of_its_stream_is_refused(record):
    with pytest.raises(ValueError, match="no record of `truth`"):
        record_row("truth", record, 0.0)


def test_gaps():
    lost = gap_row("a-000001", {"count": 3, "why": "full", "seconds": 1.5}, NOON)
    odd = gap_row("a-000001", {"count": "many", "seconds": None, "time": NOON + 1}, 0.0)
    hurt = damage_row("a-000001", Damage(10, 20, "torn"), NOON + 2)
    table = table_of("gaps", [hurt, odd, lost]).to_pylist()
    assert table[0].items() >= {"time": AT, "why": "full", "count": 3, "seconds": 1.5, "at": None}.items()
    assert (table[1]["why"], table[1]["count"], table[1]["seconds"]) == ("", None, None)
    assert table[2].items() >= {"segment": "a-000001", "why": "segment torn", "at": 10, "length": 20}.items()
