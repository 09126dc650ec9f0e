"""Exported rows as Parquet or CSV. A spreadsheet takes a cell of a CSV for a formula by its first character.

Such texts get an apostrophe ahead of them, which spreadsheets take for "this is text" (CWE-1236). Numbers stay numbers.
Parquet has types, so nothing is changed there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol

from trimtab.core.interactions import INPUTS_KEY

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SUFFIXES", "Sink", "open_sink"]

SUFFIXES: Final = (".parquet", ".csv")
_FORMULA: Final = "\\A[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]"  # the last four are wide forms of the first four
_WHOLE: Final = r"\A-?[0-9]+\z"
_GROUP_ROWS: Final = 128 * 1024
_GROUP_BYTES: Final = 16 * 2**20


class Sink(Protocol):
    """What batches of one schema are written to."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Take a batch."""

    def close(self) -> None:
        """Write what is left."""

    def drop(self) -> None:
        """Write nothing more."""


@contextmanager
def open_sink(target: Path, file: BinaryIO, schema: pa.Schema, inputs: Sequence[str]) -> Iterator[Sink]:
    """The sink for a file by its suffix, which is one of SUFFIXES; complete at the end of the block.

    inputs: those of the columns.
    """
    sink: Sink
    if target.suffix.lower() == ".csv":
        sink = _CsvSink(file, schema)
    else:
        sink = _ParquetSink(file, schema.with_metadata({INPUTS_KEY: json.dumps(list(inputs))}))
    try:
        yield sink
        sink.close()
    except BaseException:
        sink.drop()
        raise


class _ParquetSink:
    """Row groups large enough to be read fast and small enough for the memory."""

    def __init__(self, file: BinaryIO, schema: pa.Schema) -> None:
        from pyarrow import parquet

        self._schema = schema
        self._writer = parquet.ParquetWriter(file, schema, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch.replace_schema_metadata(self._schema.metadata))
        rows, size = (sum(getattr(one, what) for one in self._waiting) for what in ("num_rows", "nbytes"))
        if rows >= _GROUP_ROWS or size >= _GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        table = pa.Table.from_batches(self._waiting, self._schema)
        self._waiting = []
        self._writer.write_table(table, row_group_size=max(table.num_rows, 1))

    def close(self) -> None:
        if self._waiting:
            self._flush()
        self._writer.close()

    def drop(self) -> None:
        self._writer.is_open = False  # or its finaliser would try once more to write to the closed file


class _CsvSink:
    """RFC 4180 in UTF-8; null is an empty cell, texts are in quotation marks, lists are JSON, 2.0 is not 2."""

    def __init__(self, file: BinaryIO, schema: pa.Schema) -> None:
        import pyarrow as pa

        self._file = file
        names = pa.array(schema.names, pa.string())
        self._file.write(f"{','.join(_quoted(_without_formulas(names)).to_pylist())}\n".encode())
        self._null = "" if len(names) > 1 else '""'  # a line without anything would be no row

    def write(self, batch: pa.RecordBatch) -> None:
        from pyarrow import compute

        cells = [compute.fill_null(_cells(array), self._null) for array in batch.columns]
        lines = compute.binary_join_element_wise(*cells, ",").to_pylist()
        self._file.write("".join(f"{line}\n" for line in lines).encode())

    def close(self) -> None:
        pass

    def drop(self) -> None:
        pass


def _cells(array: pa.Array) -> pa.Array:
    """Each value as its cell is written, null as null."""
    import pyarrow as pa
    from pyarrow import compute

    type_ = array.type
    if pa.types.is_list(type_) or pa.types.is_binary(type_):
        array = pa.array([None if value is None else _text(value) for value in array.to_pylist()], pa.string())
    if pa.types.is_string(array.type):
        return _quoted(_without_formulas(array))
    texts = array.cast(pa.string())
    if not pa.types.is_floating(type_):
        return texts
    whole = compute.match_substring_regex(texts, _WHOLE)
    return compute.if_else(whole, compute.binary_join_element_wise(texts, ".0", ""), texts)


def _quoted(texts: pa.Array) -> pa.Array:
    from pyarrow import compute

    return compute.binary_join_element_wise('"', compute.replace_substring(texts, '"', '""'), '"', "")


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    return json.dumps(value, ensure_ascii=False, default=lambda one: _text(one) if isinstance(one, bytes) else str(one))


def _without_formulas(texts: pa.Array) -> pa.Array:
    from pyarrow import compute

    risky = compute.match_substring_regex(texts, _FORMULA)
    return compute.if_else(risky, compute.binary_join_element_wise("'", texts, ""), texts)
