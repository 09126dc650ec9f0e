"""Three times what a server can do, offered without waiting: how much of its capacity is still answered in time.

    python benchmarks/overload.py    about two and a half minutes

The server runs on the first core, the load on the last one. Capacity (closed loop, 64 connections) and overload (open
loop) are measured in turns, so a ratio has both from the same few seconds. Writes benchmarks/results/overload.md.
"""

from __future__ import annotations

import argparse
import http.client
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import naughty
from contenders import LIBRARIES, MODELS, TRIMTAB, bundle_of, ours
from environments import WORK, publish, versions
from load import load
from measure import Others, machine, spread, table
from openloop import Offered, offer
from processes import free_port, running
from serving import settled
from workloads import WORKLOADS, Body, requests_of, write_pool

TIMES = 3
CONNECTIONS = 64
DEADLINE_MS = 1000
CAPACITY_S, OVERLOAD_S = 2, 3
PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Case:
    """A server: the words of `serve`, where it is asked, what it is asked."""

    name: str
    what: str
    serve: tuple[str, ...]
    path: str
    bodies: Sequence[Body]


@dataclass(frozen=True, slots=True)
class Pair:
    """Requests a second that a waiting caller gets, and what became of three times as many."""

    capacity: float
    seen: Offered

    @property
    def goodput(self) -> float:
        """Answers in time, over the capacity."""
        return self.seen.good / self.seen.seconds / self.capacity


def cases() -> list[Case]:
    """A model in user Python, in a worker process; two calls of a compiled one in the serving process."""
    naughty.bundles(naughty.BUSY_MS + 4)
    rows = [Body({"Content-Type": "application/json"}, naughty.body(x, naughty.BUSY_MS + 4)) for x in range(64)]
    words = ("--store", str(naughty.STORE), naughty.NAME)
    found = [Case("worker", "user Python in a worker, 4 ms of CPU a request", words, naughty.PATH, rows)]
    for workload in [one for one in WORKLOADS if one.name in ("W3", "W5b")]:
        bodies, _ = requests_of(workload, "oip-binary" if workload.binary else "oip", MODELS)
        bundle = bundle_of(workload.model)
        serve = (str(bundle), "--store", str(Path(bundle).parents[2]))
        found.append(Case(workload.name, f"compiled, inline: {workload.what}", serve, TRIMTAB.path, bodies))
    return found


@contextmanager
def up(python: Path, case: Case) -> Iterator[tuple[str, int]]:
    """The server on the first core, once it has answered; its address and its process."""
    port = free_port()
    first = str(min(os.sched_getaffinity(0)))
    command = ["taskset", "-c", first, str(python), "-m", "trimtab", "serve", *case.serve, "--port", str(port)]
    with tempfile.TemporaryDirectory(prefix="bench") as folder, running(command, Path(folder)) as server:
        deadline = time.monotonic() + PATIENCE_S
        while ask(port, case) != http.client.OK:
            assert server.child.poll() is None, f"no server: {server.said}"
            assert time.monotonic() < deadline, f"no answer: {server.said}"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}{case.path}", server.child.pid


