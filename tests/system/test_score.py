"""Scoring in a process of its own: bounded memory, a kill, a full disk."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pytest
from pyarrow import parquet

CHILD = """
import json, resource, sys, time
from pathlib import Path
import numpy as np
import pandas, pyarrow, pyarrow.csv, pyarrow.parquet  # loaded before the measure begins
from trimtab.batch.score import ScoreOptions, score
from trimtab.core.errors import TrimtabError
from trimtab.core.signature import Field, Signature

source, target, limit, pause = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
signature = Signature(
    (*(Field(f"x{i}", "FP64") for i in range(8)), Field("word", "BYTES")), (Field("y", "FP64"),)
)

def memory(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))

def predict(table):
    time.sleep(pause)
    print("batch", flush=True)
    return {"y": sum(table.columns[f"x{i}"].values for i in range(8))}

if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
before = memory("VmRSS")
try:
    report = score(predict, signature, source, target, ScoreOptions(keep=("x0", "word")))
except TrimtabError as error:
    print(json.dumps({"status": error.exit_status, "code": error.problems[0].code}), flush=True)
    sys.exit(error.exit_status)
grown = memory("VmHWM") - before
print(json.dumps({"rows": report.rows, "grown": grown, "rows_per_s": report.rows_per_s}), flush=True)
"""
BOUND = 256 * 2**20  # of growth over the imported libraries
NOISE = 64 * 2**20  # by which a larger file may differ from a smaller one
LARGE = 80 * 2**20  # of file that show more than the buffers do


def columns(rows: int, seed: int) -> pa.Table:
    chance = np.random.default_rng(seed)
    numbers = {f"x{i}": chance.random(rows) for i in range(8)}
    return pa.table({**numbers, "word": [f"w{value}" for value in chance.integers(0, 10**6, rows).tolist()]})


def write(path: Path, rows: int) -> Path:
    """Rows in one Parquet row group, or as CSV, or as JSON lines."""
    parts = [columns(50_000, seed) for seed in range(rows // 50_000)]
    if path.suffix == ".parquet":
        parquet.write_table(pa.concat_tables(parts), path, row_group_size=rows)
    elif path.suffix == ".csv":
        with arrow_csv.CSVWriter(path, parts[0].schema) as writer:
            for part in parts:
                writer.write_table(part)
    else:
        with path.open("w") as file:
            for part in parts:
                file.writelines(json.dumps(row) + "\n" for row in part.to_pylist())
    return path


def run(start: Callable[..., Any], source: Path, limit: int = 0) -> tuple[int, dict[str, Any]]:
    """The child's exit status and the last line it printed."""
    child = start("python", "-c", CHILD, str(source), str(source.with_name("out.parquet")), str(limit), "0")
    status = child.end(120)
    assert child.out, child.err
    return status, json.loads(child.out.splitlines()[-1])


@pytest.mark.parametrize(
    ("suffix", "small", "large"),
    [(".parquet", 300_000, 3_000_000), (".csv", 600_000, 1_800_000), (".jsonl", 50_000, 400_000)],
)
def test_memory_does_not_grow_with_the_file(
    start: Callable[..., Any], tmp_path: Path, suffix: str, small: int, large: int
) -> None:
    grown = {}
    for rows in (small, large):
        source = write(tmp_path / f"rows{rows}{suffix}", rows)
        status, report = run(start, source)
        assert (status, report["rows"]) == (0, rows)
        with parquet.ParquetFile(source.with_name("out.parquet")) as file:
            assert file.metadata.num_rows == rows
        (tmp_path / "out.parquet").unlink()
        grown[rows] = report["grown"]
        size = source.stat().st_size
        print(f"{suffix} {rows} rows, {size >> 20} MiB: {report['grown'] >> 20} MiB, {report['rows_per_s']:.0f} rows/s")
        source.unlink()
    assert max(grown.values()) < BOUND
    assert grown[large] - grown[small] < NOISE
    assert size > LARGE


def test_a_kill_leaves_no_target(start: Callable[..., Any], tmp_path: Path) -> None:
    source = write(tmp_path / "rows.parquet", 200_000)
    target = tmp_path / "out.parquet"
    child = start("python", "-c", CHILD, str(source), str(target), "0", "0.05")
    child.wait_until(lambda: child.out.count("batch") >= 5)
    child.signal(signal.SIGKILL)
    assert child.end() == -signal.SIGKILL
    assert not target.exists()
    status, report = run(start, source)
    assert (status, report["rows"]) == (0, 200_000)
    assert target.exists()


def test_a_full_disk_is_the_outsides_fault_and_leaves_nothing(start: Callable[..., Any], tmp_path: Path) -> None:
    source = write(tmp_path / "rows.parquet", 500_000)
    status, report = run(start, source, limit=2**20)
    assert (status, report) == (3, {"status": 3, "code": "P720"})
    assert [path.name for path in tmp_path.iterdir()] == ["rows.parquet"]
