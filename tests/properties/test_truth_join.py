"""The join of truth with what was asked: DuckDB and a few lines of Python come to the same table, in whatever order."""

import random
import re
from collections import defaultdict
from dataclasses import replace

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trimtab.core.interactions import Truth
from trimtab.journal.truth.join import POLICIES, truth_joined, unknown
from trimtab.journal.truth.records import number_of, record_of, text_of, truth_row

GIVEN = [f"{'0' * 12}{'a' * 12}-{number}" for number in range(3)]
CALLED = ["order-7", "order-8"]
VALUES = [0, 1, 1.0, True, "1", "x", 2**60, 2**60 + 1]
START = 1_700_000_000.0
ASKED = pa.schema([("id", "string"), ("row", "int32"), ("principal", "string"), ("request_id", "string")])
SAID = pa.schema(
    [("id", "string"), ("row", "int32"), ("name", "string"), ("value", "string"), ("number", "float64")]
    + [(name, pa.timestamp("us")) for name in ("time", "received")]
    + [("principal", "string"), ("operator", "bool")]
)


def offline(asked, said, policy):
    """The join without a database: {(id, row, name): (value, time, entries, contradictory)}, and who is unknown."""
    entries, unclaimed = {}, set()
    for one in sorted(said, key=lambda entry: entry.received):
        number = number_of(one.value)
        same = text_of(one.value) if number is None else number
        told = None if one.time == one.received else one.time
        about = [
            ident
            for ident, row, principal, request_id in asked
            if row == one.row
            and (one.operator or principal == one.principal)
            and (
                ident == one.id or (request_id == one.id and not re.fullmatch(r"[0-9a-f]{12}[a-z2-7]{12}-\w+", one.id))
            )
        ]
        for ident in about:
            key = (ident, one.row, one.name, same, told, one.principal)
            entries.setdefault(key, []).append(one)
        if not about:
            unclaimed.add((one.id, one.row, one.name, same, told, one.principal))
    groups = defaultdict(list)
    for (ident, row, name, same, told, principal), copies in entries.items():
        received = copies[0].received
        time = received if told is None else told
        value = min(text_of(copy.value) for copy in copies)
        groups[ident, row, name].append((time, received, str(same), principal, value))
    table = {}
    for key, found in groups.items():
        contradictory = len({same for _, _, same, _, _ in found}) > 1
        if contradictory and policy == "none":
            continue
        sign = -1 if policy == "last" else 1
        best = min(found, key=lambda one: (sign * one[0], sign * one[1], one[2], one[3]))
        table[key] = (best[4], best[0], len(found), contradictory)
    return table, unclaimed


@pytest.fixture(scope="module")
def db():
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


def by_duckdb(db, asked, said, policy):
    """The same by the rules in SQL."""
    interactions = pa.Table.from_pylist([dict(zip(ASKED.names, one, strict=True)) for one in asked], ASKED)
    rows = [truth_row(record_of(one)) for one in said]
    rows = [row | {key: round(row[key] * 1e6) for key in ("time", "received")} for row in rows]
    truth = pa.Table.from_pylist(rows, SAID)
    db.register("interactions", interactions)
    db.register("truth", truth)
    columns = "id, row, name, value, epoch(time), entries, contradictory"
    found = db.sql(truth_joined(policy)).project(columns).fetchall()
    table = {one[:3]: one[3:] for one in found}
    return table, len(db.execute(unknown("truth")).fetchall())


asked_rows = st.lists(
    st.tuples(
        st.sampled_from(GIVEN + CALLED),
        st.integers(0, 1),
        st.sampled_from("ab"),
        st.sampled_from(["", *CALLED, GIVEN[0]]),
    ),
    max_size=6,
    unique_by=lambda one: one[:2],
)


@st.composite
def entries(draw):
    """Some entries, none received at the time of another."""
    said = []
    for at in range(draw(st.integers(0, 12))):
        received = START + at
        told = draw(st.none() | st.integers(-5, 5).map(lambda days: START + 0.5 + days))
        said.append(
            Truth(
                draw(st.sampled_from(GIVEN + CALLED)),
                draw(st.sampled_from(VALUES)),
                received if told is None else told,
                received,
                draw(st.integers(0, 1)),
                draw(st.sampled_from(["truth", "late"])),
                draw(st.sampled_from("ab")),
                draw(st.booleans()),
            )
        )
    return said


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=30, deadline=None)
@given(asked=asked_rows, said=entries())
def test_the_database_and_the_plain_rule_agree(db, policy, asked, said):
    table, unclaimed = offline(asked, said, policy)
    assert by_duckdb(db, asked, said, policy) == (table, len(unclaimed))


@settings(max_examples=20, deadline=None)
@given(asked=asked_rows, said=entries(), chance=st.randoms(use_true_random=False))
def test_what_is_sent_again_and_stored_in_another_order_changes_nothing(db, asked, said, chance):
    expected = by_duckdb(db, asked, said, "last")
    again = [
        replace(one, received=one.received + 100, time=one.time + 100 * (one.time == one.received)) for one in said
    ]
    mixed = [*said, *chance.sample(again, len(again) // 2)]
    chance.shuffle(mixed)
    assert by_duckdb(db, asked, mixed, "last") == expected


def test_truth_that_says_when_may_arrive_in_any_order_three_times(db):
    """Late, early, twice, of nobody: the table is that of an offline join."""
    chance = random.Random(6)
    asked = [(f"{number:012x}{'a' * 12}-1", row, "app", f"order-{number}") for number in range(200) for row in (0, 1)]
    said = [
        Truth(chance.choice([ident, request]), chance.choice([0, 1]), START - 60 * day, 0.0, row, principal="app")
        for ident, row, _, request in asked
        for day in range(chance.choice([0, 1, 1, 2, 3]))
    ]
    said += [Truth(f"nobody-{number}", 1, START, 0.0, principal="app") for number in range(20)]
    tables = []
    for _ in range(3):
        arriving = said + chance.sample(said, 50)
        chance.shuffle(arriving)
        arrived = [replace(one, received=START + at) for at, one in enumerate(arriving)]
        table, lost = by_duckdb(db, asked, arrived, "last")
        assert (table, lost) == (offline(asked, arrived, "last")[0], 20)
        tables.append(table)
    assert tables[0] == tables[1] == tables[2]
    assert len(tables[0]) > 200
    assert any(contradictory for _, _, _, contradictory in tables[0].values())
