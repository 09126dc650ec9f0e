"""What guards and watches a request costs it: auth, the journal; checks, metrics, deadlines, admission, ids.

    python benchmarks/guards.py    about two minutes

Auth and journal as the difference of whole servers under load, in turns. What no server is without: in process, each
guard alone in us of its thread's CPU, in turns. Writes benchmarks/results/guards.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from contenders import ASKED, LIBRARIES, LOGGED, NAMED, TRIMTAB, bundle_of, ours
from environments import HERE, publish, versions
from measure import Others, machine, spread, table
from processes import surroundings
from serving import pool_of, started, turn
from workloads import WORKLOADS, Workload

CONNECTIONS = 16
LIMIT_US = 15
VARIANTS = {"neither": "", "an API key": NAMED + ASKED, "the journal": NAMED + LOGGED, "both": NAMED + ASKED + LOGGED}
GUARDS = ("ids", "metrics", "admission", "deadline", "check")
CHOSEN = ("W1", "W2")


def in_process(python: Path, workload: Workload, pool: Path) -> dict[str, list[float]]:
    """Microseconds of each guard, by turns."""
    command = [str(python), str(HERE / "guarding.py"), str(bundle_of(workload.model)), str(pool)]
    variables = surroundings() | {"OMP_NUM_THREADS": "1"}
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=variables, timeout=120).stdout
    found: dict[str, list[float]] = json.loads(said.splitlines()[-1])
    return found


def servers(python: Path, workload: Workload, turns: int) -> tuple[dict[str, list[float]], Path]:
    """CPU us a request of each variant, in turns."""
    seen: dict[str, list[float]] = {name: [] for name in VARIANTS}
    with ExitStack() as stack:
        peers = {name: replace(TRIMTAB, project=project) for name, project in VARIANTS.items()}
        ups = {name: stack.enter_context(started(peer, python, workload)) for name, peer in peers.items()}
        pools = {name: pool_of(up, workload) for name, up in ups.items()}
        for number in range(turns + 1):
            for name, up in ups.items():
                found = turn(up, pools[name], CONNECTIONS, 1)
                assert not found.failed, f"{found.failed} requests failed with {name}"
                if number:
                    seen[name].append(found.cpu_us)
    return seen, pools["neither"]


def differences(seen: dict[str, list[float]]) -> list[str]:
    """What each costs more than neither, turn by turn."""
    bare, *others = seen.values()
    return [spread([more - less for more, less in zip(side, bare, strict=True)], 1) for side in others]


PAGE = """# What guards and watches a request

Microseconds of CPU a request, median (lowest-highest). Wanted: at most {limit} us for all of them together.

## What callers and operators may want

`trimtab serve` with its defaults, under load at {connections} connections in {turns} turns: neither, callers that show
an API key, a journal that every answer waits for (`written`), and both. The differences are taken turn by turn.

{outside}

## What no server is without

In process, each guard alone, with another body each call, {rounds} turns of all. `check needed` (columns as arrays in a
table) is what a model needs in any case. This is the price of a request that is read in full; on the express lane the
kernel checks what it reads, and only ids and metrics are left.

{inside}

There is no reference profile and no trace sampling yet: the figure is that of the guards that exist.

Machine: {machine}; other programs took {others:.1f} cores meanwhile.
Versions: {versions}.

Written by `python benchmarks/guards.py`.
"""


def inside_line(workload: Workload, found: dict[str, list[float]]) -> list[str]:
    """One line of the first table; the sum leaves out what is needed in any case."""
    needed = found["check needed"]
    sums = [sum(found[name][at] for name in GUARDS) - needed[at] for at in range(len(needed))]
    return [workload.name, *(spread(found[name], 1) for name in (*GUARDS, "check needed")), spread(sums, 1)]


def main() -> None:
    """Measures, prints and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--keep", action="store_true", help="keep the environment for the next time")
    args = parser.parse_args()
    with ours(keep=args.keep) as python:
        others, inside, outside, rounds = Others(), [], [], 0
        for workload in [one for one in WORKLOADS if one.name in CHOSEN]:
            print(workload.name, flush=True)
            seen, pool = servers(python, workload, args.turns)
            outside.append([workload.name, spread(seen["neither"], 1), *differences(seen)])
            found = in_process(python, workload, pool)
            rounds = len(found["ids"])
            inside.append(inside_line(workload, found))
        text = PAGE.format(
            limit=LIMIT_US, rounds=rounds, turns=args.turns, connections=CONNECTIONS,
            inside=table(["workload", *GUARDS, "check needed", "all, less what is needed"], inside),
            outside=table(["workload", "neither", *(f"{name}, more" for name in list(VARIANTS)[1:])], outside),
            machine=machine(), others=others.cores(), versions=versions(python, [*TRIMTAB.versions, *LIBRARIES]),
        )  # fmt: skip
    publish("guards.md", text)


if __name__ == "__main__":
    main()
