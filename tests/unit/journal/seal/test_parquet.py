"""The sealed table: order, row groups, statistics, what the file says of itself."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.doubles.logged import NOON, interaction, schema_of

from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.journal.interactions.decode import decode
from trimtab.journal.interactions.schema import Schema
from trimtab.journal.seal.lines import join, lines_of
from trimtab.journal.seal.parquet import METADATA, in_order, write

SCHEMA = schema_of([Field("x", "FP64")])


def lines(times, rows=1):
    records = [
        decode(
            interaction(
                1, SCHEMA, {"x": Column(np.full(rows, float(at)))}, {"y": np.zeros(rows)}, id=str(at), time=time
            )
        )
        for at, time in enumerate(times)
    ]
    return join([lines_of(SCHEMA, records, range(len(records)))], SCHEMA)


def file_of(lines):
    file = io.BytesIO()
    assert write(in_order(lines, SCHEMA), file) == len(lines)
    return parquet.ParquetFile(file)


def test_lines_are_in_the_order_of_time_then_of_writing():
    table = file_of(lines([NOON + 2, NOON, NOON + 1, NOON], rows=2)).read()
    assert table["id"].to_pylist() == ["1", "1", "3", "3", "2", "2", "0", "0"]
    assert table["row"].to_pylist() == [0, 1] * 4
    assert table["in_x"].to_pylist() == [1, 1, 3, 3, 2, 2, 0, 0]


def test_the_columns_stand_in_their_order_with_their_types():
    schema = file_of(lines([NOON])).schema_arrow
    assert schema.names == [
        "id", "row", "time", "endpoint", "revision", "arm", "probability", "sampled", "principal", "dialect", "status",
        "seconds", "rows", "error", "request_id", "subject", "in_x", "out_y",
    ]  # fmt: skip
    assert schema.field("time").type == pa.timestamp("us", "UTC")
    assert (schema.field("row").type, schema.field("status").type) == (pa.int32(), pa.int16())


def test_the_file_says_what_its_columns_are():
    schema = Schema.from_json(file_of(lines([NOON])).schema_arrow.metadata[METADATA])
    assert schema == SCHEMA


def test_many_lines_are_row_groups_with_statistics():
    file = file_of(lines([NOON + at for at in range(70_000)]))
    assert [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)] == [65_536, 4464]
    place = file.schema_arrow.names.index("time")
    second = file.metadata.row_group(1).column(place)
    assert second.statistics.min.timestamp() == NOON + 65_536
    assert second.compression == "ZSTD"


def test_wide_lines_are_smaller_row_groups():
    wide = schema_of([Field("x", "FP64", (-1, 100_000))])
    inputs = {"x": Column(np.ones((1, 100_000)))}
    records = [decode(interaction(1, wide, inputs, None, id=str(at))) for at in range(50)]
    tables = list(in_order(lines_of(wide, records, range(50)), wide))
    assert max(table.num_rows for table in tables) == 20
    assert sum(table.num_rows for table in tables) == 50


def test_a_file_that_cannot_be_written_is_let_go():
    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write(in_order(lines([NOON] * 1000), SCHEMA), Full())
