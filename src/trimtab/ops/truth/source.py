"""A file of truth, whatever its format, as rows: through the readers that score whole files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from trimtab.core.check import Raw
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column
from trimtab.ops.truth import cells

if TYPE_CHECKING:
    from trimtab.batch.rows import Block

__all__ = ["Columns", "Row", "Source", "open_source"]

_AS_ENTRIES_HAVE_IT: Final[Mapping[str, Callable[[Any], Any]]] = {
    "id": cells.identity,
    "by": cells.identity,
    "row": cells.place,
    "time": cells.moment,
}
_OPTIONAL: Final = ("row", "time")
_BATCH: Final = 4096


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns say what. row and time: empty for those of that name, if there are any.

    by: a column to find answers by, in place of their ids; empty for none.
    """

    id: str = "id"
    value: str = "value"
    row: str = ""
    time: str = ""
    by: str = ""


class Row(NamedTuple):
    """One row of a file, from 0; broken: why it could not be read, empty for one that could."""

    number: int
    cells: Mapping[str, Any]
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read again and again. columns: by what they say. texts: whether all its cells are text."""

    path: Path
    columns: Mapping[str, str]
    texts: bool

    def rows(self) -> Iterator[tuple[Row, Callable[[], str]]]:
        """Each row, by what its cells say, with a function that tells its place; UserError for a file that is none."""
        from trimtab.batch.options import ScoreOptions
        from trimtab.batch.score import open_rows

        names = tuple(dict.fromkeys(self.columns.values()))
        typed = self.path.suffix.lower() == ".parquet"  # which knows what its columns are
        signature = Signature(() if typed else tuple(map(_text, names)))
        opened = open_rows(self.path, signature, ScoreOptions(keep=names if typed else (), batch_rows=_BATCH))
        for block in opened.blocks():
            columns = {key: _values(block, name, typed=typed) for key, name in self.columns.items()}
            for at in range(block.height):
                number = block.first + at
                row = Row(
                    number, {key: _cell(key, column[at]) for key, column in columns.items()}, block.broken.get(at, "")
                )
                yield row, lambda number=number: self._place(number, opened.line(number))  # type: ignore[misc]

    def _place(self, number: int, line: int | None) -> str:
        return f"{self.path}:{line}" if line is not None else f"{self.path}, row {number}"


def open_source(path: Path, columns: Columns) -> Source:
    """The file with those of the columns that it has; UserError naming all that are missing, or for no such file."""
    from trimtab.batch.places import source_problems

    if problems := source_problems(path):
        raise UserError(*problems)
    try:
        names = _names(path)
    except ImportError as error:
        hint = "pip install 'trimtab[log]'"
        raise UserError(Problem("P944", f"reading files needs `{error.name}`", str(path), hint)) from error
    said = {"value": columns.value} | ({"by": columns.by} if columns.by else {"id": columns.id})
    for key in _OPTIONAL[bool(columns.by) :]:  # the row is found with the answer
        name = getattr(columns, key)
        if name or names is None or key in names:
            said[key] = name or key
    if names is not None:
        from trimtab.batch.rows import choose

        choose(names, Signature(tuple(_text(name) for name in said.values())), (), path)
    return Source(path, said, texts=path.suffix.lower() == ".csv")


def _names(path: Path) -> Sequence[str] | None:
    """The columns of the file; None where only its rows can tell."""
    import pyarrow as pa
    from pyarrow import parquet

    match path.suffix.lower():
        case ".csv":
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file, suppress(csv.Error):
                return next(csv.reader(file), [])
            return []
        case ".parquet":
            try:
                with path.open("rb") as raw:
                    names: list[str] = parquet.read_schema(raw).names
            except pa.ArrowException as error:
                what = f"`{path.name}` is no Parquet file that can be read: {str(error).partition(chr(10))[0]}"
                raise UserError(Problem("P943", what, str(path))) from error
            return names
        case _:
            return None


def _text(name: str) -> Field:
    return Field(name, "BYTES", nullable=True)


def _values(block: Block, name: str, *, typed: bool) -> Sequence[Any]:
    """One value a row, null where there is none."""
    if typed:
        found: list[Any] = block.kept.column(name).to_pylist()
        return found
    raw: Raw = block.columns[name]
    if not isinstance(raw, Column):
        return raw
    values: list[Any] = raw.values.tolist()
    if raw.missing is None:
        return values
    return [None if gone else value for value, gone in zip(values, raw.missing.tolist(), strict=True)]


def _cell(key: str, value: Any) -> Any:
    value = cells.plain(value)
    made = _AS_ENTRIES_HAVE_IT.get(key)
    return value if made is None or value is None else made(value)
