"""The sealed tables as Parquet: sorted by time, in row groups that are worth their statistics and fit the memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.journal.interactions.schema import Schema
from trimtab.journal.seal.lines import Lines

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["METADATA", "in_order", "write"]

METADATA: Final = b"trimtab.schema"  # in a file of interactions: the `Schema` of its columns, policies included
# what an interaction says as a whole; its columns come after these
_FACTS: Final = (
    "id", "row", "time", "endpoint", "revision", "arm", "probability", "sampled", "principal", "dialect", "status",
    "seconds", "rows", "error", "request_id",
)  # fmt: skip
_GROUP_LINES: Final = 65_536
_GROUP_BYTES: Final = 16 * 2**20


def in_order(lines: Lines, schema: Schema) -> Iterator[pa.Table]:
    """The table of the lines in parts of a row group each, by time; of one time, in the order they were written in."""
    import pyarrow as pa

    times = lines.facts["time"].cast(pa.int64()).to_numpy()
    order = np.lexsort((lines.facts["order"].to_numpy(), times))
    counts = np.bincount(lines.of, minlength=len(order))
    starts = np.concatenate([[0], np.cumsum(counts)])[order]  # the lines of an interaction stand together
    ends = np.cumsum(counts[order])
    width = sum(array.nbytes for array in lines.columns.values()) // max(len(lines), 1) + 1
    step = max(1, min(_GROUP_LINES, _GROUP_BYTES // width))
    metadata = {METADATA: schema.to_json()}
    for first in range(0, len(lines), step):
        wanted = np.arange(first, min(first + step, len(lines)))
        places = np.searchsorted(ends, wanted, "right")
        yield _group(lines, schema, starts[places] + wanted - (ends - counts[order])[places], metadata)


def _group(lines: Lines, schema: Schema, chosen: Array, metadata: Mapping[bytes, bytes]) -> pa.Table:
    """Some lines as a table with all its columns."""
    import pyarrow as pa

    rows = lines.row[chosen]
    told = lines.facts.take(pa.array(lines.of[chosen]))
    columns = {name: told[name] for name in told.column_names}
    columns["row"] = pa.array(rows, mask=rows < 0)
    columns["endpoint"] = pa.repeat(schema.endpoint, len(chosen))
    columns["revision"] = pa.repeat(schema.revision, len(chosen))
    table = {name: columns[name] for name in _FACTS}
    in_row = len(chosen) > 0 and bool((np.diff(chosen) == 1).all())
    indices = pa.array(chosen)
    for name, array in lines.columns.items():
        table[name] = array.slice(int(chosen[0]), len(chosen)) if in_row else array.take(indices)
    return pa.table(table).replace_schema_metadata(metadata)


def write(tables: Iterable[pa.Table], file: BinaryIO) -> int:
    """Tables of one schema, at least one, as the row groups of a Parquet file; how many lines that were."""
    from pyarrow import parquet

    writer = None
    lines = 0
    try:
        for table in tables:
            if writer is None:
                writer = parquet.ParquetWriter(file, table.schema, compression="zstd")
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
            lines += table.num_rows
    except BaseException:
        if writer is not None:
            writer.is_open = False  # or its finaliser would try once more to write to the closed file
        raise
    if writer is not None:
        writer.close()
    return lines
