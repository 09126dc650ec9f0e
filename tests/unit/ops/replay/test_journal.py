"""A real journal as a replay sees it: sealed and not, of several revisions and endpoints, within a time."""

from __future__ import annotations

from contextlib import closing, contextmanager

import numpy as np
import pyarrow as pa
import pytest
from tests.doubles.logged import DAY, FIELDS, NOON, OUTPUTS, Logging, interaction, schema_of

from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.journal.folder import open_folder
from trimtab.journal.interactions.schema import ColumnSchema, Schema
from trimtab.journal.seal.seal import seal
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.writer import Writer
from trimtab.ops.replay.journal import Logged, Span
from trimtab.ops.replay.recorded import FACTS
from trimtab.ops.replay.rows import gather

EVER = Span()


@pytest.fixture
def folder(tmp_path):
    return open_folder(tmp_path / "journal")


@contextmanager
def logging(folder, schema=None):
    with closing(Writer(folder)) as writer:
        yield Logging(writer, schema)


def sealed(folder):
    assert seal(folder).problems == ()


def read(folder, span=EVER, columns=("in_x",), endpoint="churn", ids=None):
    with Logged(folder, span) as journal:
        return journal.read(endpoint, columns, ids)


def test_what_is_sealed_and_what_is_not_are_one_table_in_order(folder):
    with logging(folder) as first:
        for number in (3, 1, 2):
            first.ask(number)
    sealed(folder)
    with logging(folder) as second:
        second.ask(0, rows=2)
        second.ask(9)
    table = read(folder, columns=("id", "row", "in_x", "out_y", "sampled"))
    assert table["in_x"].to_pylist() == [0, 1, 1, 2, 3, 9]
    assert table["row"].to_pylist() == [0, 1, 0, 0, 0, 0]
    assert table["out_y"].to_pylist() == [0, 2, 2, 4, 6, 18]
    some = read(folder, columns=("in_x",), ids=pa.array([table["id"][0].as_py(), table["id"][5].as_py()]))
    assert some["in_x"].to_pylist() == [0, 1, 9]


def test_each_segment_and_file_says_what_was_kept(folder):
    hashed = Schema(
        "churn", "sha256:two", (ColumnSchema("x", "FP64"), ColumnSchema("plan", "BYTES", policy="hash")), ()
    )
    with logging(folder) as first:
        first.ask(1)
    sealed(folder)
    with logging(folder) as second, logging(folder, hashed) as third:
        second.ask(2, rows=3)
        third.ask(3, rows=2)
    with Logged(folder, Span()) as journal:
        parts = journal.parts("churn")
    both = {"in_x": "keep", "in_plan": "keep", "out_y": "keep"}
    assert sorted((part.rows, part.policies) for part in parts if part.policies == both) == [(1, both), (3, both)]
    (other,) = (part for part in parts if part.policies != both)
    assert (other.rows, other.policies) == (2, {"in_x": "keep", "in_plan": "hash"})


def test_endpoints_are_told_apart(folder):
    with logging(folder) as one, logging(folder, schema_of(endpoint="a b/c")) as other:
        one.ask(1)
        one.ask(2, rows=2)
        other.ask(3)
    sealed(folder)
    with Logged(folder, Span()) as journal:
        assert journal.endpoints() == {"a b/c": 1, "churn": 3}
        assert journal.read("a b/c", ["in_x"])["in_x"].to_pylist() == [3]
        assert [part.rows for part in journal.parts("a b/c")] == [1]


@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_span_has_a_beginning_and_an_end(folder, is_sealed):
    with logging(folder) as log:
        for days in range(5):
            log.ask(days, time=NOON + days * DAY)
    if is_sealed:
        sealed(folder)
    assert read(folder, Span(NOON + DAY, NOON + 3 * DAY))["in_x"].to_pylist() == [1, 2]
    assert read(folder, Span(last_s=2 * DAY))["in_x"].to_pylist() == [2, 3, 4]
    assert read(folder, Span(last_s=DAY, until=NOON + 3 * DAY))["in_x"].to_pylist() == [1, 2]
    with Logged(folder, Span(NOON + DAY, NOON + 3 * DAY)) as journal:
        assert sum(part.rows for part in journal.parts("churn")) == 2
        assert journal.endpoints() == {"churn": 2}


def test_revisions_with_other_columns_have_null_in_their_place(folder):
    wider = schema_of((*FIELDS[:1], Field("age", "INT64")), OUTPUTS, revision="sha256:two")
    with logging(folder) as log:
        log.ask(1)
    with closing(Writer(folder)) as writer:
        number = writer.declare(wider.to_json())
        columns = {"x": Column(np.array([5.0])), "age": Column(np.array([40]))}
        record = interaction(number, wider, columns, {"y": np.array([1.0])}, id="later", time=NOON + 9)
        writer.write([Frame(Kind.INTERACTION, record)])
    sealed(folder)
    table = read(folder, columns=("in_x", "in_age", "in_plan"))
    assert table.to_pydict() == {"in_x": [1, 5], "in_age": [None, 40], "in_plan": ["plan 1", None]}


def test_values_whose_days_are_over_are_not_kept_any_more(folder):
    schema = Schema(
        "churn", "sha256:one", (ColumnSchema("x", "FP64", policy="keep 30d"), ColumnSchema("z", "FP64")), ()
    )
    with closing(Writer(folder)) as writer:
        number = writer.declare(schema.to_json())
        gone = Column(np.array([np.nan]), np.array([True]))
        record = interaction(number, schema, {"x": gone, "z": gone}, {})
        writer.write([Frame(Kind.INTERACTION, record)])
    sealed(folder)
    with Logged(folder, EVER) as journal:
        (part,) = journal.parts("churn")
    assert part.policies == {"in_x": "keep 30d, which is over", "in_z": "keep"}


def test_an_empty_journal_has_nothing(folder):
    with Logged(folder, Span(last_s=DAY)) as journal:
        assert journal.endpoints() == {}


def test_what_is_gathered_from_it_has_all_that_a_replay_needs(folder):
    with logging(folder) as log:
        for number in range(30):
            log.ask(number, rows=number % 3 + 1, sampled=0.5)
    sealed(folder)
    with Logged(folder, Span()) as journal:
        rows = gather(journal, "churn", ["in_x", "in_plan", "out_y"], 20)
    assert (rows.interactions, rows.of, len(set(rows.cluster.tolist()))) == (20, 30, 20)
    assert rows.table.column_names == [*FACTS, "in_x", "in_plan", "out_y"]
    assert set(rows.weight.tolist()) == {3.0}


def test_damage_is_told(folder):
    with logging(folder) as log:
        for number in range(3):
            log.ask(number)
    (segment,) = folder.segments.glob("*.seg")
    data = bytearray(segment.read_bytes())
    data[-10] ^= 1
    segment.write_bytes(data)
    with Logged(folder, Span()) as journal:
        assert journal.read("churn", ["in_x"]).num_rows == 2
        assert len(journal.damage) == 1
