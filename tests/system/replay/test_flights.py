"""A planted fault for one carrier, on 100,000 recorded flights: replay names the segment, and twice the same."""

from __future__ import annotations

import json
import resource

import pytest

from trimtab.journal.folder import open_folder
from trimtab.journal.seal.seal import seal

MOST_S = 25.0  # of the processor, with the start of two processes


def test_the_segment_with_the_fault_is_named_well_within_a_minute(flights):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    status, out, err = flights.replay("--json", "--page", "one.html")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert status == 0, err
    said = json.loads(out)
    assert said["changed"]["rows"] == 100_000
    (segment,) = said["segments"]
    assert segment["segment"] == "carrier = `B6`"
    assert segment["share"] > 0.9
    assert (segment["rows"], segment["elsewhere"]["count"]) == (15_821, 0)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < MOST_S


def test_two_replays_are_byte_equal_also_when_the_journal_was_sealed_in_between(flights):
    first = flights.replay(), flights.replay("--json", "--page", "one.html")
    assert seal(open_folder(flights.folder / "journal", create=False)).segments == 1
    second = flights.replay(), flights.replay("--json", "--page", "two.html")
    assert [out for _, out, _ in first] == [out for _, out, _ in second]
    assert "carrier = `B6`" in first[0][1]
    assert (flights.folder / "one.html").read_bytes() == (flights.folder / "two.html").read_bytes()


def test_with_a_threshold_decisions_change_on_both_sides_of_it(flights):
    status, out, err = flights.replay("--threshold", "probability=0.3", "--at-most", "1%", "--json")
    assert status == 1
    (problem,) = json.loads(err.splitlines()[-1])["errors"]
    assert problem["code"] == "P976"
    assert problem["what"].startswith("more than 1 % change: ")
    said = json.loads(out)
    assert said["verdict"] == {"at_most": 0.01, "is": "FAIL"}
    assert {(move["before"], move["after"]) for move in said["moves"]} == {(">= 0.3", "< 0.3"), ("< 0.3", ">= 0.3")}
    assert all("carrier = `B6`" in segment["segment"] for segment in said["segments"])
    assert sum(segment["count"] for segment in said["segments"]) == said["changed"]["count"]


def test_a_sample_says_the_same_with_a_wider_interval(flights):
    whole = json.loads(flights.replay("--json")[1])["changed"]
    some = json.loads(flights.replay("--json", "--sample", "2000")[1])
    assert some["interactions"]["replayed"] == 2000
    assert some["changed"]["low"] <= whole["share"] <= some["changed"]["high"]
    assert some["changed"]["high"] - some["changed"]["low"] > 3 * (whole["high"] - whole["low"])
    assert some["changed"]["stands_for"] == pytest.approx(whole["stands_for"], rel=0.1)


def test_the_right_candidate_changes_nothing_and_keeps_any_promise(flights):
    words = ("--at-most", "0.1%", "--against", f"flights@{flights.candidate.digest}")
    status, out, err = flights.replay(*words)
    assert (status, "changed    0 %" in out) == (0, True), err
    assert "segment" not in out


def test_latency_is_told_where_it_is_asked_for(flights):
    said = json.loads(flights.replay("--json", "--timing", "--sample", "500")[1])["timing"]
    # three microseconds, and three hundred: what the first call reads from files is in neither
    assert 0 < said["row_s"] < said["one_row_s"]["p50"] <= said["one_row_s"]["p99"]
    assert 1 <= said["calls"] < 500 < said["rows"]
    assert said["recorded_one_row_s"] == {"p50": 0.0009, "p99": 0.0009}
