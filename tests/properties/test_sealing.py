"""Whatever columns interactions have, the sealed table has their values, row by row."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.doubles.logged import NOON, interaction, schema_of

from trimtab.core.dtypes import DTYPES
from trimtab.core.lists import split_rows
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.journal.seal.gather import Gathering
from trimtab.journal.seal.parquet import write
from trimtab.journal.segments.frames import Frame, Kind, declaration

UNITS = ("s", "ms", "us", "ns")
YEAR_S = 365 * 86_400
PLAIN = st.sampled_from(sorted(DTYPES.keys() - {"BYTES"}))
SHAPES = st.sampled_from([(), (), (2,), (2, 3), (0,), (-1,), (-1, 2)])


@st.composite
def fields(draw: st.DrawFn, name: str) -> Field:
    if draw(st.integers(0, 4)) == 0:
        return Field(name, "BYTES", kind="datetime", frame=f"datetime64[{draw(st.sampled_from(UNITS))}]")
    dtype = draw(st.one_of(PLAIN, st.just("BYTES")))
    kind = draw(st.sampled_from(["value", "bytes"])) if dtype == "BYTES" else "value"
    return Field(name, dtype, (-1, *draw(SHAPES)), kind=kind)  # type: ignore[arg-type]


def values_of(draw: st.DrawFn, field: Field, count: int) -> Any:
    """So many single values as numpy has them."""
    if field.kind == "datetime":
        unit = field.frame[11:-1]
        reach = YEAR_S * (250 if unit == "ns" else 1900) * {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
        ticks = draw(st.lists(st.one_of(st.integers(-reach, reach), st.none()), min_size=count, max_size=count))
        return np.array([np.iinfo(np.int64).min if one is None else one for one in ticks], np.int64).view(f"M8[{unit}]")
    if field.dtype == "BYTES":
        one = (
            st.binary(max_size=5)
            if field.kind == "bytes"
            else st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
        )
        items = draw(st.lists(one, min_size=count, max_size=count))
        array = np.empty(count, object)
        array[:] = items
        return array
    dtype = DTYPES[field.dtype]
    raw = draw(st.binary(min_size=count * dtype.itemsize, max_size=count * dtype.itemsize))
    return np.frombuffer(raw, np.uint8) % 2 == 1 if field.dtype == "BOOL" else np.frombuffer(raw, dtype)


@st.composite
def columns(draw: st.DrawFn, field: Field, rows: int) -> Column:
    inner = field.shape[1:]
    missing = np.array(draw(st.lists(st.booleans(), min_size=rows, max_size=rows))) if draw(st.booleans()) else None
    if -1 in inner:
        pieces = []
        for row in range(rows):
            shape = tuple(draw(st.integers(0, 3)) if size == -1 else size for size in inner)
            absent = missing is not None and missing[row]
            pieces.append(None if absent else values_of(draw, field, int(np.prod(shape))).reshape(shape))
        return Column(split_rows(iter(pieces)), missing)
    values = values_of(draw, field, rows * int(np.prod(inner))).reshape(rows, *inner)
    if missing is not None and values.dtype == object:
        values = values.copy()
        values[missing] = None
    return Column(values, missing)


def plain(value: Any) -> Any:
    """A value to hold against another one: NaN equals NaN, times are whole numbers of nanoseconds."""
    if value is None:
        return None
    if isinstance(value, np.ndarray | list):
        return [plain(one) for one in value]
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else (int(value.astype("M8[s]").astype(np.int64)), str(value)[19:].rstrip("0."))
    if isinstance(value, np.generic):
        value = value.item()
    return repr(value)


def expected(column: Column | None, row: int) -> Any:
    if column is None or (column.missing is not None and column.missing[row]):
        return None
    return plain(column.values[row])


def found(array: Any) -> list[Any]:
    import pyarrow as pa

    if pa.types.is_timestamp(array.type):
        return [plain(one) for one in array.to_numpy(zero_copy_only=False)]
    return [plain(one) for one in array.to_pylist()]


def sealed(frames: list[Frame]) -> Any:
    from pyarrow import parquet

    gathering = Gathering("a-000001", NOON)
    for frame in frames:
        gathering.take(frame)
    gathering.finish([])
    assert gathering.unread == []
    ((_, number, tables),) = gathering.tables()
    assert number == 0
    file = io.BytesIO()
    write(tables, file)
    return parquet.read_table(file)


@settings(max_examples=150)
@given(st.data())
def test_any_interactions_come_back_row_by_row(data: st.DataObject) -> None:
    inputs = [data.draw(fields(f"c{at}")) for at in range(data.draw(st.integers(1, 3)))]
    outputs = [data.draw(fields("o"))]
    named = data.draw(st.booleans()) and outputs[0].kind != "datetime"
    schema = schema_of(inputs, outputs if named else None)
    frames, lines = [declaration(1, schema.to_json())], []
    for number in range(data.draw(st.integers(1, 5))):
        rows = data.draw(st.integers(0, 4))
        given_ = {field.name: data.draw(columns(field, rows)) for field in inputs} if rows else None
        answer = Column(values_of(data.draw, outputs[0], 0)) if not rows else data.draw(columns(outputs[0], rows))
        if answer.missing is not None:
            answer = Column(answer.values)
        subjects = data.draw(st.one_of(st.none(), st.lists(st.sampled_from(["", "s"]), min_size=rows, max_size=rows)))
        time = NOON + data.draw(st.integers(0, 3))
        facts = {"id": f"i{number}", "time": time, "subjects": subjects, "rows": rows, "status": 200 if rows else 400}
        frames.append(
            Frame(Kind.INTERACTION, interaction(1, schema, given_, {"o": answer.values} if rows else None, **facts))
        )
        for row in range(rows) if rows else [None]:
            shown = {f"in_{field.name}": None if row is None else expected(given_[field.name], row) for field in inputs}
            shown["out_o"] = None if row is None else expected(answer, row)
            subject = subjects[row] or None if subjects and row is not None else None
            lines.append((time, f"i{number}", row, subject, shown))
    table = sealed(frames)
    lines.sort(key=lambda line: line[:2])
    assert list(zip(table["id"].to_pylist(), table["row"].to_pylist(), table["subject"].to_pylist(), strict=True)) == [
        line[1:4] for line in lines
    ]
    for name in lines[0][4]:
        wanted = [line[4][name] for line in lines]
        have = found(table[name].combine_chunks()) if name in table.column_names else [None] * len(lines)
        assert have == wanted, name
