"""The tables of a small journal, in DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from trimtab.core.interactions import Feedback, Truth
from trimtab.journal.truth.records import feedback_row, record_of, truth_row

TIME = pa.timestamp("us")
WHO = [("time", TIME), ("received", TIME), ("principal", pa.string()), ("operator", pa.bool_())]
INTERACTIONS = {
    "id": "", "row": 0, "time": 0.0, "endpoint": "churn", "status": 200, "sampled": 1.0, "principal": "a",
    "request_id": "",
}  # fmt: skip
TEXT, NUMBER, ROW = pa.string(), pa.float64(), ("row", pa.int32())
ASKED = pa.schema([
    ("id", TEXT), ROW, ("time", TIME), ("endpoint", TEXT), ("status", pa.int16()), ("sampled", NUMBER),
    ("principal", TEXT), ("request_id", TEXT),
])  # fmt: skip
SAID = pa.schema([("id", TEXT), ROW, ("name", TEXT), ("value", TEXT), ("number", NUMBER), *WHO])
FELT = pa.schema([
    ("id", TEXT), ROW, ("score", NUMBER), ("label", TEXT), ("comment", TEXT), ("correction", TEXT), *WHO,
])  # fmt: skip


class World:
    """Tables that are asked in SQL."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def rows(self, sql: str) -> Sequence[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def dicts(self, sql: str) -> list[dict[str, Any]]:
        return self._connection.sql(sql).to_arrow_table().to_pylist()


def _table(rows: Iterable[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    times = {field.name for field in schema if field.type == TIME}
    plain = [{key: round(value * 1e6) if key in times else value for key, value in row.items()} for row in rows]
    return pa.Table.from_pylist(plain, schema)


@pytest.fixture
def world() -> Iterator[Callable[..., World]]:
    """world([{"id": "x"}], [Truth(...)], [Feedback(...)])."""
    with duckdb.connect(config={"threads": 1}) as connection:

        def make(asked: Sequence[dict[str, Any]], said: Sequence[Truth] = (), felt: Sequence[Feedback] = ()) -> World:
            connection.register("interactions", _table([INTERACTIONS | one for one in asked], ASKED))
            connection.register("truth", _table([truth_row(record_of(one)) for one in said], SAID))
            connection.register("feedback", _table([feedback_row(record_of(one)) for one in felt], FELT))
            return World(connection)

        yield make
