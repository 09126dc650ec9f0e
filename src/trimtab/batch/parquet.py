"""Rows of a Parquet file, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from trimtab.batch.options import ScoreOptions
from trimtab.batch.rows import Block, choose
from trimtab.bundle.data.arrow import columns_of
from trimtab.bundle.data.arrowtypes import misfit
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Signature

__all__ = ["ParquetRows"]

_READ_BYTES: Final = 2**20


class ParquetRows:
    """A Parquet file: columns are streamed page by page, so that the size of its row groups does not matter."""

    def __init__(self, source: Path, signature: Signature, options: ScoreOptions) -> None:
        """Reads the footer; raises UserError for columns that are missing or of a type that can never fit."""
        import pyarrow as pa
        from pyarrow import parquet

        self._source = source
        self._signature = signature
        try:
            self._file: Any = parquet.ParquetFile(source, buffer_size=_READ_BYTES, pre_buffer=False)
        except pa.ArrowException as error:
            raise self._broken(error) from error
        schema = self._file.schema_arrow
        self._kept = choose(schema.names, signature, options.keep, source)
        misfits = {field.name: misfit(schema.field(field.name).type, field) for field in signature.inputs}
        problems = [Problem("P711", f"column `{name}` {what}", str(source)) for name, what in misfits.items() if what]
        if problems:
            raise UserError(*problems)
        self._schema = pa.schema([schema.field(name).remove_metadata() for name in self._kept])
        self.total: int | None = self._file.metadata.num_rows
        self._batch_rows = _rows_within(self._file.metadata, options)

    def _broken(self, error: Exception) -> UserError:
        what = f"`{self._source.name}` is no Parquet file that can be read: {str(error).partition(chr(10))[0]}"
        return UserError(Problem("P712", what, str(self._source)))

    def line(self, row: int) -> int | None:  # noqa: ARG002 - Parquet has no lines
        """None."""
        return None

    def blocks(self) -> Iterator[Block]:
        """Batches of at most `batch_rows` rows; raises UserError for damaged data."""
        import pyarrow as pa

        wanted = list(dict.fromkeys([*(field.name for field in self._signature.inputs), *self._kept]))
        first = 0
        try:
            with self._file as file:
                for batch in file.iter_batches(self._batch_rows, columns=wanted, use_threads=False):
                    yield self._block(first, batch)
                    first += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise self._broken(error) from error
        if first == 0:
            yield self._block(0, self._file.schema_arrow.empty_table().select(wanted).combine_chunks())

    def _block(self, first: int, batch: Any) -> Block:
        import pyarrow as pa

        columns = columns_of(batch, self._signature.inputs)
        arrays = [batch.column(name) for name in self._kept]
        arrays = [array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array for array in arrays]
        return Block(first, batch.num_rows, columns, pa.RecordBatch.from_arrays(arrays, schema=self._schema))


def _rows_within(metadata: Any, options: ScoreOptions) -> int:
    """Rows that a batch may have by both limits; the widest row group counts."""
    widest = 1.0
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        widest = max(widest, group.total_byte_size / max(group.num_rows, 1))
    return max(1, min(options.batch_rows, int(options.batch_bytes / widest)))
