"""What is asked for, in the words of SQL."""

from __future__ import annotations

import pyarrow as pa
import pytest

from trimtab.journal.query.filter import Filter, is_status, ordered
from trimtab.journal.query.sources import Period
from trimtab.journal.query.where import parse_condition

ROWS = {
    "id": ["a", "b", "c", "d"],
    "time": pa.array([0, 1_000_000, 2_000_000, 3_500_000], pa.timestamp("us", "UTC")),
    "endpoint": ["churn", "churn", "it's", "churn"],
    "revision": ["sha256:ab12", "sha256:ab34", "r42", "sha256:cd"],
    "arm": ["", "new", "new", ""],
    "principal": ["", "me", "you", "me"],
    "request_id": ["", "mine", "b", ""],
    "status": pa.array([200, 404, 503, 200], pa.int16()),
    "error": ["", "P310", "P316", ""],
    "in_x": [1.0, 2.0, 3.0, None],
}


@pytest.fixture(scope="module")
def rows(duck):
    """A table of a few interactions."""
    duck.register("few", pa.table(ROWS))
    return duck


def ids(rows, wanted):
    where = wanted.sql()
    return [name for (name,) in rows.rows(f"SELECT id FROM few WHERE {where} ORDER BY id")]  # noqa: S608 - a test's own


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), "abcd"),
        (Filter(Period(1.0, 3.5)), "bc"),
        (Filter(Period(since=2.000001)), "d"),
        (Filter(Period(-1e9, 1e9)), "abcd"),
        (Filter(endpoint="it's"), "c"),
        (Filter(revision="ab"), "ab"),
        (Filter(revision="sha256:ab1"), "a"),
        (Filter(revision="r42"), "c"),
        (Filter(revision="%"), ""),
        (Filter(arm="new"), "bc"),
        (Filter(arm=""), "ad"),
        (Filter(principal="me"), "bd"),
        (Filter(principal=""), "a"),
        (Filter(id="b"), "bc"),
        (Filter(id="mine"), "b"),
        (Filter(status="404"), "b"),
        (Filter(status="5xx"), "c"),
        (Filter(errors=True), "bc"),
        (Filter(errors=True, endpoint="churn", principal="me"), "b"),
        (Filter(endpoint="x' OR '1'='1"), ""),
    ],
)
def test_each_part_narrows_it_down(rows, wanted, found):
    assert "".join(ids(rows, wanted)) == found


def test_a_condition_is_one_part_of_it(rows):
    condition = parse_condition(rows, "in_x > 1 OR in_x IS NULL -- all but one")
    assert ids(rows, Filter(principal="me", where=condition)) == ["b", "d"]


def test_a_status_is_three_digits_or_a_class():
    assert [text for text in ("200", "5xx", "404", "6xx", "20", "2000", "x00", "5x", "", "4XX") if is_status(text)] == [
        "200", "5xx", "404",
    ]  # fmt: skip


def test_the_order_is_the_same_in_both_directions(rows):
    rows.register("rowed", pa.table({"time": [1, 1, 0, 1], "id": ["a", "a", "b", "b"], "row": [1, 0, None, None]}))
    query = "SELECT id, row FROM rowed ORDER BY "
    up, down = (rows.rows(query + ordered(way)) for way in ("ASC", "DESC"))
    assert up == [("b", None), ("a", 0), ("a", 1), ("b", None)]
    assert down == up[::-1]
