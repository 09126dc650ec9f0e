"""What normal callers see of renewals, swaps of the bundle, and a model or a process that misbehaves.

    python benchmarks/faults.py    about two minutes

A real server of a bundle in user Python (mischief/model.py), callers that never stop, faults on purpose.
Writes benchmarks/results/faults.md.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import naughty
from callers import CALLERS, Traffic, Up, until
from contenders import TRIMTAB, prepared
from environments import HERE, WORK, kept, versions
from measure import Others, machine, spread, table
from processes import end_cleanly, family, free_port, running
from trimtab.bundle.store import Store

TIMEOUT_S = 2.0
ALLOWED_S = 2.0
SWAPS = 10
TIMES = 5
SETTINGS = {"answer_timeout_s": TIMEOUT_S, "heartbeat_timeout_s": TIMEOUT_S, "memory": 400_000_000}


@contextmanager
def started(python: Path, processes: int, workers: int = 1) -> Iterator[Up]:
    """The server, once it has answered."""
    port = free_port()
    command = naughty.launched(python, port=port, processes=processes, workers=workers, **SETTINGS)
    with tempfile.TemporaryDirectory(prefix="bench") as folder, running(command, Path(folder)) as server:
        up = Up(port, server)
        until(lambda: up.ask(1.0), server)
        yield up


def renewed(up: Up) -> None:
    """One SIGHUP, until fresh processes have taken over."""
    before = up.events("renewed")
    up.server.child.send_signal(signal.SIGHUP)
    until(lambda: up.events("renewed") > before, up.server)


RENEWAL = ("rolling renewal, the same bundle (SIGHUP)", 1)
SWAPPED = (f"{SWAPS} hot swaps of the bundle", SWAPS)
COMPILED = (f"{SWAPS} hot swaps of a compiled model", SWAPS)


def changes(python: Path, digests: list[str], *kinds: tuple[str, int]) -> list[list[str]]:
    """Renewals of all processes, of the same bundle or between two, under load."""
    lines = []
    for what, count in kinds:
        with started(python, 2) as up, Traffic(up) as traffic:
            time.sleep(0.5)
            for number in range(count):
                if count > 1:
                    Store(naughty.STORE).tag(naughty.NAME, "latest", digests[number % 2])
                renewed(up)
            time.sleep(2)  # the old processes drain
        lines.append([what, str(traffic.right + traffic.wrong), str(traffic.wrong), f"{traffic.longest_s * 1e3:.0f}"])
        print(lines[-1], flush=True)
    return lines


def misbehaved(python: Path, what: str, do: float) -> list[str]:
    """Normal callers on two workers beside requests that misbehave; then how long one worker alone is away."""
    with started(python, 1, 2) as up:
        with Traffic(up) as traffic:
            for number in range(TIMES):
                up.ask(-1e7 - number, do)
                time.sleep(0.5)
        share = traffic.right / (traffic.right + traffic.wrong)
    with started(python, 1) as up:
        away = [outage(up, lambda number=number: up.ask(-2e7 - number, do)) for number in range(3)]
    return row(what, traffic, share, away)


def outage(up: Up, fault: Callable[[], object]) -> float:
    """Seconds from a fault until a normal request is answered again, however often it must be asked."""
    begin = time.perf_counter()
    guilty = threading.Thread(target=fault)
    guilty.start()
    time.sleep(0.05)  # it is with the worker now
    until(lambda: up.ask(1.0, patience_ms=200), up.server)
    took = time.perf_counter() - begin
    guilty.join()
    time.sleep(0.5)
    return took


def struck(python: Path, what: str, number: int) -> list[str]:
    """The same with a signal to a serving process."""

    def strike(up: Up) -> None:
        with suppress(ProcessLookupError):
            os.kill(up.serving()[0], number)

    with started(python, 2) as up:
        with Traffic(up) as traffic:
            for _ in range(2):
                time.sleep(0.5)
                strike(up)
                time.sleep(TIMEOUT_S + ALLOWED_S)
        share = traffic.right / (traffic.right + traffic.wrong)
    with started(python, 1) as up:
        away = [outage(up, lambda: strike(up)) for _ in range(3)]
        assert family(up.server.child.pid)
    return row(what, traffic, share, away)


def row(what: str, traffic: Traffic, share: float, away: list[float]) -> list[str]:
    """One line of the second table."""
    counts = [str(traffic.right + traffic.wrong), str(traffic.wrong), f"{share:.3%}"]
    cells = [what, *counts, f"{traffic.longest_s * 1e3:.0f}", spread(away), f"{TIMEOUT_S + ALLOWED_S:.1f}"]
    print(cells, flush=True)
    return cells


MODEL = (("raises", naughty.RAISE), ("crashes (SIGKILL)", naughty.CRASH), ("exits", naughty.EXIT))
MODEL += (("hangs", naughty.HANG), ("leaks 50 MB a request", naughty.LEAK))
PROCESS = (("serving process killed", signal.SIGKILL), ("serving process stopped, as if hung", signal.SIGSTOP))
PAGE = """# Faults beside normal callers

{callers} callers that keep their connections and ask a model in user Python. Renewals, swaps and signals: two serving
processes of one worker each; a model that misbehaves: one of two workers, as `trimtab serve` has them here. Every
answer is compared. A gap is the longest time in which no caller got a right answer. The compiled model, a linear one,
runs inside of the serving processes.

| what | requests | failed | longest gap, ms |
| --- | --- | --- | --- |
{changes}

Wanted: none failed.

Then {times} requests that misbehave, half a second apart and each with other rows, or a signal to a serving process,
twice. The last columns are from a server of one process with one worker, where nobody else can answer: seconds from the
fault until a normal request is answered, median (lowest-highest) of 3. A call of the model, and a process that is
silent, counts as hung after {timeout:.0f} s (`answer_timeout_s`, `heartbeat_timeout_s`).

{faults}

Wanted: at least 99.9 % right, back within the timeout and {allowed:.0f} s. A request that a killed serving process had
already taken is lost with it, as with any server; callers that keep a connection see that as a failure.

The callers share the cores with the server.

Machine: {machine}; other programs took {others:.1f} cores meanwhile.
Versions: {versions}.

Written by `python benchmarks/faults.py`.
"""
HEAD = ["what", "normal requests", "failed", "right", "longest gap, ms", "back after, s", "allowed, s"]


def main() -> None:
    """Measures, prints and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="keep the environment for the next time")
    args = parser.parse_args()
    end_cleanly()
    WORK.mkdir(exist_ok=True)
    with kept("peers/trimtab", keep=args.keep):
        python = prepared(TRIMTAB)
        digests, others = naughty.bundles(), Others()
        changed = changes(python, digests, RENEWAL, SWAPPED)
        faults = [misbehaved(python, what, do) for what, do in MODEL]
        faults += [struck(python, what, number) for what, number in PROCESS]
        changed += changes(python, naughty.compiled(), COMPILED)
        text = PAGE.format(
            callers=CALLERS, times=TIMES, timeout=TIMEOUT_S, allowed=ALLOWED_S, faults=table(HEAD, faults),
            changes="\n".join("| " + " | ".join(line) + " |" for line in changed), machine=machine(),
            others=others.cores(), versions=versions(python, TRIMTAB.versions),
        )  # fmt: skip
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results/faults.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
