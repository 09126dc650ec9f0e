"""The report as values, and its verdict."""

import json
from dataclasses import replace

import pytest

from trimtab.ops.replay.estimate import Share
from trimtab.ops.replay.report import verdict


@pytest.mark.parametrize(
    ("value", "high", "limit", "is_"),
    [(0.005, 0.008, 0.01, "PASS"), (0.005, 0.02, 0.01, "UNKNOWN"), (0.02, 0.03, 0.01, "FAIL"), (0, 0.5, 0.5, "PASS")],
)
def test_few_rows_are_no_proof(value, high, limit, is_):
    assert verdict(Share(value, 0, high, 9, 0, 9, 9.0, 9), limit) == is_


def test_all_of_it_is_json(report):
    said = json.loads(json.dumps(report.plain(0.01), allow_nan=False))
    assert said["verdict"] == {"at_most": 0.01, "is": "FAIL"}
    assert said["changed"]["rows"] == 997
    assert said["changed"]["stands_for"] == 2 * 997
    assert said["errors"]["kinds"][0]["count"] == 1
    assert (said["errors"]["recovered"], said["errors"]["failed_then"]) == (2, 3)
    assert said["segments"][0]["elsewhere"]["rows"] == 997
    assert [one["segment"] for one in said["examples"]] == [report.groups[0].words, None]
    assert said["timing"]["row_s"] == 1e-6


def test_without_a_limit_and_without_timing_there_is_no_word_of_them(report):
    said = replace(report, timing=None).plain(None)
    assert said["verdict"] is None
    assert "timing" not in said
