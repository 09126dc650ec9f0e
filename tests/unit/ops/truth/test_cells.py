"""What a cell is: never more than its text says."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from trimtab.ops.truth import cells
from trimtab.ops.truth.cells import Seen, typed


@pytest.mark.parametrize(
    ("texts", "kind", "values"),
    [
        (["1", "0", "-7"], "number", [1, 0, -7]),
        (["1", " 2.5 ", "1e3", "3."], "number", [1, 2.5, 1000.0, 3.0]),
        (["True", "false", " TRUE "], "boolean", [True, False, True]),
        (["1", "true"], "text", ["1", "true"]),
        (["007", "12"], "text", ["007", "12"]),
        (["12", "A12"], "text", ["12", "A12"]),
        (["1", "nan"], "text", ["1", "nan"]),
        (["1", "inf"], "text", ["1", "inf"]),
        (["1", "1e999"], "text", ["1", "1e999"]),
        (["1", ""], "text", ["1", ""]),
        (["9223372036854775807"], "number", [2**63 - 1]),
        (["9223372036854775808"], "text", ["9223372036854775808"]),  # a float would lose its last digits
        (["1", "99999999999999999999"], "text", ["1", "99999999999999999999"]),
        (["1,5"], "text", ["1,5"]),
        (["\u0661"], "text", ["\u0661"]),
        (["late", "on time"], "text", ["late", "on time"]),
    ],
)
def test_all_cells_of_a_column_decide_what_it_is(texts, kind, values):
    seen = Seen()
    seen(None)
    for text in texts:
        seen(text)
    assert seen.kind == kind
    made = [typed(kind)(text) for text in texts]
    assert [(value, type(value)) for value in made] == [(value, type(value)) for value in values]


def test_a_cell_that_is_not_of_its_column_is_none():
    assert typed("number")("late") is None
    assert typed("boolean")("1") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (float("nan"), None),
        (Decimal("1.5"), 1.5),
        (Decimal("NaN"), None),
        (date(2023, 11, 14), "2023-11-14"),
        (datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), "2023-11-14T22:13:20+00:00"),
        (True, True),
        (7, 7),
        ("x", "x"),
        ([1], [1]),
    ],
)
def test_a_value_is_as_json_has_it(value, expected):
    assert cells.plain(value) == expected


def test_ids_rows_and_times_are_read_of_texts_and_numbers():
    assert [cells.identity(value) for value in ("007", 7, 7.0, 7.5, True)] == ["007", "7", "7", 7.5, True]
    assert [cells.place(value) for value in (3, 3.0, "3", " 3.0 ", "3.5", "-1", 3.5)] == [3, 3, 3, 3, "3.5", "-1", 3.5]
    times = ["1700000000.5", " 2023-11-14 ", 5, "never", ""]
    assert [cells.moment(value) for value in times] == [1_700_000_000.5, "2023-11-14", 5, "never", ""]
