"""How long it takes to look at a million logged rows: `trimtab log` and `trimtab export`, whole processes.

    python benchmarks/asking.py    about three minutes

The journal is written by the code that a server writes with, and sealed by the code that seals: 20 numbers in, one out,
a hundred rows a question, over ten days in forty segments. Writes benchmarks/results/asking.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from environments import WORK, publish, versions
from measure import Others, machine, spread, table
from trimtab.core.signature import Field
from trimtab.core.table import side_by_side
from trimtab.journal.folder import Folder, open_folder
from trimtab.journal.interactions.encode import Encoder
from trimtab.journal.interactions.schema import Schema, column_schema
from trimtab.journal.query import open_journal
from trimtab.journal.seal.seal import seal
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.writer import Writer

ROWS = 100
SEGMENTS = 40
BEGUN = 20_500 * 86_400
INPUTS = tuple(f"x{number}" for number in range(20))
COMMANDS = (
    ("the newest 50 rows", ["log"]),
    ("100 rows of a condition", ["log", "--where", "in_x0 > 2.5 AND out_y < 0.001", "--limit", "100"]),
    ("counted by revision", ["log", "--stats"]),
    ("exported as Parquet", ["export", "-o", "out.parquet", "--overwrite"]),
    ("exported as CSV", ["export", "-o", "out.csv", "--overwrite", "--truth", "none"]),
)
SQL = "SELECT count(*), avg(out_y) FROM interactions WHERE in_x0 > 1 AND out_y < 0.5"
PAGE = """# How long it takes to look at {count:,} logged rows

Sealed, {size:.0f} MB in {files} files; a row has 20 numbers in and one out. Whole processes, with their start; median
(lowest-highest) of {turns} turns. Memory is the largest that was resident.

{rows}

A query in a session of the Python API that is open already, `{sql}`: {again} s; the first one, with the footers
of all files: {first} s.

Machine: {machine}; other programs took {others:.1f} cores meanwhile.
Versions: {versions}.

Written by `python benchmarks/asking.py`.
"""


def fill(folder: Folder, count: int) -> None:
    """So many rows, sealed."""
    chance = np.random.default_rng(1)
    outputs = (column_schema(Field("y", "FP64")),)
    schema = Schema("bench", "sha256:one", tuple(column_schema(Field(name, "FP64")) for name in INPUTS), outputs)
    asked = count // ROWS // SEGMENTS
    for segment in range(SEGMENTS):
        writer = Writer(folder, unsynced=0)
        encoder = Encoder(writer.declare(schema.to_json()), schema, {}, frozenset())
        for number in range(asked):
            at = BEGUN + segment * 21_600 + number * 21_600 / asked
            told = (f"{segment:012x}aaaaaaaaaaaa-{number:x}", int(at * 1e6), 1000, 200, ROWS, "rows")
            facts = (*told, "", "", "", 1.0, None, "", 1.0)
            given = side_by_side(INPUTS, chance.normal(size=(len(INPUTS), ROWS)))
            writer.write([Frame(Kind.INTERACTION, encoder(facts, given, {"y": chance.random(ROWS)}))])
        writer.close()
    done = seal(folder)
    assert done.lines == asked * ROWS * SEGMENTS, done


def timed(words: list[str], folder: Path) -> tuple[float, float, float]:
    """Wall and CPU seconds of a command, and the most memory it had, in MB."""
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "trimtab", *words, "--journal", "journal"], cwd=folder, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, words
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000


def asked(folder: Folder, turns: int) -> tuple[str, str]:
    """Seconds of the first query of a session, and of those after it."""
    seconds = []
    with open_journal(folder.path) as journal:
        for _ in range(turns + 1):
            began = time.perf_counter()
            journal.sql(SQL).fetchall()
            seconds.append(time.perf_counter() - began)
    return f"{seconds[0]:.2f}", spread(seconds[1:], 2)


def main() -> None:
    """Measures, prints and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=5)
    args = parser.parse_args()
    WORK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench", dir=WORK) as name:
        folder = open_folder(Path(name, "journal"))
        fill(folder, args.rows)
        files = list(folder.interactions.rglob("*.parquet"))
        others, rows = Others(), []
        for what, words in COMMANDS:
            seen = [timed(words, Path(name)) for _ in range(args.turns)]
            walls, cpus, sizes = (list(one) for one in zip(*seen, strict=True))
            rows.append([what, f"`trimtab {' '.join(words)}`", spread(walls), spread(cpus), spread(sizes, 0)])
        first, again = asked(folder, args.turns)
        text = PAGE.format(
            count=args.rows, size=sum(path.stat().st_size for path in files) / 1e6, files=len(files), turns=args.turns,
            rows=table(["what", "command", "s", "CPU s", "MB"], rows), sql=SQL, first=first, again=again,
            machine=machine(), others=others.cores([]),
            versions=versions(Path(sys.executable), ["trimtab", "duckdb", "pyarrow"]),
        )  # fmt: skip
    publish("asking.md", text)


if __name__ == "__main__":
    main()
