from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.core.dtypes import DTYPES
from trimtab.core.interactions import Interaction
from trimtab.core.signature import Field
from trimtab.core.table import Column, Table
from trimtab.journal.interactions.decode import decode, interaction_of, number_of
from trimtab.journal.interactions.encode import Encoder
from trimtab.journal.interactions.schema import Schema, column_schema


def read_back(schema: Schema, columns: dict[str, Column], rows: int) -> Interaction:
    facts = ("3f-1", 1_700_000_000_123_456, 250, 200, rows, "oip", "key:ci", "mine", "", 0.5, ["s1"] * rows, "b", 0.1)
    return interaction_of(decode(Encoder(0, schema, {}, frozenset())(facts, Table(columns, rows), {})), schema)


def test_the_facts_come_back() -> None:
    schema = Schema("churn", "sha256:0", (), ())
    found = read_back(schema, {}, 2)
    assert (found.id, found.time, found.seconds) == ("3f-1", 1_700_000_000.123456, 0.00025)
    assert (found.endpoint, found.revision, found.status, found.rows) == ("churn", "sha256:0", 200, 2)
    assert (found.dialect, found.principal, found.request_id, found.error) == ("oip", "key:ci", "mine", "")
    assert (found.sampled, found.subjects, found.arm, found.probability) == (0.5, ("s1", "s1"), "b", 0.1)


def test_a_short_record_has_the_facts_of_most_requests() -> None:
    schema = Schema("churn", "sha256:0", ())
    payload = Encoder(7, schema, {}, frozenset())(("3f-1", 0, 0, 503, 0, "grpc"), None, None)
    found = interaction_of(decode(payload), schema)
    assert number_of(payload) == 7
    assert (found.principal, found.sampled, found.probability, found.subjects) == ("", 1.0, 1.0, ())
    assert not found.inputs
    assert not found.outputs


@given(
    dtype=st.sampled_from(sorted(DTYPES)),
    rows=st.integers(0, 9),
    inner=st.sampled_from([(), (2,), (0,), (2, 3), (-1,)]),
    masked=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_columns_of_every_dtype_come_back(dtype: str, rows: int, inner: tuple, *, masked: bool, seed: int) -> None:
    chance = np.random.default_rng(seed)
    shape = (rows, *(3 if size == -1 else size for size in inner))
    if dtype == "BYTES":
        pool = np.array(["", "ä", b"\xff\0", "x" * 40, 'a"b'], object)
        values = pool[chance.integers(0, 5, shape)]
    else:
        values = chance.integers(0, 2, shape).astype(DTYPES[dtype])
    missing = chance.integers(0, 2, rows).astype(bool) if masked else None
    field = Field("x", dtype, (-1, *inner), nullable=True)
    found = read_back(Schema("m", "sha256:0", (column_schema(field),), ()), {"x": Column(values, missing)}, rows)
    column = found.inputs["x"]
    gone = np.zeros(rows, bool) if missing is None else missing
    assert (np.zeros(rows, bool) if column.missing is None else column.missing).tolist() == gone.tolist()
    for row in np.flatnonzero(~gone):
        assert np.array_equal(np.asarray(column.values[row]), np.asarray(values[row]))
    if dtype != "BYTES":
        assert column.values.dtype == values.dtype


@given(unit=st.sampled_from(["s", "ms", "us", "ns"]), ticks=st.lists(st.integers(-(2**62), 2**62), max_size=5))
def test_times_come_back(unit: str, ticks: list[int]) -> None:
    field = Field("t", "BYTES", (-1,), kind="datetime", frame=f"datetime64[{unit}]")
    values = np.array([*ticks, np.iinfo(np.int64).min], np.int64).view(f"datetime64[{unit}]")
    column = Column(values, np.isnat(values))
    found = read_back(Schema("m", "sha256:0", (column_schema(field),), ()), {"t": column}, len(values)).inputs["t"]
    assert found.values.dtype == values.dtype
    assert found.values.view(np.int64).tolist() == values.view(np.int64).tolist()


def test_lists_of_varying_length_come_back() -> None:
    values = np.empty(3, object)
    values[:] = [np.array([1.5, 2.5]), None, np.array([], np.float64)]
    field = Field("x", "FP64", (-1, -1), nullable=True)
    column = Column(values, np.array([False, True, False]))
    found = read_back(Schema("m", "sha256:0", (column_schema(field),), ()), {"x": column}, 3).inputs["x"]
    assert [None if one is None else one.tolist() for one in found.values] == [[1.5, 2.5], None, []]


@given(st.binary(max_size=200))
def test_bytes_that_are_no_record_are_refused(data: bytes) -> None:
    schema = Schema("m", "sha256:0", (column_schema(Field("x", "INT32", (-1,))),), ())
    said = ""
    try:
        interaction_of(decode(data), schema)
    except ValueError as error:
        said = str(error)
    assert not said or "no record of an interaction" in said


@pytest.mark.parametrize(
    "inputs", [[b"abc"], b"abc", [{"d": "O8", "s": [1], "v": b"12345678"}], [[1], [2]], 3, {"x": b""}]
)
def test_columns_that_do_not_fit_are_refused(inputs: object) -> None:
    import msgspec

    schema = Schema("m", "sha256:0", (column_schema(Field("x", "INT32", (-1,))),), ())
    data = msgspec.msgpack.encode((0, ("a", 0, 0, 200, 1, "oip"), inputs, []))
    with pytest.raises(ValueError, match="no record of an interaction"):
        interaction_of(decode(data), schema)
