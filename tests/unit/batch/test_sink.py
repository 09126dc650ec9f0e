"""Answers become a Parquet file."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from trimtab.batch.sink import ParquetSink


def test_small_batches_become_large_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    with path.open("wb") as file, ParquetSink(file) as sink:
        for start in range(0, 200_000, 1000):
            sink.write(pa.RecordBatch.from_pydict({"y": list(range(start, start + 1000))}))
    with parquet.ParquetFile(path) as file:
        assert file.metadata.num_row_groups == 2
        assert file.read().column("y").to_pylist() == list(range(200_000))


def test_a_batch_without_rows_still_makes_a_file_with_columns(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    with path.open("wb") as file, ParquetSink(file) as sink:
        sink.write(pa.RecordBatch.from_pydict({"y": pa.array([], pa.float64())}))
    assert parquet.read_table(path).schema.names == ["y"]


def test_a_writer_that_fails_leaves_no_second_error(tmp_path: Path) -> None:
    def fail() -> None:
        with (tmp_path / "out").open("wb") as file, ParquetSink(file) as sink:
            sink.write(pa.RecordBatch.from_pydict({"y": [1]}))
            file.close()

    with pytest.raises(ValueError, match="closed"):
        fail()
