"""Cold start and memory of the demo's bundle, side by side with FastAPI serving the same model and preparation.

Both run in one environment with the same libraries, in turns, and are asked for the same golden rows; only right
answers count. `make bench` runs it; what it needs it makes: the demo's model, its bundle, the environment.
Writes benchmarks/results/cold.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from environments import HERE, ROOT, WORK, environment, kept, versions
from measure import Contender, Others, Run, machine, ratio, spread, start_once, table
from processes import end_cleanly, surroundings

DEMO = ROOT / "demo"
NAME = "cold"
SHOWN = ("trimtab", "fastapi", "uvicorn", "pydantic", "numpy", "pandas", "scikit-learn")


def demo_bundle() -> Path:
    """The demo's model, trained if it is not there yet, packaged by today's code in a store of our own."""
    if not (DEMO / "scratch/model.joblib").exists() or not (DEMO / "flights/data/codes.csv").exists():
        print("training the demo's model", flush=True)
        subprocess.run([sys.executable, "train.py"], cwd=DEMO, check=True)
    print("packaging it", flush=True)
    command = [sys.executable, "-m", "trimtab", "package", "--json", "--store", str(WORK / "store")]
    said = subprocess.run(command, cwd=DEMO, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Path(json.loads(said)["folder"])


def columns_of(body: dict[str, Any]) -> dict[str, list[Any]]:
    """The columns of an Open Inference Protocol body."""
    return {tensor["name"]: tensor["data"] for tensor in body.get("inputs", body.get("outputs", []))}


def contenders(python: Path, bundle: Path, rows: int) -> tuple[list[Contender], list[float]]:
    """Ours and the peer, asked for the first golden rows, and the numbers that both must answer."""
    name = json.loads((bundle / "bundle.json").read_bytes())["name"]
    body = json.loads((bundle / "golden/request.json").read_bytes())
    columns = {key: values[:rows] for key, values in columns_of(body).items()}
    (expected,) = columns_of(json.loads((bundle / "golden/response.json").read_bytes())).values()
    for tensor in body["inputs"]:
        tensor |= {"data": columns[tensor["name"]], "shape": [rows, *tensor["shape"][1:]]}
    listed = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    ours = Contender(
        "trimtab",
        lambda port: [
            str(python),
            "-m",
            "trimtab",
            "serve",
            str(bundle),
            "--store",
            str(bundle.parents[2]),
            "--port",
            str(port),
        ],
        WORK,
        f"/v2/models/{name}/infer",
        json.dumps(body).encode(),
        lambda answer: answer["outputs"][0]["data"],
    )
    uvicorn = [str(python), "-m", "uvicorn", "--app-dir", str(HERE / "peers/fastapi"), "demo:app"]
    peer = Contender(
        "FastAPI + uvicorn",
        lambda port: [*uvicorn, "--log-level", "warning", "--port", str(port)],
        WORK,
        "/predict",
        json.dumps(listed).encode(),
        lambda answer: answer,
    )
    return [ours, peer], expected[:rows]


def timed(command: Sequence[str]) -> float:
    """Wall seconds of a command that must succeed."""
    begin = time.perf_counter()
    quiet = {"stdin": subprocess.DEVNULL, "capture_output": True}
    subprocess.run(command, cwd=WORK, check=True, env=surroundings(), **quiet)
    return time.perf_counter() - begin


def compare(what: str, runs: Sequence[Sequence[Run]], value: Callable[[Run], float], digits: int = 2) -> list[str]:
    """One line of the table: ours, the peer's, and how many times ours the peer's is."""
    mine, theirs = ([value(run) for run in side] for side in runs)
    return [what, spread(mine, digits), spread(theirs, digits), ratio(mine, theirs)]


def report(
    python: Path, runs: Sequence[Sequence[Run]], imports: Sequence[Sequence[float]], others: float, requests: int
) -> str:
    """The page that is kept."""
    bare, mine, theirs = imports
    lines = [
        compare("first right answer, wall s", runs, lambda run: run.wall_s),
        compare("first right answer, CPU s", runs, lambda run: run.cpu_s),
        compare("memory then, PSS MB", runs, lambda run: run.pss_mb, 0),
        compare(f"memory {requests} requests later, PSS MB", runs, lambda run: run.pss_later_mb, 0),
        compare("resident in the largest process then, MB", runs, lambda run: run.largest_mb, 0),
        ["import of the server alone, wall s", spread(mine), spread(theirs), ratio(mine, theirs)],
    ]
    return PAGE.format(
        runs=len(bare),
        table=table(["what", "trimtab", "FastAPI + uvicorn", "ratio"], lines),
        bare=spread(bare, 3),
        machine=machine(),
        others=others,
        versions=versions(python, SHOWN),
    )


PAGE = """# Cold start and memory, beside FastAPI

The demo's model and preparation, served by `trimtab serve` from its bundle (digests verified and golden rows replayed
before the first answer) and by a FastAPI application that loads the same `model.joblib` and the same preparation
([demo.py](../peers/fastapi/demo.py)). One environment, the same golden rows in every request, {runs} starts of
each in turns after one that does not count; median (lowest-highest). The last column is the peer's median over ours:
above 1 is better for us.

{table}

A bare Python starts in {bare} s, which is part of every wall time above. CPU seconds and memory are
those of the server with every process it starts. The files were in the disk's cache and the byte code was written.

Machine: {machine}; other programs took {others:.1f} cores meanwhile.
Versions: {versions}.

Written by `make bench`.
"""


def main() -> None:
    """Measures, prints and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=5, help="golden rows in the request")
    parser.add_argument("--requests", type=int, default=200, help="requests after the first answer")
    parser.add_argument("--keep", action="store_true", help="keep the environment for the next time")
    args = parser.parse_args()
    end_cleanly()
    WORK.mkdir(exist_ok=True)
    with kept(NAME, keep=args.keep):
        python = environment(NAME, HERE / "requirements.txt", product=True)
        sides, expected = contenders(python, demo_bundle(), args.rows)
        runs: list[list[Run]] = [[] for _ in sides]
        imports: list[list[float]] = [[], [], []]
        others = Others()
        for turn in range(args.runs + 1):
            for side, contender in enumerate(sides):
                run = start_once(contender, expected, args.requests)
                if turn:  # the first turn warms the disk's cache and writes the byte code, for both
                    runs[side].append(run)
            for side, code in enumerate(("pass", "import trimtab.server.app", "import fastapi, uvicorn")):
                seconds = timed([str(python), "-c", code])
                if turn:
                    imports[side].append(seconds)
            print(f"turn {turn} of {args.runs}", flush=True)
        page = report(python, runs, imports, others.cores(), args.requests)
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results/cold.md").write_text(page)
    print(page)


if __name__ == "__main__":
    main()
