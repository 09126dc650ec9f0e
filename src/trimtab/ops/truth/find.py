"""Answers by what was asked: an order number among the inputs, say, in place of an id that nobody wrote down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.journal.query.duck import name_of
from trimtab.ops.truth.bring import About, Find

if TYPE_CHECKING:
    from trimtab.journal.query.session import OpenJournal

__all__ = ["finder"]


def finder(journal: OpenJournal, column: str) -> Find:
    """Finds every row of an interaction that has the value in that column, such as `in_order`.

    UserError P947 for a column that the journal does not have, or in which nothing can be found.
    """
    columns = journal.columns()
    if column not in columns:
        known = [name for name in columns if name.startswith(("in_", "out_"))]
        what = f"the journal's interactions have no column `{column}`"
        raise UserError(Problem("P947", what, str(journal.folder.path), did_you_mean(column, known)))
    text = _text(f"asked.{name_of(column)}", columns[column])
    if not text:
        what = f"column `{column}` is `{columns[column]}`: only texts and numbers can be found"
        raise UserError(Problem("P947", what, str(journal.folder.path)))
    query = (
        "SELECT wanted.number, asked.id, coalesce(asked.row, 0) FROM wanted"  # noqa: S608 - a name that is there
        f" JOIN interactions AS asked ON {text} = wanted.key GROUP BY ALL ORDER BY ALL"
    )

    def find(keys: Iterable[tuple[int, str]]) -> Iterator[About]:
        import pyarrow as pa

        numbers, texts = [], []
        for number, key in keys:
            numbers.append(number)
            texts.append(key)
        wanted = pa.table({"number": pa.array(numbers, pa.int64()), "key": pa.array(texts, pa.string())})
        for batch in journal.sql(query, wanted=wanted).arrow().to_batches():
            yield from zip(*(batch.column(at).to_pylist() for at in range(3)), strict=True)

    return find


def _text(column: str, kind: Any) -> str:
    """The column as text, as a file would have it; empty for one of no use."""
    import pyarrow as pa

    if pa.types.is_integer(kind):
        return f"CAST({column} AS VARCHAR)"
    if pa.types.is_floating(kind):
        return f"regexp_replace(CAST({column} AS VARCHAR), '\\.0$', '')"
    return column if pa.types.is_string(kind) else ""
