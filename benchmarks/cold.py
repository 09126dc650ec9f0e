"""Cold start and memory of the demo's bundle, side by side with FastAPI serving the same model and preparation.

Both run in one environment with the same libraries, in turns, and are asked for the same golden rows; only right
answers count. Run it with `make bench`, after `make demo` has trained the model. Writes benchmarks/results/cold.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from measure import Contender, Run, machine, ratio, spread, start_once, table, timed

HERE = Path(__file__).parent
ROOT = HERE.parent
PROJECT = ROOT / "demo/work"
VENV = HERE / "work/venv"
SHOWN = ("python", "trimtab", "fastapi", "uvicorn", "pydantic", "numpy", "pandas", "scikit-learn")


def environment() -> Path:
    """The Python of the environment that both contenders run in, made if it is not there."""
    python = VENV / "bin/python"
    if not python.exists():
        uv = [str(Path(sys.executable).parent / "uv")]
        print("setting up benchmarks/work/venv", flush=True)
        subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(VENV)], check=True)
        into = [*uv, "pip", "install", "--quiet", "--python", str(python)]
        subprocess.run([*into, "--require-hashes", "-r", str(HERE / "requirements.txt")], check=True)
        subprocess.run([*into, "--no-deps", "--editable", str(ROOT)], check=True)
    return python


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
        lambda port: [str(python), "-m", "trimtab", "serve", str(bundle), "--port", str(port)],
        PROJECT,
        f"/v2/models/{name}/infer",
        json.dumps(body).encode(),
        lambda answer: answer["outputs"][0]["data"],
    )
    uvicorn = [
        str(python),
        "-m",
        "uvicorn",
        "--app-dir",
        str(HERE / "peers"),
        "fastapi_app:app",
        "--log-level",
        "warning",
    ]
    peer = Contender(
        "FastAPI + uvicorn",
        lambda port: [*uvicorn, "--port", str(port)],
        PROJECT,
        "/predict",
        json.dumps(listed).encode(),
        lambda answer: answer,
    )
    return [ours, peer], expected[:rows]


def compare(what: str, runs: Sequence[Sequence[Run]], value: Callable[[Run], float], digits: int = 2) -> list[str]:
    """One line of the table: ours, the peer's, and how many times ours the peer's is."""
    mine, theirs = ([value(run) for run in side] for side in runs)
    return [what, spread(mine, digits), spread(theirs, digits), ratio(mine, theirs)]


def report(runs: Sequence[Sequence[Run]], imports: Sequence[Sequence[float]], args: argparse.Namespace) -> str:
    """The page that is kept."""
    bare, mine, theirs = imports
    lines = [
        compare("first right answer, wall s", runs, lambda run: run.wall_s),
        compare("first right answer, CPU s", runs, lambda run: run.cpu_s),
        compare("memory then, PSS MB", runs, lambda run: run.pss_mb, 0),
        compare(f"memory {args.requests} requests later, PSS MB", runs, lambda run: run.pss_later_mb, 0),
        ["import of the server alone, wall s", spread(mine), spread(theirs), ratio(mine, theirs)],
    ]
    versions = subprocess.run(
        [str(VENV / "bin/python"), "-c", VERSIONS, *SHOWN[1:]], capture_output=True, text=True, check=True
    ).stdout.strip()
    return PAGE.format(
        rows=args.rows,
        runs=args.runs,
        table=table(["what", "trimtab", "FastAPI + uvicorn", "ratio"], lines),
        bare=spread(bare, 3),
        machine=machine(),
        versions=versions,
    )


PAGE = """# Cold start and memory, beside FastAPI

The demo's model and preparation, served by `trimtab serve` from its bundle (digests verified and golden rows replayed
before the first answer) and by a FastAPI application that loads the same `model.joblib` and the same preparation
([fastapi_app.py](../peers/fastapi_app.py)). One environment, one request of {rows} rows, {runs} runs of each, in turns;
median (lowest-highest). The last column is the peer's median over ours: above 1 is better for us.

{table}

A bare Python starts in {bare} s, which is part of every wall time above.

Machine: {machine}. Versions: {versions}.

Written by `make bench`.
"""
VERSIONS = """
import platform, sys
from importlib.metadata import version
print(", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in sys.argv[1:])]))
"""


def main() -> None:
    """Measures, prints and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, help="a bundle's folder; default: the newest of the demo's store")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--rows", type=int, default=5, help="golden rows in the request")
    parser.add_argument("--requests", type=int, default=200, help="requests after the first answer")
    parser.add_argument("--keep", action="store_true", help="keep the environment for the next time")
    args = parser.parse_args()
    python = environment()
    sides, expected = contenders(python, args.bundle or newest_bundle(), args.rows)
    runs: list[list[Run]] = [[] for _ in sides]
    imports: list[list[float]] = [[], [], []]
    for turn in range(args.runs + 1):
        for side, contender in enumerate(sides):
            run = start_once(contender, expected, args.requests)
            if turn:  # the first turn warms the disk's cache and writes the byte code, for both
                runs[side].append(run)
        for side, code in enumerate(("pass", "import trimtab.server.app", "import fastapi, uvicorn")):
            seconds = timed([str(python), "-c", code], PROJECT)
            if turn:
                imports[side].append(seconds)
        print(f"turn {turn} of {args.runs}", flush=True)
    page = report(runs, imports, args)
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results/cold.md").write_text(page)
    print(page)
    if not args.keep:
        shutil.rmtree(VENV)


def newest_bundle() -> Path:
    """The bundle that was packaged last in the demo's store."""
    found = sorted(PROJECT.rglob("bundle.json"), key=lambda path: path.stat().st_mtime)
    if not found:
        sys.exit("no bundle of the demo yet: run `make demo` first")
    return found[-1].parent


if __name__ == "__main__":
    main()
