"""Answers as a Parquet file."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ParquetSink"]

_GROUP_ROWS: Final = 128 * 1024
_GROUP_BYTES: Final = 16 * 2**20


class ParquetSink:
    """Record batches to a Parquet file, in row groups large enough to be read fast and small enough for the memory."""

    def __init__(self, file: BinaryIO) -> None:
        """The schema is that of the first batch."""
        self._file = file
        self._writer: Any = None
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Take a batch; all must be of one schema."""
        from pyarrow import parquet

        if self._writer is None:
            self._writer = parquet.ParquetWriter(self._file, batch.schema, compression="zstd")
        self._waiting.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        table = pa.Table.from_batches(self._waiting)
        self._waiting, self._rows, self._bytes = [], 0, 0
        self._writer.write_table(table, row_group_size=max(table.num_rows, 1))

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what is left and the footer; after an error only let go of the file."""
        if kind is None and self._waiting:
            self._flush()
        if self._writer is None:
            return
        try:
            self._writer.close()
        except Exception:  # raised again, unless another error is on its way already, which says more
            self._writer.is_open = False  # or its finaliser would try once more to write to the closed file
            if kind is None:
                raise
