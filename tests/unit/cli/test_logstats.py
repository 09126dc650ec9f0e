"""`trimtab log --stats` and `--seal`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.doubles.logged import NOON, Logging

from trimtab.journal.folder import Folder, open_folder
from trimtab.journal.seal.alone import alone
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.writer import Writer
from trimtab.journal.ship.parse import parse_destinations
from trimtab.journal.ship.shipping import open_shipping


@pytest.fixture
def folder(here: Path) -> Folder:
    """The journal in this folder."""
    return open_folder(here / "journal")


@pytest.fixture
def log(folder: Folder) -> Callable[[], Logging]:
    """Interactions into a segment of their own."""
    return lambda: Logging(Writer(folder))


def test_counts_for_people(type_in, log):
    one = log()
    one.ask(1, rows=2, seconds=0.002)
    one.ask(2, status=500, error="P310", seconds=0.004)
    one.writer.write([Frame(Kind.GAP, b'{"time": %d, "why": "disk\\u001b full", "count": 3}' % NOON)])
    said = type_in("log", "--stats")
    assert (said.status, said.err) == (0, "")
    head, counts, _, *facts = said.out.splitlines()
    assert head.split() == [
        "endpoint",
        "revision",
        "interactions",
        "rows",
        "failed",
        "first",
        "last",
        "ms",
        "p50",
        "ms",
        "p99",
    ]
    assert counts.split() == [
        "churn", "one", "2", "3", "1", "2026-02-16T12:00:01.000Z", "2026-02-16T12:00:02.000Z", "3", "3.98",
    ]  # fmt: skip
    assert facts[0] == "sealed     0 files  0 B"
    assert facts[1].startswith("not yet    1 segment  ")
    assert facts[2] == "not kept   3 until 2026-02-16T12:00:00.000Z: disk\\x1b full"


def test_counts_for_programs(type_in, log):
    log().ask(1)
    found = json.loads(type_in("log", "--stats", "--json", "--errors").out)
    assert (found["counts"], found["segments"], found["files"]) == ([], 1, 0)


def test_sealing_says_what_became_of_what(type_in, folder, log):
    one, held = log(), log()
    one.ask(1, rows=2)
    one.tell("truth", id="x", value=1, time=NOON, received=NOON)
    one.writer.close()
    held.ask(2)
    said = type_in("log", "--seal")
    assert said.out == "sealed     1 segment into 2 files: 3 rows\nheld       1 segment that a server writes to\n"
    assert len(list(folder.segments.glob("*.seg"))) == 1
    held.writer.close()
    assert json.loads(type_in("log", "--seal", "--json").out)["segments"] == 1


def test_damage_and_another_that_is_at_it_are_told(type_in, folder, log):
    one = log()
    one.ask(1)
    one.ask(2)
    path = folder.segments / f"{one.writer.name}.seg"
    one.writer.close()
    path.write_bytes(path.read_bytes().replace(b"plan 1", b"plan 9"))
    with alone(folder.path):
        assert type_in("log", "--seal").err == "another process is sealing this journal now\n"
    said = type_in("log", "--seal")
    assert said.out.splitlines()[1].startswith(f"damaged    {path.stem}: ")


def test_what_cannot_be_sealed_is_a_fault_outside(type_in, folder, log):
    one = log()
    one.ask(1)
    one.writer.close()
    (folder.path / "interactions").rmdir()
    (folder.path / "interactions").write_text("in the way")
    said = type_in("log", "--seal")
    assert said.status == 3
    assert "error[P921]" in said.err
    assert len(list(folder.segments.glob("*.seg"))) == 1


def test_what_is_shipped_and_what_waits_is_told(type_in, folder, log, tmp_path):
    one = log()
    one.ask(1)
    one.writer.close()
    assert type_in("log", "--seal").status == 0
    (archive := tmp_path / "archive").mkdir()
    destinations = parse_destinations([archive.as_uri()])
    with open_shipping(folder.path, destinations) as shipping:
        shipping.run()
    assert f"shipped    {archive.as_uri()}  1 file there" in type_in("log", "--stats").out.splitlines()
    (archive / "trimtab-archive").unlink()  # the disk that it was on is not mounted any more
    two = log()
    two.ask(2)
    two.writer.close()
    assert type_in("log", "--seal").status == 0
    with open_shipping(folder.path, destinations) as shipping:
        shipping.run()
    *_, waits, failing = type_in("log", "--stats").out.splitlines()
    assert waits.startswith(f"shipped    {archive.as_uri()}  1 file there, 1 waiting (")
    assert failing.startswith("failing    1 time: ")
    (found,) = json.loads(type_in("log", "--stats", "--json").out)["shipping"]
    assert (found["shipped"], found["waiting"], found["failures"]) == (1, 1, 1)
