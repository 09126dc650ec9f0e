"""The tables of a journal, and files by their shapes."""

from __future__ import annotations

import pyarrow as pa
import pytest
from pyarrow import parquet

from trimtab.journal.query.sources import TABLES
from trimtab.journal.query.tables import BASE, Footers, base_of, parts_of_files


@pytest.fixture
def file(tmp_path):
    """Writes a Parquet file with these columns."""

    def write(name, **columns):
        parquet.write_table(pa.table(columns), tmp_path / name)
        return tmp_path / name

    return write


def test_every_table_has_columns_that_are_always_there():
    assert tuple(BASE) == TABLES
    for table in TABLES:
        assert dict(base_of(table))["time"] == pa.timestamp("us", "UTC")


def test_what_is_sealed_has_just_these_columns(logging, opened):
    log = logging()
    log.ask(1)
    log.tell("truth", id="x", value=1, time=1.0, received=1.0)
    log.tell("feedback", id="x", score=1.0, time=1.0, received=1.0)
    unsealed = opened().unsealed()
    for table in ("interactions", "truth", "feedback"):
        (part,) = unsealed.parts[table]
        assert {name: type_ for name, type_ in part.shape.columns if not name.startswith(("in_", "out_"))} == dict(
            base_of(table)
        )


def test_files_of_one_shape_are_read_together(file):
    paths = [file("1.parquet", x=[1]), file("2.parquet", x=[1.5]), file("3.parquet", x=[2]), file("4.parquet", y=["a"])]
    parts, damage = parts_of_files(paths, Footers())
    named = ["".join(path.name[0] for path in paths if path.name in part.source) for part in parts]
    assert named == ["13", "2", "4"]
    assert [part.shape.columns for part in parts] == [
        (("x", pa.int64()),), (("x", pa.float64()),), (("y", pa.string()),),
    ]  # fmt: skip
    assert damage == []


def test_a_file_that_cannot_be_read_is_left_out_and_told(file, tmp_path):
    (tmp_path / "bad").write_bytes(b"PAR1 no such thing PAR1")
    parts, damage = parts_of_files([file("a", x=[1]), tmp_path / "bad"], Footers())
    assert len(parts) == 1
    assert len(damage) == 1
    assert damage[0].startswith(f"{tmp_path / 'bad'}: ")


def test_a_file_that_has_gone_is_no_damage(tmp_path):
    with pytest.raises(FileNotFoundError):
        parts_of_files([tmp_path / "gone"], Footers())


def test_a_footer_is_read_once(file):
    footers, path = Footers(), file("a", x=[1])
    shape = footers.shape(path)
    path.unlink()
    assert footers.shape(path) is shape
