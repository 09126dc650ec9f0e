"""An answer in whatever form it is liked; each form asks anew."""

from __future__ import annotations

import pandas as pd
import pytest


@pytest.fixture
def answer(sealed, opened):
    sealed(1, 2, 3)
    return opened().sql("SELECT in_x, in_plan FROM Interactions ORDER BY in_x")


def test_every_form_has_the_same_rows(answer):
    rows = [(1.0, "plan 1"), (2.0, "plan 2"), (3.0, "plan 3")]
    assert answer.fetchall() == rows
    assert [tuple(row.values()) for row in answer.arrow().to_pylist()] == rows
    assert sum(batch.num_rows for batch in answer.batches()) == 3
    assert answer.relation().filter("in_x > 1").fetchall() == rows[1:]
    pd.testing.assert_frame_equal(answer.df(), pd.DataFrame(rows, columns=["in_x", "in_plan"]))
    assert "plan 2" in repr(answer)


def test_only_tables_that_are_named_are_made(sealed, opened):
    sealed(1)
    journal = opened()
    made = "SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
    journal.sql("FROM truth").fetchall()
    assert journal.asked((), lambda duck: duck.rows(made)) == [("truth",)]
    journal.sql("SELECT 1").fetchall()
    names = ["feedback", "gaps", "interactions", "joined", "truth"]
    assert journal.asked((), lambda duck: duck.rows(made)) == [(name,) for name in names]
