"""What is said of November: from the ledger and the journal, against a journal in memory."""

import pytest


@pytest.fixture(scope="module")
def november(demo):
    return demo("november")


def test_the_question_to_the_journal_is_whole_for_any_beginning(november):
    duckdb = pytest.importorskip("duckdb")  # stated reason: an extra
    rows = [
        ("a", 999, "", 200), ("b", 1000, "champion", 200), ("c", 1000, "challenger", 500),
        ("d", 1001, "challenger", 200), ("e", 996, "", 200), ("f", 1002, "", 200), ("f", 1002, "", 200),
    ]  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE interactions (id TEXT, time TIMESTAMPTZ, arm TEXT, status INT)")
        connection.executemany("INSERT INTO interactions SELECT ?, to_timestamp(?), ?, ?", rows)
        asked = november.WATCHED.format(began=1000, before=november.BEFORE_S)
        found = connection.execute(asked).fetchall()
    assert found == [
        (-1.0, "champion", 1, 0), (0.0, "challenger", 1, 1), (0.0, "champion", 1, 0), (1.0, "challenger", 1, 0),
        (2.0, "champion", 1, 0),
    ]  # fmt: skip
