"""Interactions as a list: the newest few, all in order, or as they arrive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.doubles.logged import DAY, schema_of

from trimtab.core.errors import OutsideError, UserError
from trimtab.core.signature import Field
from trimtab.journal.query.filter import Filter
from trimtab.journal.query.listing import Listing, everything, followed, newest
from trimtab.journal.seal.seal import seal


def x_of(tables) -> list[float]:
    return [value for table in tables for value in table["in_x"].to_pylist()]


def test_the_newest_rows_come_last_and_whether_there_are_more_is_told(sealed, logging, opened):
    sealed(*range(5))
    logging().ask(5, rows=2)
    table, more = newest(opened(), Listing(), 3)
    assert (table["in_x"].to_pylist(), table["row"].to_pylist(), more) == ([4.0, 5.0, 6.0], [0, 0, 1], True)
    table, more = newest(opened(), Listing(), 7)
    assert (x_of([table]), more) == ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], False)


def test_older_days_are_read_when_the_newest_have_too_few(sealed, logging, opened):
    sealed(*range(0, 12 * DAY, DAY))
    logging().ask(3, id="old")  # not sealed, and older than most that is
    everywhere = opened()
    for limit, oldest in ((1, 11), (2, 10), (8, 4), (9, 3), (12, 0)):
        table, _ = newest(everywhere, Listing(), limit)
        assert x_of([table])[0] == (3.0 if limit == 12 else oldest * DAY)
    table, more = newest(everywhere, Listing(Filter(where=everywhere.condition(f"in_x = {2 * DAY}"))), 5)
    assert (x_of([table]), more) == ([2.0 * DAY], False)


def test_a_column_of_an_old_revision_is_found(sealed, opened):
    sealed(0, schema=schema_of([Field("plan", "BYTES"), Field("x", "FP64")], [Field("old", "FP64")]))
    sealed(*range(10 * DAY, 20 * DAY, DAY))
    journal = opened()
    condition = journal.condition("in_plan = 'plan 0' AND out_old IS NULL")
    table, _ = newest(journal, Listing(Filter(where=condition), ("old", "x")), 5)
    assert table.to_pydict() == {"out_old": [None], "in_x": [0.0]}


def test_all_columns_that_are_not_there_are_told_at_once(sealed, opened):
    sealed(0)
    journal = opened()
    listing = Listing(Filter(where=journal.condition("nothing > 1 AND in_x > 1")), ("x", "gone", "id"))
    for ask in (lambda: newest(journal, listing, 5), lambda: list(everything(journal, listing))):
        with pytest.raises(UserError) as caught:
            ask()
        assert [(one.code, one.where) for one in caught.value.problems] == [("P933", "--where"), ("P933", "--columns")]


def test_everything_comes_in_order_a_part_at_a_time(sealed, opened):
    sealed(*range(20, 0, -1))
    tables = list(everything(opened(), Listing(Filter(errors=False), ("x",))))
    assert x_of(tables) == [float(number) for number in range(1, 21)]


def test_a_condition_that_fails_on_a_row_is_the_users_fault(sealed, opened):
    sealed(0)
    journal = opened()
    listing = Listing(Filter(where=journal.condition("CAST(in_plan AS INTEGER) > 1")))
    for ask in (lambda: newest(journal, listing, 5), lambda: list(everything(journal, listing))):
        with pytest.raises(UserError, match="P932"):
            ask()


def test_a_damaged_page_is_a_fault_outside(folder, sealed, opened):
    sealed(*range(100))
    path = next((folder.interactions / "endpoint=churn" / "day=2026-02-16").iterdir())
    data = bytearray(path.read_bytes())
    data[4:2000] = bytes(1996)
    path.write_bytes(data)
    with pytest.raises(OutsideError, match="P937"):
        newest(opened(), Listing(), 5)


def test_what_arrives_is_listed_once_with_the_same_conditions(folder, logging, opened):
    log = logging()
    log.ask(1)
    journal = opened()
    listing = Listing(Filter(where=journal.condition("in_x % 2 = 1")), ("x", "plan"))
    assert x_of([newest(journal, listing, 5)[0]]) == [1.0]

    def steps() -> Iterator[bool]:
        yield True
        for number in (5, 4, 3):
            log.ask(number)
        yield True
        log.ask(6)
        log.writer.rotate()
        logging(schema_of([Field("plan", "BYTES")], revision="sha256:two")).ask(7)
        log.ask(9)
        seal(folder)
        yield True
        yield False

    after = steps()
    tables = list(followed(journal, listing, lambda: next(after)))
    assert x_of(tables) == [3.0, 5.0, 9.0]
    assert tables[0].column_names == ["in_x", "in_plan"]
