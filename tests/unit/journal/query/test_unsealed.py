"""Segments that are not sealed yet have the rows that they will have as Parquet."""

from __future__ import annotations

import pytest
from tests.doubles.logged import NOON, schema_of

from trimtab.core.signature import Field
from trimtab.journal.query.shapes import shape_of
from trimtab.journal.query.unsealed import read_unsealed
from trimtab.journal.seal.seal import seal
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.reader import segments


@pytest.fixture
def unsealed(folder):
    """Reads them: unsealed(), unsealed("churn"), with what was registered."""

    def read(endpoint="", forgotten=None):
        loaded = {}
        with segments(folder) as held:
            found = read_unsealed(
                held, lambda name, rows: loaded.setdefault(name, []).append(rows), endpoint, forgotten
            )
        assert loaded.keys() == set(found.names)
        for part in found.parts.get("interactions", ()):
            assert {shape_of(rows.schema) for rows in loaded[part.source]} == {part.shape}
        return found, loaded

    return read


def rows(read, table="interactions"):
    found, loaded = read
    tables = [some for part in found.parts.get(table, ()) for some in loaded[part.source]]
    return sorted((row["id"], row["row"]) for some in tables for row in some.to_pylist())


def test_rows_of_all_segments_of_one_shape_are_one_table(logging, unsealed):
    for numbers in ((1, 2), (3,)):
        log = logging()
        for number in numbers:
            log.ask(number, rows=2, id=str(number))
    found = unsealed()
    assert rows(found) == [(str(number), row) for number in (1, 2, 3) for row in (0, 1)]
    assert len(found[0].parts["interactions"]) == 1
    assert found[0].damage == []


def test_shapes_and_tables_are_told_apart_and_an_endpoint_can_be_chosen(logging, unsealed):
    logging().ask(1, id="a")
    logging(schema_of([Field("x", "FP64"), Field("plan", "BYTES")], endpoint="other")).ask(2, id="b")
    logging(schema_of(outputs=None)).ask(3, id="c")
    logging().tell("truth", id="a", value=1, row=0, name="truth", time=NOON, received=NOON, principal="", operator=True)
    found = unsealed()
    assert rows(found) == [("a", 0), ("b", 0), ("c", 0)]
    assert rows(found, "truth") == [("a", 0)]
    assert rows(unsealed("other")) == [("b", 0)]
    assert rows(unsealed("other"), "truth") == [("a", 0)]


def test_they_are_the_rows_of_the_files_that_come_of_them(folder, logging, unsealed, opened):
    log = logging()
    for number in range(5):
        log.ask(number, rows=number, subjects=None if number % 2 else ["someone"] * number)
    log.writer.close()
    before = opened().sql("SELECT * FROM interactions ORDER BY time, row").arrow()
    seal(folder)
    assert unsealed()[1] == {}
    assert opened().sql("SELECT * FROM interactions ORDER BY time, row").arrow().equals(before)


def test_schemas_are_put_down_for_whoever_reads_on(logging, unsealed):
    log = logging()
    log.ask(1)
    log.writer.declare(schema_of(revision="sha256:two").to_json())
    (frames,) = unsealed()[0].schemas.values()
    assert [frame.kind for frame in frames] == [Kind.SCHEMA] * 2


def test_damage_is_told_with_its_place(folder, logging, unsealed):
    log = logging()
    log.ask(1, id="a")
    log.ask(2, id="b")
    log.writer.write([Frame(Kind.INTERACTION, b"nothing"), Frame(9, b"")])
    name = log.writer.name
    log.writer.close()
    path = folder.segments / f"{name}.seg"
    data = path.read_bytes()
    at = data.index(b"plan 1")
    path.write_bytes(data[:at] + b"plan 9" + data[at + 6 :])
    found = unsealed()
    assert rows(found) == [("b", 0)]
    damage = found[0].damage
    assert len(damage) == 3
    assert all(one.startswith(f"{path}: ") for one in damage)
    assert "are damaged" in damage[0]


def test_people_who_are_forgotten_are_left_out(logging, unsealed):
    log = logging()
    log.ask(1, rows=2, id="a", subjects=["alice", "bob"])
    assert rows(unsealed(forgotten=lambda subject, _time: subject == "alice")) == [("a", 1)]
