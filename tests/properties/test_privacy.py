"""Whatever a row holds, and whatever the policies are: what must not be kept is in no byte of what is written."""

from __future__ import annotations

import struct
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.doubles.logged import INTERACTION_ID, NOON

from trimtab.core.check import check
from trimtab.core.policies import misfit, parse_policy
from trimtab.core.signature import Field, Signature
from trimtab.journal.folder import open_folder
from trimtab.journal.interactions.encode import Encoder
from trimtab.journal.interactions.schema import Schema, column_schema
from trimtab.journal.privacy.apply import kept_field, protector, subjects_of
from trimtab.journal.privacy.keys import open_keys

POLICIES = ("keep", "keep 7d", "drop", "hash", "tokenise", "bucket 1000", "bucket year")
KINDS = (
    Field("", "BYTES"), Field("", "BYTES", nullable=True), Field("", "BYTES", kind="bytes"),
    Field("", "BYTES", (-1, 2)),
    Field("", "BYTES", (-1, -1)), Field("", "INT64"), Field("", "FP64"), Field("", "INT64", (-1, -1)),
    Field("", "BYTES", kind="datetime"),
)  # fmt: skip


def leaf(field: Field, number: int) -> object:
    """A value that stands for itself, and is no lower end of a bucket."""
    if field.kind == "datetime":
        return f"{2000 + number % 100}-07-{number % 28 + 1:02}T11:12:13.{number % 10**6:06}"
    if field.dtype == "INT64":
        return number * 1000 + 789
    if field.dtype == "FP64":
        return number * 1000 + 0.789
    return f"mark{number:x}é".encode() if field.kind == "bytes" else f"mark{number:x}é"


def mark(value: object) -> bytes:
    """How it would stand in what is written."""
    if isinstance(value, str) and value[4:5] == "-":
        return struct.pack("<q", int(np.datetime64(value, "us").astype(np.int64)))
    if isinstance(value, int):
        return struct.pack("<q", value)
    if isinstance(value, float):
        return struct.pack("<d", value)
    return value.encode() if isinstance(value, str) else bytes(value)  # type: ignore[call-overload]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Field], list[str], dict[str, list[object]]]:
    """Fields, a policy that fits each, and rows in which every value is another one."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=5))
    numbers = iter(draw(st.permutations(range(10**6, 10**6 + 200))))
    height = draw(st.integers(1, 4))
    fields, policies, columns = [], [], {}
    for at, kind in enumerate(kinds):
        field = Field(f"c{at}", kind.dtype, kind.shape, kind.nullable, kind=kind.kind)
        fields.append(field)
        fitting = [text for text in POLICIES if not misfit(field, parse_policy(text))]
        policies.append(draw(st.sampled_from(fitting)))
        rows: list[object] = []
        for _ in range(height):
            if len(field.shape) > 1:
                size = 2 if field.shape[1] == 2 else draw(st.integers(0, 3))
                rows.append([leaf(field, next(numbers)) for _ in range(size)])
            else:
                rows.append(None if field.nullable and draw(st.booleans()) else leaf(field, next(numbers)))
        columns[field.name] = rows
    return fields, policies, columns


def leaves(value: object) -> list[object]:
    if isinstance(value, list):
        return [one for item in value for one in leaves(item)]
    return [] if value is None else [value]


@given(tables())
def test_no_value_is_written_but_those_that_are_kept(drawn):
    fields, texts, columns = drawn
    table = check(Signature(tuple(fields), container="arrays"), columns)
    with TemporaryDirectory() as place:
        keys = open_keys(open_folder(Path(place, "journal")))
        written = encoded(keys, fields, texts, table)
    for field, text in zip(fields, texts, strict=True):
        values = leaves(columns[field.name])
        there = [value for value in values if mark(value) in written]
        assert there == (values if text.startswith("keep") else []), f"{field} {text}"


def encoded(keys, fields, texts, table):
    policies = [parse_policy(text) for text in texts]
    kept = [(kept_field(field, policy), policy) for field, policy in zip(fields, policies, strict=True)]
    schema = Schema(
        "e", "r", tuple(column_schema(field, str(policy)) for field, policy in kept if field is not None), None
    )
    protect = {
        field.name: protector(field, policy, keys)
        for field, policy in zip(fields, policies, strict=True)
        if policy.kind != "keep"
    }
    dropped = frozenset(field.name for field, policy in zip(fields, policies, strict=True) if policy.kind == "drop")
    plain = next((field.name for field in fields if len(field.shape) == 1), None)
    subjects = None if plain is None else list(subjects_of(table.columns[plain], keys))
    facts = (f"{INTERACTION_ID}1", int(NOON * 1e6), 1000, 200, table.height, "rows", "", "", "", 1.0, subjects, "", 1.0)
    outputs = {name: column.values for name, column in table.columns.items() if name in dropped or name in protect}
    return Encoder(1, schema, protect, dropped)(facts, table, outputs)
