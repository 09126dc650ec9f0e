from __future__ import annotations

import numpy as np
import pytest

from trimtab.core.signature import Field
from trimtab.core.table import Column, Numbers, Table, side_by_side
from trimtab.journal.interactions.decode import decode, interaction_of
from trimtab.journal.interactions.encode import Encoder
from trimtab.journal.interactions.schema import Schema, column_schema

FACTS = ("3f-1", 1_700_000_000_000_000, 250, 200, 2, "oip")
P = column_schema(Field("p", "FP64", (-1,)))


def written(schema: Schema, table: Table | None, outputs: dict | None = None, **protect) -> tuple[bytes, dict]:
    facts = (*FACTS[:4], 0 if table is None else table.height, "oip")
    payload = Encoder(0, schema, protect, frozenset())(facts, table, outputs)
    return payload, dict(interaction_of(decode(payload), schema).inputs)


def test_numbers_side_by_side_are_one_run_of_bytes() -> None:
    schema = Schema("m", "sha256:0", tuple(column_schema(Field(name, "FP64", (-1,))) for name in "abc"))
    block = np.arange(6.0).reshape(3, 2)
    payload, inputs = written(schema, side_by_side("abc", block))
    assert block.tobytes() in payload
    assert [column.values.tolist() for column in inputs.values()] == block.tolist()


def test_of_a_block_only_what_is_kept_is_written() -> None:
    schema = Schema("m", "sha256:0", tuple(column_schema(Field(name, "FP64", (-1,))) for name in "ac"))
    payload, inputs = written(schema, side_by_side("abc", np.array([[1.0], [7.25], [3.0]])))
    assert list(inputs) == ["a", "c"]
    assert np.array([7.25]).tobytes() not in payload


def test_a_policy_stands_between_the_column_and_the_record() -> None:
    schema = Schema("m", "sha256:0", (column_schema(Field("who", "BYTES", (-1,))),))
    table = Table({"who": Column(np.array(["ann", "bob"], object))}, 2)
    payload, inputs = written(schema, table, who=lambda _column, _time: Column(np.array(["x1", "x2"], object)))
    assert b"ann" not in payload
    assert inputs["who"].values.tolist() == ["x1", "x2"]


def test_what_a_policy_drops_at_the_last_moment_is_not_there() -> None:
    schema = Schema("m", "sha256:0", (column_schema(Field("who", "BYTES", (-1,))), P))
    table = Table({"who": Column(np.array(["ann"], object)), "p": Column(np.array([1.0]))}, 1)
    payload, inputs = written(schema, table, who=lambda _column, _time: None)
    assert b"ann" not in payload
    assert list(inputs) == ["p"]


def test_outputs_without_a_signature_bring_their_names() -> None:
    schema = Schema("m", "sha256:0", (), None)
    encoder = Encoder(3, schema, {}, frozenset({"secret"}))
    payload = encoder(FACTS, None, {"label": np.array(["a", "b"]), "secret": np.array([1, 2]), "n": np.array([1, 2])})
    record = decode(payload)
    outputs = interaction_of(record, schema).outputs
    assert record.schema == 3
    assert {name: column.values.tolist() for name, column in outputs.items()} == {"label": ["a", "b"], "n": [1, 2]}


def test_a_value_of_a_foreign_type_is_written_as_text() -> None:
    schema = Schema("m", "sha256:0", (column_schema(Field("x", "BYTES", (-1,))),))
    _, inputs = written(schema, Table({"x": Column(np.array([1j, ("a", 1)], object))}, 2))
    assert inputs["x"].values[0] == "1j"
    assert inputs["x"].values[1].tolist() == ["a", 1]


@pytest.mark.parametrize("order", ["<", ">"])
def test_bytes_are_little_endian_whatever_the_array_is(order: str) -> None:
    schema = Schema("m", "sha256:0", (column_schema(Field("x", "INT32", (-1,))),))
    payload, inputs = written(schema, Table({"x": Column(np.array([1, 2], f"{order}i4"))}, 2))
    assert b"\x01\0\0\0\x02\0\0\0" in payload
    assert inputs["x"].values.tolist() == [1, 2]


F64, F32 = np.dtype(np.float64), np.dtype(np.float32)


def of(*names: str, dtype: str = "FP64", inner: tuple[int, ...] = (), outputs: tuple = (P,)) -> Schema:
    return Schema("m", "sha256:0", tuple(column_schema(Field(one, dtype, (-1, *inner))) for one in names), outputs)


@pytest.mark.parametrize(
    ("schema", "table"),
    [
        (of("a"), Table({"a": Numbers(np.array([1.5, -2.0]))}, 2)),
        (of("a", "b", "c"), side_by_side("abc", np.arange(6.0).reshape(3, 2))),
        (of("a", inner=(3,)), Table({"a": Numbers(np.arange(6.0).reshape(2, 3))}, 2)),
    ],
)
def test_bytes_side_by_side_are_packed_as_their_table_is_written(schema: Schema, table: Table) -> None:
    encoder, outputs = Encoder(7, schema, {}, frozenset()), {"p": np.array([0.25, 0.5])}
    assert encoder.plain(F64, F64)
    given = b"".join(column.values.tobytes() for column in table.columns.values())
    assert encoder.pack(FACTS, given, outputs["p"].tobytes()) == encoder(FACTS, table, outputs)


def test_singles_are_packed_so_that_they_are_read_back() -> None:
    encoder, values = (
        Encoder(0, schema := of("a", "b", dtype="FP32"), {}, frozenset()),
        np.arange(4, dtype=F32).reshape(2, 2),
    )
    assert encoder.plain(F32, F64)
    read = interaction_of(decode(encoder.pack(FACTS, values.tobytes(), bytes(16))), schema).inputs
    assert {name: column.values.tolist() for name, column in read.items()} == {"a": [0, 1], "b": [2, 3]}


@pytest.mark.parametrize(
    ("schema", "protect", "dropped", "rows", "answers"),
    [
        (of("a", "b"), {}, {"c"}, F64, F64),
        (of("a"), {}, {"c"}, F64, F64),
        (of("a", "b"), {"b": lambda column, _time: column}, set(), F64, F64),
        (of("a", "b"), {"p": lambda column, _time: column}, set(), F64, F64),
        (of("a", "b"), {}, set(), F32, F64),
        (of("a", "b"), {}, set(), F64, F32),
        (of("a", "b", dtype="BYTES"), {}, set(), F64, F64),
        (of(), {}, set(), F64, F64),
        (of("a", outputs=()), {}, set(), F64, F64),
        (of("a", outputs=(P, P)), {}, set(), F64, F64),
        (of("a", outputs=None), {}, set(), F64, F64),
    ],
)
def test_what_is_not_kept_as_it_is_is_not_packed(schema, protect, dropped, rows, answers) -> None:
    assert not Encoder(0, schema, protect, frozenset(dropped)).plain(rows, answers)
