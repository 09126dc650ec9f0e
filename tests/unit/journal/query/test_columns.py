"""Columns by the names that people type."""

from __future__ import annotations

import pytest

from trimtab.journal.query.columns import find, unknown

KNOWN = ("id", "time", "in_age", "in_Plan", "out_p", "in_both", "out_both")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("id", "id"),
        ("TIME", "time"),
        ("in_age", "in_age"),
        ("age", "in_age"),
        ("plan", "in_Plan"),
        ("p", "out_p"),
        ("both", None),
        ("out_both", "out_both"),
        ("nothing", None),
        ("", None),
    ],
)
def test_a_name_means_one_column_or_none(typed, meant):
    assert find(typed, KNOWN) == meant


def test_all_names_that_are_not_there_are_told_with_the_nearest_that_is():
    problems = unknown(["id", "In_Age", "age", "both", "in_agee", "xyzzy"], KNOWN, "--where")
    assert [(one.code, one.what, one.where) for one in problems] == [
        ("P933", f"there is no column `{name}`", "--where") for name in ("age", "both", "in_agee", "xyzzy")
    ]
    assert [one.hint for one in problems[:3]] == [
        "did you mean `in_age`?", "did you mean `in_both` or `out_both`?", "did you mean `in_age`?",
    ]  # fmt: skip
    assert problems[3].hint.startswith("valid: ")
