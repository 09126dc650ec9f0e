"""The frames of a segment into tables, and what is none of them."""

from __future__ import annotations

import numpy as np
import pytest
from tests.doubles.logged import DAY, NOON, interaction, schema_of

from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.journal.seal.gather import Gathering
from trimtab.journal.segments.frames import Frame, Kind, declaration
from trimtab.journal.segments.records import record_frame
from trimtab.journal.segments.scan import Damage

ONE, TWO = schema_of([Field("x", "FP64")]), schema_of([Field("x", "FP64")], revision="sha256:two")


def asked(schema=ONE, number=1, rows=1, **facts):
    inputs = {"x": Column(np.arange(rows, dtype=float))} if rows else None
    return Frame(
        Kind.INTERACTION, interaction(number, schema, inputs, {"y": np.zeros(rows)} if rows else None, **facts)
    )


def gather(*frames, damage=(), forgotten=None, declared=(ONE, TWO)):
    gathering = Gathering("a-000001", float(NOON), forgotten)
    for number, schema in enumerate(declared, start=1):
        gathering.take(declaration(number, schema.to_json()))
    for frame in frames:
        gathering.take(frame)
    gathering.finish(damage)
    found = {(place, part): [row for table in tables for row in table.to_pylist()]
             for place, part, tables in gathering.tables()}  # fmt: skip
    return gathering, found


def test_days_and_endpoints_are_folders_and_revisions_parts():
    other = schema_of([Field("x", "FP64")], endpoint="other/name")
    _, found = gather(
        asked(id="a"), asked(TWO, 2, id="b"), asked(id="c", time=NOON + DAY), asked(other, 3, id="d"), asked(id="e"),
        declared=(ONE, TWO, other),
    )  # fmt: skip
    assert {place: [row["id"] for row in rows] for place, rows in found.items()} == {
        ("interactions/endpoint=churn/day=2026-02-16", 0): ["a", "e"],
        ("interactions/endpoint=churn/day=2026-02-16", 1): ["b"],
        ("interactions/endpoint=churn/day=2026-02-17", 0): ["c"],
        ("interactions/endpoint=other%2Fname/day=2026-02-16", 0): ["d"],
    }


def test_questions_of_every_size_stand_together():
    gathering, found = gather(*(asked(id=str(rows), rows=rows, time=NOON + rows) for rows in (3, 0, 1, 2, 1)))
    ((rows),) = found.values()
    assert [(row["id"], row["row"]) for row in rows] == [
        ("0", None), ("1", 0), ("1", 0), ("2", 0), ("2", 1), ("3", 0), ("3", 1), ("3", 2),
    ]  # fmt: skip
    assert gathering.counts.interactions == 5


def test_more_than_are_objects_at_a_time():
    gathering, found = gather(*(asked(id=str(at), time=NOON + at / 1000) for at in range(20_000)))
    ((rows),) = found.values()
    assert [row["id"] for row in rows] == [str(at) for at in range(20_000)]
    assert gathering.counts.interactions == 20_000


def test_records_and_gaps_have_tables_of_their_own():
    truth = {"id": "a", "value": 1, "time": NOON, "received": NOON + DAY}
    gathering, found = gather(
        record_frame("truth", truth), record_frame("feedback", {"id": "a", "time": NOON, "received": NOON, "score": 1}),
        record_frame("audit", {}), Frame(Kind.GAP, b'{"count":2}'),
    )  # fmt: skip
    assert [place for place, _ in found] == [
        "truth/day=2026-02-17", "feedback/day=2026-02-16", "records/stream=audit/day=2026-02-16", "gaps/day=2026-02-16",
    ]  # fmt: skip
    assert (gathering.counts.records, gathering.counts.gaps) == (3, 1)


def test_what_says_nothing_is_put_aside_and_told():
    odd = [
        Frame(9, b"?"), asked(number=7), Frame(Kind.INTERACTION, b"?"), Frame(Kind.SCHEMA, b"?"),
        Frame(Kind.RECORD, b"?"), Frame(Kind.GAP, b"[]"), record_frame("truth", {"id": "secret"}),
    ]  # fmt: skip
    gathering, found = gather(*odd[:3], asked(id="a"), *odd[3:], damage=[Damage(5, 6, "torn")])
    assert [one.frame for one in gathering.unread] == odd
    assert gathering.unread[1].why == "schema 7 is not there"
    assert not any("secret" in one.why for one in gathering.unread)
    assert [row["id"] for row in found["interactions/endpoint=churn/day=2026-02-16", 0]] == ["a"]
    told = {row["why"]: (row["count"], row["length"]) for row in found["gaps/day=2026-02-16", 0]}
    assert told == {"segment torn": (None, 6), "interaction not understood": (2, None)}


@pytest.mark.parametrize("count", [1, 2, 9])
def test_one_that_does_not_fit_its_schema_takes_no_other_with_it(count):
    wrong = schema_of([Field("x", "FP64", (-1, 2))])
    bad = Frame(Kind.INTERACTION, interaction(1, wrong, {"x": Column(np.zeros((1, 2)))}, {"y": np.zeros(1)}))
    frames = [asked(id=str(at)) for at in range(count)]
    gathering, found = gather(*frames[: count // 2], bad, *frames[count // 2 :])
    assert [one.frame for one in gathering.unread] == [bad]
    rows = found["interactions/endpoint=churn/day=2026-02-16", 0]
    assert len(rows) == gathering.counts.interactions == count


@pytest.mark.parametrize(
    "odd", [{"id": 7}, {"row": 2**40}, {"time": 1e300}, {"operator": "perhaps"}, {"principal": "\\ud800"}]
)
def test_a_record_that_does_not_fit_its_table_is_kept_as_it_is(odd):
    good = {"id": "a", "value": 1, "time": NOON, "received": NOON}
    frames = [record_frame("truth", one) for one in (good, good | odd, good)]
    if "principal" in odd:
        frames[1] = Frame(Kind.RECORD, frames[1].payload.replace(rb"\\ud800", rb"\ud800"))
    gathering, found = gather(*frames)
    kept = [row["record"] for row in found.pop(("records/stream=truth/day=2026-02-16", 0), [])]
    assert [row["id"] for row in found["truth/day=2026-02-16", 0]] == ["a", "a"]
    assert len(kept) + len(gathering.unread) == 1


def test_rows_of_the_forgotten_are_left_out():
    frames = [
        asked(id="a", rows=3, subjects=["s", "t", ""]),
        asked(id="b", rows=1, subjects=["s"], time=NOON + 9),
        asked(id="c", rows=1),
        asked(TWO, 2, id="d", rows=1, subjects=["s"]),
    ]
    gathering, found = gather(*frames, forgotten=lambda subject, time: subject == "s" and time < NOON + 5)
    ((rows),) = found.values()  # of the other revision nothing is left
    assert [(row["id"], row["row"], row["in_x"]) for row in rows] == [
        ("a", 1, 1), ("a", 2, 2), ("c", 0, 0), ("b", 0, 0),
    ]  # fmt: skip
    assert gathering.counts.forgotten == 2


def test_of_nothing_there_are_no_tables():
    gathering, found = gather()
    assert (found, gathering.unread) == ({}, [])
