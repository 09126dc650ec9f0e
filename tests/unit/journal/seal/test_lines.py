"""Interactions as lines, one a row; what becomes of their columns has its tests in `test_arrow.py`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from tests.doubles.logged import NOON, interaction, schema_of

from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.journal.interactions.decode import decode
from trimtab.journal.seal.lines import join, lines_of

SCHEMA = schema_of()


def record(rows, *, answered=True, **facts):
    inputs = {"x": Column(np.arange(rows, dtype=float)), "plan": Column(np.array(["p"] * rows, object))}
    outputs = {"y": np.arange(rows) / 2} if answered else None
    return decode(interaction(1, SCHEMA, inputs if rows else None, outputs if rows else None, **facts))


def test_a_line_a_row():
    lines = lines_of(SCHEMA, [record(2, id="a"), record(2, id="b", subjects=["s", ""])], [0, 1])
    assert len(lines) == 4
    assert lines.of.tolist() == [0, 0, 1, 1]
    assert lines.row.tolist() == [0, 1, 0, 1]
    assert lines.facts["id"].to_pylist() == ["a", "b"]
    assert lines.columns["in_x"].to_pylist() == [0, 1, 0, 1]
    assert lines.columns["subject"].to_pylist() == [None, None, "s", None]


def test_a_question_that_fits_nothing_is_one_line_without_a_row():
    lines = lines_of(SCHEMA, [record(0, status=400, error="P310")], [0])
    assert (len(lines), lines.row.tolist(), lines.columns) == (1, [-1], {})
    assert lines.facts["error"].to_pylist() == ["P310"]


def test_a_question_without_an_answer_has_rows():
    lines = lines_of(SCHEMA, [record(2, answered=False)], [0])
    assert set(lines.columns) == {"in_x", "in_plan", "subject"}


def test_numbers_that_lie_side_by_side():
    schema = schema_of([Field("a", "FP32"), Field("b", "FP32")])
    block = np.array([[1, 2], [3, 4]], np.float32)
    records = [decode(interaction(1, schema, None, None, rows=2)) for _ in range(2)]
    records = [type(one)(one.schema, one.facts, (block + at).tobytes()) for at, one in enumerate(records)]
    lines = lines_of(schema, records, [0, 1])
    assert lines.columns["in_a"].to_pylist() == [1, 2, 2, 3]
    assert lines.columns["in_b"].to_pylist() == [3, 4, 4, 5]


def test_times_are_exact():
    lines = lines_of(SCHEMA, [record(1, time=NOON + 0.000001, seconds=0.25)], [0])
    assert lines.facts["time"].cast(pa.int64()).to_pylist() == [NOON * 10**6 + 1]
    assert lines.facts["seconds"].to_pylist() == [0.25]


def test_joined_lines_have_every_column():
    parts = [lines_of(SCHEMA, [record(0)], [0]), lines_of(SCHEMA, [record(2, answered=False)], [1])]
    parts.append(lines_of(SCHEMA, [record(1)], [2]))
    lines = join(parts, SCHEMA)
    assert list(lines.columns) == ["subject", "in_x", "in_plan", "out_y"]
    assert lines.of.tolist() == [0, 1, 1, 2]
    assert lines.columns["in_x"].to_pylist() == [None, 0, 1, 0]
    assert lines.columns["out_y"].to_pylist() == [None, None, None, 0]
    assert lines.columns["out_y"].type == pa.float64()


def test_a_column_that_nobody_has_described_and_that_has_no_value_is_left_out():
    schema = schema_of(outputs=None)
    plain = interaction(1, schema, {"x": Column(np.ones(1)), "plan": Column(np.array(["p"], object))}, None)
    one = decode(plain)
    one = type(one)(one.schema, one.facts, one.inputs, {"seen": [None], "said": ["a"]})
    assert list(join([lines_of(schema, [one], [0])], schema).columns) == ["subject", "in_x", "in_plan", "out_said"]


def test_some_of_them():
    lines = lines_of(SCHEMA, [record(2, id="a"), record(2, id="b")], [0, 1]).where(np.array([True, False, False, True]))
    assert (lines.of.tolist(), lines.row.tolist()) == ([0, 1], [0, 1])
    assert lines.columns["in_x"].to_pylist() == [0, 1]


@pytest.mark.parametrize(
    ("inputs", "outputs", "facts"),
    [
        ([b"", []], None, {}),
        ([b"x" * 8], None, {}),
        (b"x" * 16, None, {}),
        (None, {"y": b"x" * 8}, {}),
        (None, None, {"subjects": ["a", "b"]}),
        (None, None, {"rows": -1}),
        (None, None, {"rows": 2**40}),
        (None, None, {"status": 99999}),
    ],
)
def test_what_does_not_fit_is_refused(inputs, outputs, facts):
    one = decode(interaction(1, SCHEMA, None, None, **{"rows": 1} | facts))
    with pytest.raises((ValueError, OverflowError, MemoryError)):
        lines_of(SCHEMA, [type(one)(one.schema, one.facts, inputs, outputs)], [0])


def test_columns_without_names_are_refused():
    schema = schema_of(outputs=None)
    one = decode(interaction(1, schema, None, None, rows=1))
    with pytest.raises(ValueError, match="without names"):
        lines_of(schema, [type(one)(one.schema, one.facts, None, [b"x" * 8])], [0])
