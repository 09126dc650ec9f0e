"""Audit records by real processes: whole, once, none lost that was acknowledged, whatever ends a process or a disk."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from trimtab.server.guard.audit.audit import STREAM
from trimtab.server.guard.audit.filejournal import FileJournal

EACH = 500
WRITER = """
import sys
from pathlib import Path
from trimtab.server.guard.audit.audit import Audit
from trimtab.server.guard.audit.filejournal import FileJournal

folder, name, rotated_at, sync = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "sync"
journal = FileJournal(Path(folder), rotated_at=rotated_at)
print("ready", flush=True)
sys.stdin.readline()
for number in range(500):
    journal.append("audit", {"time": f"2026-01-02T03:04:{number % 60:02}Z", "who": name, "n": number, "pad": "x" * 150})
    if sync:
        journal.sync("audit")
    print(number, flush=True)
"""
FILLING = """
import resource, sys
from pathlib import Path
from trimtab.server.guard.audit.audit import Audit
from trimtab.server.guard.audit.filejournal import FileJournal

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
said = []
audit = Audit(FileJournal(Path(sys.argv[1])), log=lambda event, fields: said.append(event))
for number in range(100):
    before = audit.lost
    audit.control("key:ops", "load", "churn", "local", "done", n=number)
    if audit.lost == before:
        print(number)
print(audit.lost, said)
"""


class Writer:
    """A process that appends so many records and says of each that it is written, once it is told to begin."""

    def __init__(self, folder: Path, name: str, rotated_at: int = 1 << 26, sync: str = "") -> None:
        command = [sys.executable, "-c", WRITER, str(folder), name, str(rotated_at), sync]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.told, self.says = self.process.stdin, self.process.stdout
        assert self.says.readline() == "ready\n"

    def begin(self) -> None:
        self.told.write("go\n")
        self.told.flush()

    def numbers(self, count: int = EACH) -> list[int]:
        """The next so many records that are written, or those to its end."""
        return [int(line) for line in islice(self.says, count)]

    def end(self) -> int:
        self.told.close()
        self.says.close()
        return self.process.wait(60)


@pytest.mark.parametrize("rotated_at", [1 << 26, 40_000])
def test_every_acknowledged_record_is_there_whole_and_once(tmp_path: Path, rotated_at: int) -> None:
    writers = [Writer(tmp_path, str(number), rotated_at) for number in range(4)]
    for one in writers:
        one.begin()
    early = writers[0].numbers(120)
    writers[0].process.kill()
    done = [early + writers[0].numbers(), *(one.numbers() for one in writers[1:])]
    assert [one.end() for one in writers] == [-signal.SIGKILL, 0, 0, 0]
    assert [len(one) for one in done[1:]] == [EACH] * 3
    assert 120 <= len(done[0]) < EACH

    said: list[str] = []
    records = list(FileJournal(tmp_path, lambda event, _: said.append(event)).scan(STREAM))
    found = Counter((record["who"], record["n"]) for record in records)
    assert set(found.values()) == {1}
    assert {(str(who), n) for who, numbers in enumerate(done) for n in numbers} - found.keys() == set()
    assert len(found) - sum(map(len, done)) in {0, 1}  # the killed one may have written what it did not say
    assert said in ([], ["journal damaged"])
    for who in "0123":
        numbers = [record["n"] for record in records if record["who"] == who]
        assert numbers == sorted(numbers)
    assert (len(list(tmp_path.iterdir())) > 5) == (rotated_at < 1 << 20)
    assert all(one.stat().st_mode & 0o777 == 0o600 for one in tmp_path.iterdir())


def test_a_full_disk_loses_no_acknowledged_record_and_tears_none(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FILLING, str(tmp_path), "4000"]
    for extra in (0, 50):  # once more on the file that is full
        ran = subprocess.run([*command[:-1], str(4000 + extra)], capture_output=True, text=True, check=True, timeout=60)
        *written, last = ran.stdout.splitlines()
        lost = int(last.split()[0])
        assert len(written) + lost == 100
        assert "['audit not written']" in last
    assert (tmp_path / "audit.jsonl").stat().st_size <= 4050
    said: list[str] = []
    journal = FileJournal(tmp_path, lambda event, _: said.append(event))
    before = list(journal.scan(STREAM))
    assert [record["n"] for record in before] == list(range(len(before)))
    assert len(before) > 10
    journal.append(STREAM, {"n": "after"})
    assert list(journal.scan(STREAM)) == [*before, {"n": "after"}]
    assert said == []


def test_a_line_that_a_kill_has_torn_never_glues_onto_the_next(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path, lambda _event, _fields: None)
    journal.append(STREAM, {"n": 0})
    line = json.dumps({"n": 1, "pad": "x" * 100}).encode()
    for size in range(1, len(line)):
        with (tmp_path / "audit.jsonl").open("ab") as file:
            file.write(line[:size])
        journal.append(STREAM, {"n": size + 1})
    assert [record["n"] for record in journal.scan(STREAM)] == [0, *range(2, len(line) + 1)]


def test_records_of_processes_that_make_sure_of_each_one_are_there_too(tmp_path: Path) -> None:
    one = Writer(tmp_path, "0", sync="sync")
    one.begin()
    assert one.numbers() == list(range(EACH))
    assert one.end() == 0
    assert sum(1 for _ in FileJournal(tmp_path).scan(STREAM)) == EACH