def ask(port: int, case: Case) -> int:
    """The status of one answer; 0 for none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", case.path, case.bodies[0].data, case.bodies[0].headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def measured(python: Path, case: Case, turns: int) -> list[Pair]:
    """Turns of both, the load on the last core."""
    pool = WORK / "pools" / f"overload-{case.name}"
    pool.parent.mkdir(exist_ok=True)
    write_pool(pool, case.bodies)
    everywhere = os.sched_getaffinity(0)
    with up(python, case) as (url, pid):
        os.sched_setaffinity(0, {max(everywhere)})
        try:
            load(url, pool, CONNECTIONS, 1)
            return [pair(url, pool, pid) for _ in range(turns)]
        finally:
            os.sched_setaffinity(0, everywhere)


def pair(url: str, pool: Path, pid: int) -> Pair:
    """One turn of each, once the server has worked off what the last turn left in its connections."""
    settled(pid)
    seen = load(url, pool, CONNECTIONS, CAPACITY_S)
    capacity = (seen.requests - seen.failed) / seen.seconds
    found = Pair(capacity, offer(url, pool, TIMES * capacity, OVERLOAD_S, DEADLINE_MS))
    print(f"  capacity {capacity:.0f}/s, goodput {found.goodput:.0%}, {found.seen}", flush=True)
    return found


def line(case: Case, pairs: Sequence[Pair]) -> list[str]:
    """One line of the table."""
    seen = [pair.seen for pair in pairs]
    rest: Counter[str] = Counter()
    for one in seen:
        rest.update(one.statuses)
        rest.update({"late": one.late, "no answer": one.lost, "not sent": one.unsent})
    whole = sum(rest.values()) + sum(one.good for one in seen)
    shares = ", ".join(f"{name} {count / whole:.1%}" for name, count in rest.items() if count)
    return [
        case.name,
        spread([pair.capacity for pair in pairs], 0),
        f"{median(one.offered / one.seconds / pair.capacity for one, pair in zip(seen, pairs, strict=True)):.1f}x",
        spread([pair.goodput * 100 for pair in pairs], 0),
        f"{sum(one.good for one in seen) / whole:.1%}",
        shares,
        str(sum(one.bare for one in seen)),
        spread([one.p50_ms for one in seen], 0),
        spread([one.p99_ms for one in seen], 0),
        spread([one.lag_ms for one in seen], 0),
    ]


HEAD = [
    "case",
    "capacity, req/s",
    "offered",
    "goodput, % of capacity",
    "in time",
    "the rest",
    "refusals without Retry-After",
]
HEAD += ["p50, ms", "p99, ms", "generator late by, ms"]
PAGE = """# Three times the load that a server can carry

Goodput is answers 200 within the deadline of {deadline} ms, which every request states in `x-request-timeout-ms` and
which counts from when the request was due. Wanted: at least 90 % of the capacity, and every other request refused with
429 or 503 and `Retry-After`. Median (lowest-highest) of {turns} turns.

{table}

{what}

The server, with everything that it starts and its defaults, has the first core for itself; the load comes from the last
one. Capacity: wrk, closed loop, {connections} connections, {capacity} s. Overload: `openloop.py`, requests at random
times of three times that rate, each on an idle connection or a new one, {overload} s after 1.5 s that do not
count. With only one core, or on a machine that does other things, the generator takes from the server what it
measures.

A refusal costs the server reading, parsing and answering: where that is 1/20 of what an answer costs, 90 % at three
times the load is the most that any server can reach on its core. One row of a small compiled model costs hardly more
than its refusal, so no such case is here.

Machine: {machine}; other programs took {others:.1f} cores meanwhile.
Versions: {versions}.

Written by `python benchmarks/overload.py`.
"""


def main() -> None:
    """Measures, prints and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--only", nargs="+", help="these cases, by name")
    parser.add_argument("--keep", action="store_true", help="keep the environment for the next time")
    args = parser.parse_args()
    with ours(keep=args.keep) as python:
        others, lines, whats = Others(), [], []
        for case in cases():
            if not args.only or case.name in args.only:
                print(case.name, flush=True)
                lines.append(line(case, measured(python, case, args.turns)))
                whats.append(f"- {case.name}: {case.what}")
        text = PAGE.format(
            deadline=DEADLINE_MS, turns=args.turns, table=table(HEAD, lines), what="\n".join(whats),
            connections=CONNECTIONS, capacity=CAPACITY_S, overload=OVERLOAD_S, machine=machine(),
            others=others.cores(), versions=versions(python, [*TRIMTAB.versions, *LIBRARIES]),
        )  # fmt: skip
    publish("overload.md", text)


if __name__ == "__main__":
    main()
