"""The target is whole or not there."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from trimtab.batch.sink import ParquetSink, Replacement


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_nothing_has_the_name_before_the_commit(tmp_path: Path) -> None:
    with Replacement(tmp_path / "out") as whole:
        whole.file.write(b"new")
        assert not (tmp_path / "out").exists()
        whole.commit(overwrite=False)
        assert (tmp_path / "out").read_bytes() == b"new"
    assert names(tmp_path) == ["out"]


def test_without_a_commit_nothing_stays(tmp_path: Path) -> None:
    with Replacement(tmp_path / "out") as whole:
        whole.file.write(b"new")
    assert names(tmp_path) == []


def test_another_file_stays_unless_it_is_to_be_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "out"
    for overwrite, expected in ((False, b"old"), (True, b"new")):
        target.write_bytes(b"old")
        with Replacement(target) as whole:
            whole.file.write(b"new")
            if overwrite:
                whole.commit(overwrite=True)
            else:
                with pytest.raises(FileExistsError):
                    whole.commit(overwrite=False)
        assert target.read_bytes() == expected
        assert names(tmp_path) == ["out"]


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
