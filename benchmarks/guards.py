"""What guards and watches a request costs it: checks, metrics, deadlines, admission, ids.

    python benchmarks/guards.py    about two minutes

Twice: in process, each guard alone in us of its thread's CPU, in turns; and as the difference of whole servers under
load, put together without a guard (guarded.py), in turns too. Writes benchmarks/results/guards.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from contenders import LIBRARIES, TRIMTAB, Peer, bundle_of, ours
from environments import HERE, publish, versions
from limits import until_open
from measure import Others, machine, spread, table
from processes import free_port, running, surroundings
from serving import Start, Up, pool_of, turn
from workloads import WORKLOADS, Workload

CONNECTIONS = 16
LIMIT_US = 15
VARIANTS: tuple[tuple[str, ...], ...] = ((), ("metrics",), ("check",), ("metrics", "check"))
GUARDS = ("ids", "metrics", "admission", "deadline", "check")
CHOSEN = ("W1", "W2")


def in_process(python: Path, workload: Workload, pool: Path) -> dict[str, list[float]]:
    """Microseconds of each guard, by turns."""
    command = [str(python), str(HERE / "guarding.py"), str(bundle_of(workload.model)), str(pool)]
    variables = surroundings() | {"OMP_NUM_THREADS": "1"}
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=variables, timeout=120).stdout
    found: dict[str, list[float]] = json.loads(said.splitlines()[-1])
    return found


def servers(python: Path, workload: Workload, turns: int) -> tuple[list[list[float]], Path]:
    """CPU us a request of each variant, in turns."""
    seen: list[list[float]] = [[] for _ in VARIANTS]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        ups = []
        for without in VARIANTS:
            port, peer = free_port(), Peer(" ".join(without), "", (), TRIMTAB.path, "oip", "oip-binary", ())
            command = [str(python), str(HERE / "guarded.py"), str(bundle_of(workload.model)), str(port), *without]
            server = stack.enter_context(running(command, folder, {"OMP_NUM_THREADS": "1"}))
            until_open(port)
            ups.append(Up(peer, port, server, Start(0, 0)))
        pool, *_ = [pool_of(up, workload) for up in ups]
        for number in range(turns + 1):
            for side, up in enumerate(ups):
                found = turn(up, pool, CONNECTIONS, 1)
                assert not found.failed, f"{found.failed} requests failed without {VARIANTS[side]}"
                if number:
                    seen[side].append(found.cpu_us)
    return seen, pool


def differences(seen: Sequence[Sequence[float]]) -> list[str]:
    """What leaving it out saves, turn by turn."""
    return [spread([whole - less for whole, less in zip(seen[0], side, strict=True)], 1) for side in seen[1:]]


PAGE = """# What guards and watches a request

Microseconds of CPU a request, median (lowest-highest). Wanted: at most {limit} us for all of them together.

## In process

Each guard alone, with another body each call, {rounds} turns of all. `check needed` (columns as arrays in a table) is
what a model needs in any case.

{inside}

## Whole servers

The data plane in one process, put together from its public parts with and without a guard, under load at
{connections} connections in {turns} turns; the difference is taken turn by turn. Ids, admission and deadlines cannot
be left out by composition. On a busy machine the spread is larger than what is measured here: the first table decides.

{outside}

There is no journal, no auth, no reference profile and no trace sampling yet: the figure is that of the guards that
exist.

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
            outside.append([workload.name, spread(seen[0], 1), *differences(seen)])
            found = in_process(python, workload, pool)
            rounds = len(found["ids"])
            inside.append(inside_line(workload, found))
        text = PAGE.format(
            limit=LIMIT_US, rounds=rounds, turns=args.turns, connections=CONNECTIONS,
            inside=table(["workload", *GUARDS, "check needed", "all, less what is needed"], inside),
            outside=table(["workload", "whole", *(f"without {' and '.join(one)}" for one in VARIANTS[1:])], outside),
            machine=machine(), others=others.cores(), versions=versions(python, [*TRIMTAB.versions, *LIBRARIES]),
        )  # fmt: skip
    publish("guards.md", text)


if __name__ == "__main__":
    main()
