"""Rows of a file, a few at a time, from any row on; their keys without the rest."""

from __future__ import annotations

import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.doubles.harbour import interactions

from trimtab.journal.ship.messages import messages
from trimtab.journal.ship.rows import batches, keys


@pytest.fixture
def file(tmp_path):
    def write(table, group=3000):
        parquet.write_table(table, tmp_path / "x.parquet", row_group_size=group)
        return parquet.ParquetFile(tmp_path / "x.parquet")

    return write


@pytest.mark.parametrize("skip", [0, 1, 1999, 2000, 2001, 4999, 5000, 6000])
def test_no_row_is_left_out_or_twice(file, skip):
    found = list(batches(file(interactions(0, 5000)), skip))
    assert [row for batch in found for row in batch.column("in_tenure").to_pylist()] == list(range(skip, 5000))
    assert all(0 < batch.num_rows <= 2000 for batch in found)


def test_wide_rows_come_fewer_at_a_time(file):
    wide = interactions(0, 40, in_image=pa.array([bytes([number]) * 2_000_000 for number in range(40)]))
    assert max(batch.num_rows for batch in batches(file(wide, 10), 0)) <= 8


def test_a_file_without_rows_has_none(file):
    assert list(batches(file(interactions(0, 1).slice(0, 0)), 0)) == []
    assert list(keys(file(interactions(0, 1).slice(0, 0)), "interactions")) == []


def test_keys_are_those_of_the_messages(file):
    table = interactions(0, 4500)
    both = file(table)
    assert list(keys(both, "interactions")) == [
        message.key for batch in table.to_batches() for message in messages(batch, "interactions", 10**9)
    ]
    said = pa.table({"id": ["a", "b"], "row": pa.array([0, None], pa.int32()), "value": ["1", "2"]})
    (batch,) = said.to_batches()
    assert list(keys(file(said), "truth")) == [message.key for message in messages(batch, "truth", 10**9)]
