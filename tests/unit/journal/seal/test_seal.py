"""A pass over the segments of a real journal; what happens at each of its steps: `tests/system/journal/`."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zlib
from dataclasses import replace

import pytest
from pyarrow import parquet
from tests.doubles.logged import DAY, NOON, Logging, schema_of

from trimtab.journal.seal.alone import alone
from trimtab.journal.seal.files import sealed_files
from trimtab.journal.seal.seal import Damaged, Sealed, seal
from trimtab.journal.segments.frames import Frame
from trimtab.journal.segments.writer import Writer


@pytest.fixture
def writer(folder):
    made = Writer(folder)
    yield made
    made.close()


def ids(folder):
    return [one for path in sealed_files(folder.path) for one in parquet.ParquetFile(path).read()["id"].to_pylist()]


def test_what_nobody_writes_to_is_sealed_and_goes(folder, writer):
    logging = Logging(writer)
    asked = [logging.ask(number, rows=2) for number in range(3)]
    assert seal(folder) == Sealed(held=1)
    writer.rotate()
    later = logging.ask(3)
    done = seal(folder)
    assert done == Sealed(segments=1, held=1, files=1, lines=6, interactions=3)
    assert sorted(set(ids(folder))) == asked
    assert [path.name for path in folder.segments.iterdir()] == [f"{writer.name}.seg"]
    writer.close()
    seal(folder)
    assert sorted(set(ids(folder))) == [*asked, later]
    assert list(folder.segments.iterdir()) == []


def test_files_are_named_after_their_segment_and_for_their_owner(folder, writer):
    Logging(writer).ask(1)
    Logging(writer, schema_of(revision="sha256:two")).ask(2)
    name = writer.name
    writer.close()
    seal(folder)
    day = folder.interactions / "endpoint=churn/day=2026-02-16"
    assert sorted(path.name for path in day.iterdir()) == [f"{name}-1.parquet", f"{name}.parquet"]
    assert {path.stat().st_mode & 0o777 for path in day.iterdir()} == {0o600}


def test_sealing_twice_gives_the_same_bytes(folder, writer):
    logging = Logging(writer)
    for number in range(50):
        logging.ask(number, rows=number % 3)
    logging.tell("truth", id="a", value=1, time=NOON, received=NOON)
    path = folder.segments / f"{writer.name}.seg"
    writer.close()
    copy = path.read_bytes()
    seal(folder)
    first = {path: hashlib.sha256(path.read_bytes()).digest() for path in sealed_files(folder.path)}
    path.write_bytes(copy)  # as if the segment had not gone
    seal(folder)
    assert {path: hashlib.sha256(path.read_bytes()).digest() for path in sealed_files(folder.path)} == first
    assert len(first) == 2


def test_what_another_attempt_left_under_other_names_goes(folder, writer):
    Logging(writer).ask(1)
    stray = folder.truth / "day=2020-01-01" / f"{writer.name}-3.parquet"
    other = folder.truth / "day=2020-01-01" / f"{writer.name}1.parquet"
    stray.parent.mkdir()
    for path in (stray, other):
        path.write_bytes(b"x")
    writer.close()
    seal(folder)
    assert not stray.exists()
    assert other.exists()


def test_a_second_sealer_says_so_and_does_nothing(folder, writer):
    Logging(writer).ask(1)
    writer.close()
    with alone(folder.path):
        assert seal(folder) == Sealed(busy=True)
    assert seal(folder).segments == 1


def test_an_empty_segment_just_goes(folder, writer):
    writer.write([])
    os.link(folder.segments / f"{writer.name}.seg", folder.segments / "b-000001.seg")  # which its writer would discard
    writer.close()
    assert seal(folder) == Sealed(segments=1)


def test_damage_is_told_and_kept_aside(folder, writer):
    logging = Logging(writer)
    asked = [logging.ask(number) for number in range(9)]
    name = writer.name
    writer.write([Frame(9, b"from a later version")])
    path = folder.segments / f"{name}.seg"
    writer.close()
    data = bytearray(path.read_bytes())
    place = data.index(asked[4].encode())
    data[place] ^= 1
    path.write_bytes(bytes(data) + b"torn")
    done = seal(folder)
    ((hurt),) = done.damaged
    assert hurt == Damaged(name, stretches=2, bytes=hurt.bytes, frames=1)
    assert hurt.bytes > len("torn") + 50
    lines = [json.loads(line) for line in (folder.segments / "damaged" / f"{name}.jsonl").read_text().splitlines()]
    assert [line["why"] for line in lines] == ["damaged", "torn", "kind 9 is not known"]
    gaps = [path for path in sealed_files(folder.path) if path.parts[-3] == "gaps"]
    assert parquet.ParquetFile(gaps[0]).read()["why"].to_pylist() == ["segment damaged", "segment torn"]
    for path in gaps:
        path.unlink()
    assert sorted(ids(folder)) == [*asked[:4], *asked[5:]]
    assert not path.exists()


def test_rows_of_the_forgotten_never_reach_a_file(folder, writer):
    logging = Logging(writer)
    logging.ask(1, subjects=["s"])
    kept = logging.ask(2, subjects=["t"])
    writer.close()
    done = seal(folder, lambda subject, _: subject == "s")
    assert (done.forgotten, done.lines) == (1, 1)
    assert ids(folder) == [kept]


def test_a_segment_of_a_later_version_stays_and_the_others_are_sealed(folder, writer):
    Logging(writer).ask(1)
    writer.close()
    head = struct.pack("<8sI32sd", b"trimseg\n", 99, b"0-000001", 0.0)
    (folder.segments / "0-000001.seg").write_bytes(head + struct.pack("<I", zlib.crc32(head)))
    done = seal(folder)
    assert [problem.code for problem in done.problems] == ["P906"]
    assert done.segments == 1
    assert [path.name for path in folder.segments.iterdir()] == ["0-000001.seg"]


@pytest.mark.usefixtures("modes_count")
def test_what_the_system_refuses_is_told_and_the_segment_stays(folder, writer):
    Logging(writer).ask(1)
    writer.close()
    folder.interactions.chmod(0o500)
    done = seal(folder)
    folder.interactions.chmod(0o700)
    assert [problem.code for problem in done.problems] == ["P921"]
    assert len(list(folder.segments.glob("*.seg"))) == 1
    assert seal(folder).segments == 1


def test_a_fault_of_ours_is_told_without_what_was_logged_and_the_others_are_sealed(folder, writer):
    logging = Logging(writer)
    logging.ask(1, subjects=["secret"])
    writer.rotate()
    logging.ask(2, subjects=["t"])
    writer.close()

    def fails(subject, _):
        if subject == "secret":
            raise RuntimeError(subject)
        return False

    done = seal(folder, fails)
    ((problem),) = done.problems
    assert problem.code == "P922"
    assert "RuntimeError in `test_seal.py`, line" in problem.what
    assert "secret" not in str(problem)
    assert done.segments == 1


def test_passes_add_up():
    damaged = (Damaged("a", 1, 2, 3),)
    total = Sealed(segments=1, lines=5, damaged=damaged) + Sealed(segments=2, held=1)
    assert total == replace(Sealed(segments=3, held=1, lines=5), damaged=damaged)


def test_midnight_is_between_two_files(folder, writer):
    logging = Logging(writer)
    for time in (NOON + DAY // 2 - 1e-6, NOON + DAY // 2):
        logging.ask(1, time=time)
    writer.close()
    assert seal(folder).files == 2
    assert sorted(path.parent.name for path in sealed_files(folder.path)) == ["day=2026-02-16", "day=2026-02-17"]
