"""The answer to a query, in whatever form it is liked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from trimtab.journal.query.duck import Duck
from trimtab.journal.query.tables import BASE, JOINED

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["Answer", "Asked"]

T = TypeVar("T")
_WORDS: Final = re.compile(r"\w+")


class Asked(Protocol):
    """Asks DuckDB with tables in place, and again where a file went away meanwhile."""

    def __call__(self, tables: Iterable[str], ask: Callable[[Duck], T]) -> T:
        """What `ask` gives."""


class Answer:
    """Asked anew by each of its methods; shows its first rows."""

    def __init__(self, query: str, asked: Asked) -> None:
        """Nothing is asked yet."""
        words = {word.lower() for word in _WORDS.findall(query)}
        named = [table for table in (*BASE, JOINED) if table in words]
        self._query, self._asked, self._tables = query, asked, named or [*BASE, JOINED]

    def arrow(self) -> pa.Table:
        """All rows, as Arrow has them."""
        return self._ask(lambda duck: duck.table(self._query))

    def df(self) -> Any:
        """All rows as a pandas frame."""
        return self._ask(lambda duck: duck.relation(self._query).df())

    def pl(self) -> Any:
        """All rows as a polars frame."""
        return self._ask(lambda duck: duck.relation(self._query).pl())

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows as Python values."""
        return self._ask(lambda duck: duck.rows(self._query))

    def batches(self) -> pa.RecordBatchReader:
        """The rows bit by bit, in bounded memory; to be read to the end before the next question."""
        return self._ask(lambda duck: duck.batches(self._query))

    def relation(self) -> duckdb.DuckDBPyRelation:
        """DuckDB's own relation, to go on from."""
        return self._ask(lambda duck: duck.relation(self._query))

    def __repr__(self) -> str:
        """The first rows, as DuckDB shows them."""
        return self._ask(lambda duck: str(duck.relation(self._query)))

    def _ask(self, ask: Callable[[Duck], T]) -> T:
        return self._asked(self._tables, ask)
