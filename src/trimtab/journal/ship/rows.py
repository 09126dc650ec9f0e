"""The rows of a sealed file, a few at a time, and their keys."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final

from trimtab.journal.ship.messages import key_of, messages

__all__ = ["batches", "keys"]

_ROWS: Final = 2000  # sent before they are waited for
_BYTES: Final = 16 << 20  # of them in memory, as far as the file's own figures tell


def batches(file: Any, skip: int) -> Iterator[Any]:
    """Arrow batches of an open Parquet file, without so many rows at its beginning."""
    for batch in file.iter_batches(_rows_of(file.metadata), use_threads=False):
        if skip < batch.num_rows:
            yield batch.slice(skip) if skip else batch
        skip = max(0, skip - batch.num_rows)


def keys(file: Any, stream: str) -> Iterator[str]:
    """The key of each row, in order; of interactions they are read without what was asked and answered."""
    if stream != "interactions":
        for batch in batches(file, 0):
            yield from (message.key for message in messages(batch, stream, sys.maxsize))
        return
    for batch in file.iter_batches(columns=["id", "row"], use_threads=False):
        for place in batch.to_pylist():
            yield key_of(stream, place)


def _rows_of(metadata: Any) -> int:
    widest = 1.0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        widest = max(widest, group.total_byte_size / max(group.num_rows, 1))
    return int(max(1, min(_ROWS, _BYTES / widest)))
