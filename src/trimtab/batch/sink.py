"""The target file: whole or not there at all."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ParquetSink", "Replacement"]

_GROUP_ROWS: Final = 128 * 1024
_GROUP_BYTES: Final = 16 * 2**20


class Replacement:
    """A file that appears under its name only once it is complete and on the disk."""

    def __init__(self, target: Path) -> None:
        """Opens a hidden file beside the target; OSError if the folder may not be written."""
        self._target = target
        self._part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        self.file: BinaryIO = self._part.open("xb")

    def __enter__(self) -> Self:
        """Itself, to write to its `file`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Without `commit`, nothing stays."""
        try:
            self.file.close()
        except OSError:
            if kind is None:
                raise
        finally:
            self._part.unlink(missing_ok=True)

    def commit(self, *, overwrite: bool) -> None:
        """Everything to the disk, then the name; FileExistsError if it is taken meanwhile and not to be overwritten."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        if overwrite:
            self._part.replace(self._target)
        else:
            self._link()
        folder = os.open(self._target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _link(self) -> None:
        """A link refuses a name that is taken, also when another process took it a moment ago."""
        try:
            self._target.hardlink_to(self._part)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if self._target.exists():
                raise FileExistsError(errno.EEXIST, "File exists", str(self._target)) from None
            self._part.replace(self._target)


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
