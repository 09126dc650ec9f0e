"""Sealed files anew."""

from __future__ import annotations

import stat

import pyarrow as pa
import pytest
from pyarrow import parquet

from trimtab.core.errors import OutsideError
from trimtab.journal.privacy.rewrite import read_columns, rewrite


@pytest.fixture
def path(folder):
    path = folder.truth / "day=2026-01-01" / "a-1.parquet"
    path.parent.mkdir()
    table = pa.table({"a": [1, 2, 3, 4], "b": ["x", "y", "z", None]}).replace_schema_metadata({"k": "v"})
    parquet.write_table(table, path, row_group_size=2)
    return path


def read(path):
    with path.open("rb") as file:
        return parquet.ParquetFile(file).read(use_threads=False)


def test_rows_go_and_all_else_stays(folder, path):
    rewrite(folder, path, lambda table: table.filter(pa.compute.not_equal(table["a"], 2)), {b"more": b"1"})
    table = read(path)
    assert table.to_pydict() == {"a": [1, 3, 4], "b": ["x", "z", None]}
    assert table.schema.metadata == {b"k": b"v", b"more": b"1"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [left.name for left in path.parent.iterdir()] == ["a-1.parquet"]


def test_a_file_without_rows_stays_with_its_columns(folder, path):
    schema = read(path).schema
    rewrite(folder, path, lambda table: table.slice(0, 0))
    assert read(path).num_rows == 0
    assert read(path).schema.equals(schema, check_metadata=True)
    rewrite(folder, path, lambda table: table)
    assert read(path).num_rows == 0


def test_some_columns_are_read(path):
    assert read_columns(path, ["b"]).to_pydict() == {"b": ["x", "y", "z", None]}
    assert read_columns(path, ["b", "c"]) is None


def test_a_damaged_file_is_named_and_nothing_of_it_is_told(folder, path):
    path.write_bytes(b"PAR1 secret of a person PAR1")
    for act in (lambda: read_columns(path, ["a"]), lambda: rewrite(folder, path, lambda table: table)):
        with pytest.raises(OutsideError) as refused:
            act()
        assert refused.value.problems[0].code == "P957"
        assert "secret" not in str(refused.value)
    assert path.read_bytes() == b"PAR1 secret of a person PAR1"


def test_what_fails_halfway_leaves_the_file_as_it_was(folder, path):
    before = path.read_bytes()

    def fail(table):
        if table["a"][0].as_py() == 3:
            raise OSError(28, "No space left on device")
        return table

    with pytest.raises(OutsideError, match="No space left on device"):
        rewrite(folder, path, fail)
    assert path.read_bytes() == before
    assert [left.name for left in path.parent.iterdir()] == ["a-1.parquet"]


def test_a_file_that_has_gone_is_that(folder, path):
    path.unlink()
    with pytest.raises(FileNotFoundError):
        rewrite(folder, path, lambda table: table)
