"""Interactions as lines of the sealed table, one a row of a request, held in little memory until they are written.

What an interaction says as a whole is held once, and repeated for its rows only while a row group is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.journal.interactions.decode import Record
from trimtab.journal.interactions.schema import ColumnSchema, Schema
from trimtab.journal.seal.arrow import array_of, arrow_type, leaves
from trimtab.journal.seal.mixed import together

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Lines", "join", "lines_of"]

_MICROS: Final = 1e6
_MOST: Final = 2**24  # rows of an interaction of which nothing but their number is there


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Lines of the table, not in order yet.

    facts: a line an interaction, with `order`, its place in the segment. columns: by name, a value a line of the table.
    of: the interaction of each line. row: which of its rows; -1 for one without rows.
    """

    facts: pa.Table
    columns: Mapping[str, pa.Array]
    of: Array
    row: Array

    def __len__(self) -> int:
        """How many lines the table has."""
        return len(self.of)

    def where(self, mask: Array) -> Lines:
        """Only those lines."""
        import pyarrow as pa

        chosen = pa.array(mask)
        columns = {name: array.filter(chosen) for name, array in self.columns.items()}
        return Lines(self.facts, columns, self.of[mask], self.row[mask])


def lines_of(schema: Schema, records: Sequence[Record], orders: Sequence[int]) -> Lines:
    """The lines of at least one interaction; all have the same number of rows, and items of the same type.

    orders: the place of each in its segment. ValueError where columns and schema do not fit.
    """
    rows, count = records[0].facts.rows, len(records)
    if rows < 0 or (rows > _MOST and records[0].inputs is None and records[0].outputs is None):
        raise ValueError(f"{rows} rows")
    columns: dict[str, pa.Array] = {}
    if rows:
        for prefix, schemas, items in (
            ("in_", schema.inputs, [record.inputs for record in records]),
            ("out_", schema.outputs, [record.outputs for record in records]),
        ):
            columns.update((prefix + name, array) for name, array in _columns(schemas, items, rows))
        columns["subject"] = _subjects([record.facts.subjects for record in records], rows)
    of = np.repeat(np.arange(count, dtype=np.int32), max(rows, 1))
    row = np.tile(np.arange(rows, dtype=np.int32), count) if rows else np.full(count, -1, np.int32)
    return Lines(_facts(records, orders), columns, of, row)


def _facts(records: Sequence[Record], orders: Sequence[int]) -> pa.Table:
    import pyarrow as pa

    facts = [record.facts for record in records]
    text = pa.string()
    told = {
        "id": pa.array([one.id for one in facts], text),
        "time": pa.array([one.time for one in facts], pa.int64()).cast(pa.timestamp("us", "UTC")),
        "arm": pa.array([one.arm for one in facts], text),
        "probability": pa.array([one.probability for one in facts], pa.float64()),
        "sampled": pa.array([one.sampled for one in facts], pa.float64()),
        "principal": pa.array([one.principal for one in facts], text),
        "dialect": pa.array([one.dialect for one in facts], text),
        "status": pa.array([one.status for one in facts], pa.int16()),
        "seconds": pa.array(np.array([one.seconds for one in facts], np.float64) / _MICROS),
        "rows": pa.array([one.rows for one in facts], pa.int32()),
        "error": pa.array([one.error for one in facts], text),
        "request_id": pa.array([one.request_id for one in facts], text),
        "order": pa.array(orders, pa.int64()),
    }
    return pa.table(told)


def _subjects(items: Sequence[Sequence[str] | None], rows: int) -> pa.Array:
    import pyarrow as pa

    if not any(items):
        return pa.nulls(len(items) * rows, pa.string())
    if any(item and len(item) != rows for item in items):
        raise ValueError("subjects of another number of rows")
    nobody = [None] * rows
    return pa.array([name or None for item in items for name in (item or nobody)], pa.string())


def _columns(schemas: Sequence[ColumnSchema] | None, items: Sequence[Any], rows: int) -> Iterator[tuple[str, pa.Array]]:
    """Names and values of all columns of inputs, or of outputs."""
    first = items[0]
    if first is None:
        return
    if isinstance(first, Mapping):
        for name in dict.fromkeys(name for item in items for name in item):
            yield name, array_of([item.get(name) for item in items], rows, None)
        return
    if schemas is None:
        raise ValueError("columns without names")
    if isinstance(first, bytes):
        yield from _side_by_side(schemas, items, rows)
        return
    if set(map(len, items)) != {len(schemas)}:
        raise ValueError("another number of columns")
    for at, schema in enumerate(schemas):
        yield schema.name, array_of([item[at] for item in items], rows, schema)


def _side_by_side(schemas: Sequence[ColumnSchema], items: Sequence[bytes], rows: int) -> Iterator[tuple[str, pa.Array]]:
    """Numbers of one datatype, column after column in each interaction."""
    dtype, width = np.dtype(schemas[0].numpy), len(schemas)
    alike = all(schema.numpy == schemas[0].numpy and not schema.shape for schema in schemas)
    if not alike or dtype.kind == "O" or set(map(len, items)) != {width * rows * dtype.itemsize}:
        raise ValueError("values that do not fit their shape")
    blocks = np.frombuffer(b"".join(items), dtype).reshape(len(items), width, rows)
    for at, schema in enumerate(schemas):
        yield schema.name, leaves(np.ascontiguousarray(blocks[:, at]).ravel())


def join(parts: list[Lines], schema: Schema) -> Lines:
    """All lines of at least one part, one type a column; the schema's columns come first, with values or without.

    The parts are taken out of their list, column by column, so that they are never in memory twice.
    """
    import pyarrow as pa

    starts = np.cumsum([0, *(part.facts.num_rows for part in parts)])
    of = np.concatenate([part.of + start for part, start in zip(parts, starts.astype(np.int32), strict=False)])
    row = np.concatenate([part.row for part in parts])
    facts = pa.concat_tables([part.facts for part in parts]).combine_chunks()
    given = [(len(part), dict(part.columns)) for part in parts]
    parts.clear()
    known = {f"in_{column.name}": arrow_type(column) for column in schema.inputs}
    known |= {f"out_{column.name}": arrow_type(column) for column in schema.outputs or ()}
    names = dict.fromkeys(["subject", *known, *(name for _, columns in given for name in columns)])
    known["subject"] = pa.string()
    columns = {}
    for name in names:
        type_ = known.get(name, pa.null())
        arrays = [own.pop(name, None) for _, own in given]
        arrays = [
            pa.nulls(length, type_) if one is None else one for one, (length, _) in zip(arrays, given, strict=True)
        ]
        whole = pa.concat_arrays(together(arrays))
        if not pa.types.is_null(whole.type):  # without a value, and nobody knows of which type it would be
            columns[name] = whole
    return Lines(facts, columns, of, row)
