"""Faults of DuckDB in the house's words."""

from __future__ import annotations

import pytest

from trimtab.core.errors import OutsideError, UserError
from trimtab.journal.query.duck import Duck, DuckSettings
from trimtab.journal.query.faults import asking


@pytest.mark.parametrize(
    ("query", "condition", "kind", "code"),
    [
        ("SELECT CAST('x' AS INTEGER)", True, UserError, "P932"),
        ("SELECT error('no')", True, UserError, "P932"),
        ("SELECT CAST('x' AS INTEGER)", False, OutsideError, "P937"),
        ("FROM read_parquet('/nowhere.parquet')", True, OutsideError, "P937"),
        ("SELECT len(list(repeat('x', i % 7 + 999))) FROM range(1_000_000) of_them(i)", True, OutsideError, "P937"),
    ],
)
def test_a_condition_is_at_fault_unless_memory_or_the_disk_is(query, condition, kind, code):
    with Duck(DuckSettings("32MiB", 1)) as duck, pytest.raises(kind) as caught, asking(duck.error, condition=condition):
        duck.rows(query)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert "\n" not in problem.what


def test_other_faults_pass_through():
    with Duck() as duck, pytest.raises(KeyError), asking(duck.error, condition=True):
        raise KeyError
