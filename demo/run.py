"""The whole story on real data: train, package, serve, ask, score, compare. `make demo` runs it.

    python demo/run.py

Everything it makes is in demo/scratch, demo/.trimtab, demo/flights/data and demo/report.html; nothing is left running.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import nyc

AFTER_S: Final = 3.0  # for the new champion to be seen
STOP_S: Final = 30.0
ROLLED_BACK: Final = 1  # the exit status of `trimtab fly`
REFUSED: Final = 1  # and of a gate
TRIMTAB: Final = (sys.executable, "-m", "trimtab")


@contextmanager
def step(name: str) -> Iterator[None]:
    """A line before, the seconds after."""
    print(f"\n== {name}", flush=True)
    start = time.perf_counter()
    yield
    print(f"   {time.perf_counter() - start:.1f} s", flush=True)


def call(*command: str, status: int = 0, folder: Path = nyc.DEMO) -> None:
    """Run a command of the story as a user would type it; another status than this one ends the demo."""
    shown = ["trimtab", *command[3:]] if command[:3] == TRIMTAB else ["python", *command[1:]]
    print(f"   $ {' '.join(shown)}", flush=True)
    done = subprocess.run(command, cwd=folder, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != status:
        raise subprocess.CalledProcessError(done.returncode, command)


@contextmanager
def serving(*options: str) -> Iterator[str]:
    """The server as a process of its own on a free port; its address. It is stopped by its pid, whatever happens."""
    print(f"   $ {' '.join(['trimtab', 'serve', *options])}", flush=True)
    command = [*TRIMTAB, "serve", "--port", "0", "--json", *options]
    with (nyc.WORK / "server.log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=nyc.DEMO, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        line = server.stdout.readline() if server.stdout else ""
        if not line:
            sys.exit(f"the server did not start:\n{(nyc.WORK / 'server.log').read_text()}")
        yield json.loads(line)["address"]
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(STOP_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextmanager
def november(address: str) -> Iterator[None]:
    """Flights of November are asked about all the while, one after the other."""
    command = [sys.executable, "november.py", "play", f"{address}/v1/models/flights/rows"]
    caller = subprocess.Popen(command, cwd=nyc.DEMO, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        caller.send_signal(signal.SIGTERM)
        if caller.wait(STOP_S):
            sys.exit("November was not asked about to its end")


def fly() -> None:
    """A candidate that breaks on real flights, and one that has learnt more, each beside the model that is served."""
    call(sys.executable, "challengers.py")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    plan = ("--steps", "10%,50%", "--watch", "3s", "--give-up", "2m", "--ledger", "scratch/ledger")
    with serving("--admin-port", port) as address, november(address):
        for name, status in (("strict", ROLLED_BACK), ("october", 0)):
            call(*TRIMTAB, "package", "--store", "../../.trimtab", folder=nyc.WORK / name)
            call(*TRIMTAB, "fly", "flights", "--control", f"http://127.0.0.1:{port}", *plan, status=status)
        time.sleep(AFTER_S)
    call(sys.executable, "november.py", "look")


def release() -> None:
    """The bundle that was promoted, into two environments on this machine, of which nothing is left running."""
    call(sys.executable, "releases.py")
    folder, store = nyc.WORK / "october", ("--store", "../../.trimtab")
    try:
        call(*TRIMTAB, "release", "dev", *store, folder=folder)
        call(*TRIMTAB, "release", "prod", "--dry-run", *store, status=REFUSED, folder=folder)
        call(*TRIMTAB, "check", "--for", "prod", *store, folder=folder)
        call(*TRIMTAB, "release", "prod", *store, folder=folder)
    finally:
        for name in ("prod", "dev"):
            call(*TRIMTAB, "withdraw", name, *store, folder=folder)
    call(*TRIMTAB, "history", *store, folder=folder)


def main() -> int:
    """The exit status: 0 when every way of asking gave the same answers."""
    start = time.perf_counter()
    for name in ("journal", "ledger"):  # of the run before
        shutil.rmtree(nyc.WORK / name, ignore_errors=True)
    with step("train on January to September 2013"):
        call(sys.executable, "train.py")
    with step("package the model with its preparation code, and prove it"):
        call(*TRIMTAB, "package")
    with step("serve it, and play October to it as live traffic"), serving() as address:
        call(sys.executable, "traffic.py", f"{address}/v1/models/flights/rows")
    with step("score October in batch"):
        call(*TRIMTAB, "score", "flights", "scratch/live.parquet", "-o", "scratch/scored.parquet", "--overwrite")
    with step("days later it is known which flights were late: tell the journal, and export a set to retrain on"):
        call(sys.executable, "later.py", "tell")
        call(*TRIMTAB, "truth", "scratch/told.csv", "--value", "late")
        call(*TRIMTAB, "log", "flights", "--limit", "3", "--columns", "time,id,in_carrier,in_dest,out_probability")
        call(*TRIMTAB, "truth", "--status")
        export = ("--truth", "required", "-o", "scratch/retrain.parquet", "--overwrite")
        call(*TRIMTAB, "export", "flights", *export)
        call(sys.executable, "later.py", "check")
    with step("in November two challengers are flown: one breaks on real flights, one has learnt from October"):
        fly()
    with step("compare, and draw"):
        status = compare()
    with step("release it: the same bytes to dev, then, with evidence, to prod; and what the history says of it"):
        release()
    print(f"\nall done in {time.perf_counter() - start:.0f} s; look at demo/report.html")
    print("next:  cd demo && ../.venv/bin/trimtab serve         # and open the page that it names")
    print("       cd demo && ../.venv/bin/trimtab ask flights   # in another terminal")
    return status


def compare() -> int:
    """Prints the table and writes the report; 1 when answers differ."""
    from report import report_page
    from results import read_results, summary_rows

    results = read_results(nyc.WORK)
    width = max(len(name) for name, _ in summary_rows(results))
    for name, text in summary_rows(results):
        print(f"   {name:<{width}}  {text}")
    page = nyc.DEMO / "report.html"
    part = page.with_suffix(".part")
    part.write_text(report_page(results), encoding="utf-8")
    part.replace(page)
    if not results.agree:
        print("   the answers differ", file=sys.stderr)
    return 0 if results.agree else 1


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"`{Path(error.cmd[1]).name}` ended with status {error.returncode}")
    except KeyboardInterrupt:
        sys.exit(130)
