"""Columns that are kept for some days only."""

from __future__ import annotations

import numpy as np
import pytest
from tests.doubles.logged import DAY, NOON, interaction, schema_of

from trimtab.core.errors import OutsideError
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.journal.interactions.schema import Schema, column_schema
from trimtab.journal.privacy.expire import EXPIRED, expire
from trimtab.journal.seal.clock import Reading
from trimtab.journal.seal.seal import seal
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.writer import Writer

FIELDS = (("mail", "keep 2d", "BYTES"), ("age", "keep 5d", "FP64"), ("x", "keep", "FP64"), ("later", "mask 3", "FP64"))
MIDNIGHT = NOON + DAY // 2


def believed(now):
    return lambda: Reading(now, now, "", 9 * DAY)


@pytest.fixture
def journal(folder):
    """A day's rows, of columns kept for ever, for two days and for five."""
    inputs = tuple(column_schema(Field(name, dtype), policy) for name, policy, dtype in FIELDS)
    schema = Schema("churn", "sha256:one", inputs, (column_schema(Field("y", "FP64"), "keep 2d"),))
    writer = Writer(folder)
    number = writer.declare(schema.to_json())
    text = np.array(["anna", "bert"], object)
    numbers = Column(np.array([1.0, 2.0]))
    columns = {"mail": Column(text), "age": numbers, "x": numbers, "later": numbers}
    record = interaction(number, schema, columns, {"y": np.array([3.0, 4.0])})
    writer.write([Frame(Kind.INTERACTION, record)])
    writer.close()
    assert seal(folder).problems == ()
    return folder


def table(folder):
    from pyarrow import parquet

    (path,) = folder.interactions.rglob("*.parquet")
    with path.open("rb") as file:
        return parquet.ParquetFile(file).read(use_threads=False)


def test_a_column_goes_when_the_last_of_its_day_is_older_and_no_other(journal):
    schema = table(journal).schema
    assert expire(journal, believed(MIDNIGHT + 2 * DAY - 1)) == 0
    assert expire(journal, believed(MIDNIGHT + 2 * DAY)) == 1
    found = table(journal)
    assert found["in_mail"].to_pylist() == found["out_y"].to_pylist() == [None, None]
    assert found["in_age"].to_pylist() == [1.0, 2.0]
    assert found.schema.remove_metadata() == schema.remove_metadata()
    assert found.schema.metadata[EXPIRED] == b'["in_mail", "out_y"]'
    (path,) = journal.interactions.rglob("*.parquet")
    assert b"anna" not in path.read_bytes()
    assert expire(journal, believed(MIDNIGHT + 5 * DAY - 1)) == 0
    assert expire(journal, believed(MIDNIGHT + 5 * DAY)) == 1
    assert table(journal)["in_age"].to_pylist() == [None, None]
    assert table(journal)["in_x"].to_pylist() == table(journal)["in_later"].to_pylist() == [1.0, 2.0]
    assert expire(journal, believed(MIDNIGHT + 500 * DAY)) == 0


def test_everything_that_is_due_goes_at_once(journal):
    assert expire(journal, believed(MIDNIGHT + 99 * DAY)) == 1
    assert table(journal).schema.metadata[EXPIRED] == b'["in_age", "in_mail", "out_y"]'


def test_a_clock_that_nobody_believes_empties_nothing(journal):
    assert expire(journal, lambda: Reading(MIDNIGHT + 99 * DAY, 5.0, "boot")) == 0
    assert table(journal)["in_mail"].to_pylist() == ["anna", "bert"]
    assert expire(journal, believed(MIDNIGHT + 99 * DAY)) == 1


def test_a_file_is_opened_when_something_of_it_is_due_and_not_before(journal):
    expire(journal, believed(MIDNIGHT))
    (path,) = journal.interactions.rglob("*.parquet")
    times, size = path.stat(), path.stat().st_size
    import os

    path.write_bytes(b"x" * size)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert expire(journal, believed(MIDNIGHT + DAY)) == 0
    with pytest.raises(OutsideError, match="P957"):
        expire(journal, believed(MIDNIGHT + 2 * DAY))


def test_other_files_are_left_alone(folder):
    schema = schema_of()
    assert schema.inputs
    assert expire(folder, believed(MIDNIGHT)) == 0
    day = folder.interactions / "endpoint=x" / "day=2026-01-01"
    day.mkdir(parents=True)
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table({"a": [1]}), day / "a-1.parquet")
    assert expire(folder, believed(MIDNIGHT + 999 * DAY)) == 0
