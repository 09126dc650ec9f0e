"""Rows of a CSV file (RFC 4180, UTF-8), a block at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from trimtab.batch.cells import parse_cells
from trimtab.batch.copies import copied
from trimtab.batch.options import ScoreOptions
from trimtab.batch.rows import Block, choose
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Signature

__all__ = ["CsvRows"]

_BLOCK_BYTES: Final = 2**20  # a row must fit into one; Arrow reads up to 32 of them ahead


class CsvRows:
    """A CSV file whose first line names the columns; blank lines are no rows, as in pandas."""

    total: int | None = None

    def __init__(self, source: Path, signature: Signature, options: ScoreOptions) -> None:
        """Reads the header; raises UserError for columns that are missing."""
        self._source = source
        self._options = options
        self._fields = {field.name: field for field in signature.inputs}
        self._header = _header(source)
        self._kept = choose(self._header, signature, options.keep, source)
        self._lines = _lines(source)
        self._next_row = 0
        self._last_line: int | None = None

    def line(self, row: int) -> int | None:
        """The line where a row begins; counted only when asked for, in one walk through the file."""
        while self._next_row <= row:
            self._last_line = next(self._lines, None)
            self._next_row += 1
        return self._last_line

    def blocks(self) -> Iterator[Block]:
        """Blocks of at most `batch_rows` rows; raises UserError for a row with too few or too many cells."""
        import pyarrow as pa

        first, odd = 0, list[Any]()
        try:
            with self._open(odd) as batches:
                for batch in batches:
                    for start in range(0, batch.num_rows, self._options.batch_rows):
                        part = batch.slice(start, self._options.batch_rows)
                        yield self._block(first, part)
                        first += part.num_rows
        except pa.ArrowInvalid as error:
            raise self._broken(error, odd) from error
        if first == 0:
            empty = pa.RecordBatch.from_pydict({name: pa.array([], pa.binary()) for name in self._header})
            yield self._block(0, empty)

    def _open(self, odd: list[Any]) -> Any:
        from pyarrow import binary
        from pyarrow import csv as arrow_csv

        def note(row: Any) -> str:
            odd.append(row)
            return "error"

        wanted = list(dict.fromkeys([*self._fields, *self._kept]))
        return arrow_csv.open_csv(
            self._source,
            # one thread: rows are numbered, and what is read ahead stays small
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=note),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(wanted, binary()),
                include_columns=wanted,
                null_values=list(self._options.nulls),
                strings_can_be_null=True,
            ),
        )

    def _broken(self, error: Exception, odd: list[Any]) -> UserError:
        if odd:
            row = odd[0].number - 2  # the header is row 1
            what = f"row {row} has {odd[0].actual_columns} cells, the header {odd[0].expected_columns}"
            line = next(islice(_lines(self._source), row, None), None)  # a walk of its own: `line` never goes back
            return UserError(Problem("P712", what, f"{self._source}:{line}", "quote cells that hold commas"))
        what = str(error).partition("\n")[0]
        if "straddling" in what:
            what = f"a row is longer than {_BLOCK_BYTES} bytes, or a quote is not closed"
        return UserError(
            Problem("P712", f"`{self._source.name}` is no CSV that can be read: {what}", str(self._source))
        )

    def _block(self, first: int, batch: Any) -> Block:
        raws = {name: parse_cells(batch.column(name), field) for name, field in self._fields.items()}
        return Block(first, batch.num_rows, raws, copied(self._kept, self._fields, raws, batch))


def _header(source: Path) -> list[str]:
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file), None)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            Problem("P712", f"the header of `{source.name}` cannot be read: {error}", str(source))
        ) from error
    if not header:
        raise UserError(Problem("P712", f"`{source.name}` is empty", str(source), "its first line names the columns"))
    return header


def _lines(source: Path) -> Iterator[int]:
    """The line where each row begins."""
    with source.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows, begin, header = csv.reader(file), 1, True
        try:
            for cells in rows:
                if cells and not header:
                    yield begin
                header = header and not cells
                begin = rows.line_num + 1
        except csv.Error:  # a cell longer than the csv module takes: no more lines are told
            return
