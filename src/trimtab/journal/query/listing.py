"""Logged interactions as a list: the newest few, or all of them in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from trimtab.core.errors import UserError
from trimtab.journal.query.columns import find, unknown
from trimtab.journal.query.duck import Duck, DuckSettings, micros_of, name_of
from trimtab.journal.query.faults import asking
from trimtab.journal.query.filter import Filter, ordered
from trimtab.journal.query.session import OpenJournal
from trimtab.journal.query.shapes import Part, Shape, names_in_sql, shape_of, union
from trimtab.journal.query.tail import Tail

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Listing", "everything", "followed", "newest"]

_DAYS: Final = (1, 7, None)  # how far back is looked: most who ask want what has just been
_RECENT: Final = "recent_interactions"
_TIME: Final = "time of the row"  # a name that no column has


@dataclass(frozen=True, slots=True)
class Listing:
    """What is wanted of the interactions. columns: as they were typed; empty for all."""

    filter: Filter = field(default_factory=Filter)
    columns: tuple[str, ...] = ()

    def asking(self, error: type[Exception]) -> AbstractContextManager[None]:
        """Faults of DuckDB in the block in the house's words."""
        return asking(error, condition=self.filter.where is not None)

    def query(self, relation: str, known: Mapping[str, Any], extra: str = "") -> str:
        """The query for rows of a table with the known columns; UserError P933 naming all that are not among them.

        extra: something more to select.
        """
        names = names_in_sql(known)
        chosen = {one: find(one, names) for one in self.columns}
        where = self.filter.where
        problems = [] if where is None else unknown(where.columns, names, "--where")
        problems += unknown([one for one, found in chosen.items() if found is None], names, "--columns")
        if problems:
            raise UserError(*problems)
        selected = [name_of(found) for found in chosen.values() if found is not None] or list(map(name_of, names))
        where_sql = self.filter.sql()
        return f"SELECT {', '.join(selected)}{extra} FROM {relation} WHERE {where_sql}"  # noqa: S608 - all in quotes


def newest(journal: OpenJournal, listing: Listing, limit: int) -> tuple[pa.Table, bool]:
    """The newest rows, the oldest of them first, and whether there are more."""
    with listing.asking(journal.error):
        return journal.asked((), lambda duck: _newest(journal, duck, listing, limit))


def _newest(journal: OpenJournal, duck: Duck, listing: Listing, limit: int) -> tuple[pa.Table, bool]:
    import pyarrow as pa

    for days in _DAYS:
        columns, since = journal.recent(_RECENT, days)
        try:
            query = listing.query(_RECENT, columns, f", time AS {name_of(_TIME)}")
        except UserError:
            if since is None:
                raise
            continue  # a column of older rows
        found = duck.table(f"{query} ORDER BY {ordered('DESC')} LIMIT {limit + 1}")
        if since is None or (found.num_rows > limit and micros_of(found[_TIME])[-1] >= since):
            break
    kept = found.drop_columns([_TIME]).slice(0, limit)
    return kept.take(pa.array(range(kept.num_rows)[::-1], pa.int64())), found.num_rows > limit


def everything(journal: OpenJournal, listing: Listing) -> Iterator[pa.Table]:
    """All rows in order, a part of them at a time."""
    import pyarrow as pa

    with listing.asking(journal.error):
        query = f"{listing.query('interactions', journal.columns())} ORDER BY {ordered()}"
        with closing(journal.asked(("interactions",), lambda duck: duck.batches(query))) as batches:
            for batch in batches:
                yield pa.Table.from_batches([batch])


def followed(journal: OpenJournal, listing: Listing, wait: Callable[[], bool]) -> Iterator[pa.Table]:
    """Rows as they arrive after the last question, by time in each table; the journal is not to be asked meanwhile.

    wait: for a while, and says whether to go on.
    """
    base = list(journal.columns().items())
    with Tail(journal) as tail, Duck(DuckSettings(threads=1)) as duck:
        while wait():
            parts: dict[Shape, Part] = {}
            for table in tail.more():
                shape = shape_of(table.schema)
                part = parts.setdefault(shape, Part(f"arrived_{len(parts)}", shape))
                duck.load(part.source, table)
            journal.damage += tail.damage
            tail.damage.clear()
            if parts:
                with listing.asking(duck.error):
                    query, columns = union(list(parts.values()), base)
                    arrived = duck.table(f"{listing.query(f'({query})', columns)} ORDER BY {ordered()}")
                duck.drop(part.source for part in parts.values())
                yield arrived
