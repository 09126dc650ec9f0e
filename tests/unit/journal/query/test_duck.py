"""DuckDB as it is let in: nothing is fetched, nothing is left behind, and files are read only where that was said."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pytest

from trimtab.journal.query.duck import Duck, DuckSettings, micros_of, moment_of, name_of, text_of


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp"


def test_what_is_spilled_is_private_and_gone_afterwards(scratch):
    with Duck(DuckSettings(memory="64MiB", threads=1)) as duck:
        (folder,) = scratch.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        rows = duck.rows(
            "SELECT count(*), max(x) FROM (SELECT repeat(i::VARCHAR, 20) AS x FROM range(1_000_000) t(i) ORDER BY x)"
        )
        assert rows[0][0] == 1_000_000
    assert list(scratch.iterdir()) == []


@pytest.mark.usefixtures("scratch")
def test_extensions_are_not_fetched_and_variables_not_found():
    unseen = pa.table({"a": [1]})
    with Duck() as duck:
        for statement in (
            "INSTALL httpfs",
            "LOAD httpfs",
            "SELECT * FROM 'https://127.0.0.1:9/x.parquet'",
            "FROM unseen",
        ):
            with pytest.raises(duck.error):
                duck.run(statement)
        duck.register("seen", unseen)
        assert duck.rows("FROM seen") == [(1,)]
        duck.unregister(["seen"])
        with pytest.raises(duck.error):
            duck.rows("FROM seen")


def test_where_folders_are_said_nothing_else_is_read_or_written(tmp_path, scratch):
    inside, outside = tmp_path / "in'side", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "x.csv").write_text("a\n1\n")
    (tmp_path / "in'side-not").symlink_to(outside)
    with Duck(DuckSettings(folders=(inside,))) as duck:
        assert duck.rows(f"FROM read_csv({text_of(str(inside / 'x.csv'))})") == [(1,)]
        for statement in (
            f"FROM read_csv({text_of(str(outside / 'x.csv'))})",
            f"FROM read_csv({text_of(str(inside / '..' / 'outside' / 'x.csv'))})",
            f"FROM read_csv({text_of(str(tmp_path / 'in') + chr(39) + 'side-not/x.csv')})",
            f"COPY (SELECT 1) TO {text_of(str(outside / 'y.csv'))}",
            "FROM read_text('/etc/passwd')",
            f"ATTACH {text_of(str(outside / 'x.db'))}",
            "SET memory_limit = '100GB'",
            "SET enable_external_access = true",
        ):
            with pytest.raises(duck.error):
                duck.rows(statement)
    assert list(scratch.iterdir()) == []


def test_answers_come_as_rows_tables_and_batches():
    with Duck(DuckSettings(threads=1)) as duck:
        query = "SELECT i AS a FROM range(5000) t(i) ORDER BY i"
        assert duck.table(query).num_rows == 5000
        sizes = [batch.num_rows for batch in duck.batches(query, 2048)]
        assert sum(sizes) == 5000
        assert len(sizes) > 1
        assert duck.relation("SELECT $x AS a", {"x": 7}).fetchall() == [(7,)]


def test_rows_that_are_loaded_are_duckdbs_own():
    with Duck(DuckSettings("64MiB", 1)) as duck:
        for first in (0, 50_000):
            duck.load("of_ours", pa.table({"n": pa.array(range(first, first + 50_000)), "text": ["x" * 1000] * 50_000}))
        assert duck.rows("SELECT count(*), sum(n), sum(length(text)) FROM of_ours") == [(100_000, 4999950000, 10**8)]
        duck.drop(["of_ours"])
        with pytest.raises(duck.error):
            duck.rows("FROM of_ours")


def test_a_function_of_ours_can_be_asked():
    with Duck() as duck:
        duck.function("twice", lambda one, two: one + two, 2)
        assert duck.rows("SELECT twice('a', 'b')") == [("ab",)]


def test_texts_and_names_stand_in_quotes():
    with Duck() as duck:
        for text in ("it's", '"', "a\\", "--", "a;b", "$$"):
            assert duck.rows(f"SELECT {text_of(text)}") == [(text,)]
        assert duck.table(f"SELECT 1 AS {name_of(chr(34) + '; x')}").column_names == ['"; x']


def test_times_are_counted_in_microseconds():
    times = pa.array([0, 1_500_000, -1], pa.timestamp("us", "UTC"))
    assert micros_of(times) == [0, 1_500_000, -1]
    assert moment_of(1_500_000).isoformat() == "1970-01-01T00:00:01.500000+00:00"
