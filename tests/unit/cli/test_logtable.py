"""Logged rows for people and for programs; a terminal survives whatever somebody sent."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from trimtab.cli.logtable import LogTable, json_line, people_want, rows_of, shown

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\r\n\t\x7f\u2028"
TIME = pa.array([1_771_243_200_123_456], pa.timestamp("us", "UTC"))


def table(**columns):
    return pa.table(columns)


def test_numbers_stand_to_the_right_and_null_is_a_dash():
    text = LogTable(["in_x", "in_plan"]).text(table(in_x=[1.0, 2.5, None], in_plan=["a", None, "bc"]))
    assert text.splitlines() == ["in_x  in_plan", "   1  a", " 2.5  -", "   -  bc"]


def test_the_names_stand_once_and_columns_keep_their_width():
    printer = LogTable(["id", "status"])
    assert printer.text(table(id=["abcdef"], status=[200])).splitlines() == ["id      status", "abcdef     200"]
    assert printer.text(table(id=["b"], status=[5])) == "b            5"
    assert printer.text(table(id=["longer than that"], status=[5])) == "longer than that       5"


def test_columns_that_do_not_fit_are_left_out_but_for_the_first():
    columns = {"id": ["abcd"], "in_x": [1], "in_y": [2]}
    for width, kept in ((None, 3), (80, 3), (16, 3), (15, 2), (10, 2), (9, 1), (1, 1)):
        printer = LogTable(list(columns), width)
        lines = printer.text(table(**columns)).splitlines()
        assert len(printer.columns) == kept
        assert all(len(line) <= max(width or 99, 4) for line in lines)


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("time", "2026-07-01T10:00:00.123456Z", "2026-07-01T10:00:00.123Z"),
        ("time", datetime(2026, 7, 1, 10, tzinfo=UTC), "2026-07-01T10:00:00.000Z"),
        ("in_since", "2026-07-01T10:00:00.123456", "2026-07-01T10:00:00.123456"),
        ("seconds", 0.0123456, "12.35"),
        ("revision", "sha256:0123456789abcdef", "01234567"),
        ("revision", "r42", "r42"),
        ("in_x", 1 / 3, "0.333333"),
        ("in_x", math.nan, "nan"),
        ("in_x", True, "true"),
        ("in_x", [1.5, None, math.inf], '[1.5, null, "Infinity"]'),
        ("in_x", b"\xff", "/w=="),
        ("in_x", b"text", "text"),
        ("in_x", "x" * 50, "x" * 37 + "..."),
        ("in_x", "a\tb\nc", "a\\tb\\nc"),
        ("in_x", None, "-"),
        ("in_x", "", ""),
    ],
)
def test_a_value_is_short_and_on_one_line(column, value, text):
    assert shown(column, value) == text


def test_nothing_that_a_terminal_obeys_is_printed():
    columns = {"id": [HOSTILE], "in_x": [[HOSTILE]], "in_b": [HOSTILE.encode()], f"in_{HOSTILE}": ["x"]}
    text = LogTable(list(columns)).text(table(**columns))
    line = json_line(next(rows_of(table(**columns))))
    assert all(one.isprintable() for one in text.replace("\n", ""))
    assert text.count("\n") == 1
    assert line.isprintable()
    assert json.loads(line) == {"id": HOSTILE, "in_x": [HOSTILE], "in_b": HOSTILE, f"in_{HOSTILE}": "x"}


def test_json_has_times_as_iso_and_numbers_that_are_none_as_the_server_has_them():
    rows = list(rows_of(table(time=TIME, in_x=[math.nan], in_y=[math.inf], in_z=[b"\xff"], in_n=pa.nulls(1))))
    assert json.loads(json_line(rows[0])) == {
        "time": "2026-02-16T12:00:00.123456Z", "in_x": None, "in_y": "Infinity", "in_z": "/w==", "in_n": None,
    }  # fmt: skip
    assert json.loads(json_line({"when": datetime(2026, 7, 1, tzinfo=UTC), "all": ({"a": -math.inf},)})) == {
        "when": "2026-07-01T00:00:00Z", "all": [{"a": "-Infinity"}],
    }  # fmt: skip


def test_people_see_the_answer_before_the_question_and_nothing_that_says_nothing():
    rows = table(
        id=["a", "b"], row=[0, 0], time=["", ""], endpoint=["churn"] * 2, revision=["r", "r"], arm=["", ""],
        sampled=[1.0, 1.0], principal=["", "me"], status=[200, 200], seconds=[0.1, 0.1], error=["", ""],
        in_x=[1, 2], in_gone=pa.nulls(2), out_y=[1, 2],
    )  # fmt: skip
    assert people_want(rows, all_of_them=False) == [
        "time", "id", "status", "seconds", "principal", "revision", "out_y", "in_x",
    ]  # fmt: skip
    assert people_want(rows, all_of_them=True) == [
        "time", "id", "endpoint", "row", "status", "error", "seconds", "principal", "revision", "arm", "out_y", "in_x",
        "in_gone",
    ]  # fmt: skip
    two = rows.set_column(rows.column_names.index("endpoint"), "endpoint", [["churn", "other"]])
    assert "endpoint" in people_want(two, all_of_them=False)
